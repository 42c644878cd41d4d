"""Layout-invariant sketches of tensors: power sums and extrema in one pass.

Chunked, because a chunk that stays in cache costs a tenth of what whole-tensor expressions do.
"""

from __future__ import annotations

import math

import torch

from .schema.recording import Sketch, ValueKind

CHUNK_CPU = 1 << 16
CHUNK_GPU = 1 << 24


def kind_of(tensor: torch.Tensor) -> ValueKind:
    """The kind of number that ``tensor`` holds."""
    if tensor.dtype == torch.bool:
        return "bool"
    if tensor.is_complex():
        return "complex"
    return "float" if tensor.is_floating_point() else "int"


class Sketcher:
    """Computes sketches; keeps one scratch buffer per dtype and device between calls."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[torch.dtype, torch.device], torch.Tensor] = {}

    def sketch(self, tensor: torch.Tensor) -> Sketch | None:
        """The sketch of ``tensor`` of any shape, or None where its elements cannot be read
        (sparse, quantised, on the meta device, empty)."""
        if not _readable(tensor):
            return None
        flat = _flat_real(tensor.detach())
        size = CHUNK_CPU if flat.device.type == "cpu" else CHUNK_GPU
        parts = [self._sums(_computable(chunk)) for chunk in flat.split(size)]
        return _combined(flat.numel(), parts)

    def _sums(self, chunk: torch.Tensor) -> list[float]:
        """[min, max, sum x, |x|, x^2, x^3, x^4] of one chunk, shape (n,)."""
        sums = self._power_sums(chunk)
        if chunk.dtype != torch.float64 and not all(map(math.isfinite, sums[2:])):
            # The elements may be finite and only their fourth power too large for float32.
            sums = self._power_sums(chunk.double())
        return sums

    def _power_sums(self, chunk: torch.Tensor) -> list[float]:
        squares = self._buffer(chunk)
        low, high = torch.aminmax(chunk)
        absolute = torch.abs(chunk, out=squares).sum()
        torch.mul(chunk, chunk, out=squares)
        parts = [low, high, chunk.sum(), absolute, squares.sum()]
        parts += [torch.dot(squares, chunk), torch.dot(squares, squares)]
        return [float(part) for part in torch.stack([part.double() for part in parts]).tolist()]

    def _buffer(self, chunk: torch.Tensor) -> torch.Tensor:
        key = (chunk.dtype, chunk.device)
        buffer = self._buffers.get(key)
        if buffer is None or buffer.numel() < chunk.numel():
            buffer = self._buffers[key] = torch.empty_like(chunk)
        return buffer[: chunk.numel()]


def _readable(tensor: torch.Tensor) -> bool:
    return (
        tensor.layout == torch.strided
        and tensor.device.type in ("cpu", "cuda")
        and not tensor.is_quantized
        and tensor.numel() > 0
    )


def _flat_real(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    tensor = tensor.resolve_neg()
    if tensor.dim() > 1 and not tensor.is_contiguous():
        # Memory order, where the tensor is dense, spares a copy; the order does not matter.
        order = sorted(range(tensor.dim()), key=tensor.stride, reverse=True)
        tensor = tensor.permute(order)
    return tensor.reshape(-1)


def _computable(chunk: torch.Tensor) -> torch.Tensor:
    if chunk.dtype in (torch.float32, torch.float64):
        return chunk
    return chunk.to(torch.float32 if chunk.is_floating_point() else torch.float64)


def _combined(elements: int, parts: list[list[float]]) -> Sketch:
    low, high = min(part[0] for part in parts), max(part[1] for part in parts)
    if not all(math.isfinite(number) for part in parts for number in part):
        return Sketch(elements, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, finite=False)
    total, absolute, square, cube, fourth = (
        math.fsum(part[i] for part in parts) for i in range(2, 7)
    )
    return Sketch(elements, total, absolute, square, cube, fourth, low, high, finite=True)
