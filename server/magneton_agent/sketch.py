"""Layout-invariant sketches of tensors: power sums and extrema in one pass.

Chunked, because a chunk that stays in cache costs a tenth of what whole-tensor expressions do.
"""

from __future__ import annotations

import functools
import math

import torch
from torch.nn.parameter import is_lazy

from . import nonfinite
from .schema.recording import Sketch, ValueKind
from .small_sums import MOST_ELEMENTS, SmallSums

CHUNK_CPU = 1 << 16
CHUNK_GPU = 1 << 24
_STRIDED = torch.strided
_SMALL = 1e-8  # the fourth power of smaller numbers leaves float32's range


@functools.cache
def kind_of(dtype: torch.dtype) -> ValueKind:
    """The kind of number that a tensor of ``dtype`` holds."""
    if dtype == torch.bool:
        return "bool"
    if dtype.is_complex:
        return "complex"
    return "float" if dtype.is_floating_point else "int"


class Sketcher:
    """Computes sketches; keeps scratch buffers between calls."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[torch.dtype, torch.device], torch.Tensor] = {}
        self._small = SmallSums()
        self._repeats: dict[int, int] = {}  # of small tensors whose elements count several times
        self._found: dict[int, Sketch | None] = {}

    def sketch(self, tensor: torch.Tensor) -> Sketch | None:
        """The sketch of ``tensor`` of any shape, or None where its elements cannot be read
        (sparse, quantised, on the meta device, not yet made, empty)."""
        self.sketch_later(tensor, 0)
        return self.finish()[0]

    def sketch_later(self, tensor: torch.Tensor, number: int) -> None:
        """Have what :meth:`sketch` tells of ``tensor`` as it is now among what :meth:`finish`
        gives, by ``number``."""
        if torch._C._len_torch_function_stack() == 0:
            self._take(tensor, number)
        else:
            with torch._C.DisableTorchFunction():  # the program's own modes need not see this
                self._take(tensor, number)

    def finish(self) -> dict[int, Sketch | None]:
        """The sketches since the last time, by number."""
        found, repeats = self._found, self._repeats
        self._found, self._repeats = {}, {}
        with torch._C.DisableTorchFunction():
            for number, elements, sums in self._small.finish():
                found[number] = _combined(elements, [sums], repeats.get(number, 1))
        return found

    def _take(self, tensor: torch.Tensor, number: int) -> None:
        if self._small.set_aside_bytes(tensor, number):
            return
        if not readable(tensor):
            self._found[number] = None
            return
        if tensor.requires_grad:
            tensor = tensor.detach()
        if tensor._is_zerotensor():
            tensor = with_memory(tensor)
        on_cpu = tensor.is_cpu
        if on_cpu and tensor.numel() <= MOST_ELEMENTS and not tensor.is_complex():
            self._small.set_aside(tensor, number)
            return
        compact, repeats = _without_repeats(tensor)
        flat = _flat_real(compact)
        elements = flat.numel()
        if on_cpu and elements <= MOST_ELEMENTS:
            self._repeats[number] = repeats
            self._small.set_aside(flat, number)
            return
        chunks = flat.split(CHUNK_CPU if on_cpu else CHUNK_GPU)
        parts = [self._sums(_computable(chunk)) for chunk in chunks]
        self._found[number] = _combined(elements, parts, repeats)

    def _sums(self, chunk: torch.Tensor) -> list[float]:
        """[min, max, sum x, |x|, x^2, x^3, x^4] of one chunk, shape (n,); where elements are not
        finite, of the others, and how many are NaN, inf and -inf."""
        sums = self._power_sums(chunk)
        largest = max(abs(sums[0]), abs(sums[1]))
        if chunk.dtype != torch.float64 and (0.0 < largest < _SMALL or not _finite(sums)):
            # The elements may be in float32's range and only their fourth powers outside.
            chunk = chunk.double()
            sums = self._power_sums(chunk)
        if _finite(sums):
            return sums
        rest, counts = nonfinite.split(chunk)
        return [*(self._power_sums(rest) if len(rest) else nonfinite.NOTHING), *counts]

    def _power_sums(self, chunk: torch.Tensor) -> list[float]:
        squares = self._buffer(chunk)
        low, high = torch.aminmax(chunk)
        absolute = torch.abs(chunk, out=squares).sum()
        torch.mul(chunk, chunk, out=squares)
        parts = [low, high, chunk.sum(), absolute, squares.sum()]
        parts += [torch.dot(squares, chunk), torch.dot(squares, squares)]
        return [float(part) for part in torch.stack(parts).tolist()]

    def _buffer(self, chunk: torch.Tensor) -> torch.Tensor:
        key = (chunk.dtype, chunk.device)
        buffer = self._buffers.get(key)
        if buffer is None or buffer.numel() < chunk.numel():
            with torch.inference_mode(False):  # to be written outside of inference mode too
                buffer = self._buffers[key] = torch.empty_like(chunk)
        return buffer[: chunk.numel()]


def readable(tensor: torch.Tensor) -> bool:
    """Whether ``tensor`` has elements that torch can compute with. Its memory may have been given
    back (sharded training does so): reading it then would end the process."""
    return (
        not is_lazy(tensor)
        and tensor.layout is _STRIDED
        and (tensor.is_cpu or tensor.is_cuda)
        and not tensor.is_quantized
        and tensor.numel() > 0
        and tensor.untyped_storage().nbytes() > 0
    )


def with_memory(zeros: torch.Tensor) -> torch.Tensor:
    """The same zeros where operators can read them: those that forward-mode derivatives begin with
    have no memory."""
    return torch.zeros((), dtype=zeros.dtype, device=zeros.device).expand(zeros.shape)


def _without_repeats(tensor: torch.Tensor) -> tuple[torch.Tensor, int]:
    """``tensor`` with one element of each expanded dimension, and how often each then counts:
    flattening an expanded mask would give it the memory that the program saved."""
    if 0 not in tensor.stride():
        return tensor, 1
    expanded = [
        size > 1 and stride == 0 for size, stride in zip(tensor.shape, tensor.stride(), strict=True)
    ]
    if not any(expanded):
        return tensor, 1
    compact = tensor[tuple(0 if each else slice(None) for each in expanded)]
    return compact, tensor.numel() // compact.numel()


def _flat_real(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    if tensor.is_neg():
        tensor = tensor.resolve_neg()
    if tensor.dim() == 1:
        return tensor
    if not tensor.is_contiguous():
        # Memory order, where the tensor is dense, spares a copy; the order does not matter.
        order = sorted(range(tensor.dim()), key=tensor.stride, reverse=True)
        tensor = tensor.permute(order)
    return tensor.reshape(-1)


def _computable(chunk: torch.Tensor) -> torch.Tensor:
    if chunk.dtype in (torch.float32, torch.float64):
        return chunk
    return chunk.to(torch.float32 if chunk.is_floating_point() else torch.float64)


def _combined(distinct: int, parts: list[list[float]], repeats: int) -> Sketch:
    elements = distinct * repeats
    if len(parts) == 1 and len(parts[0]) == 7 and repeats == 1:  # seven sums alone are finite
        low, high, total, absolute, square, cube, fourth = parts[0]
        return Sketch(elements, total, absolute, square, cube, fourth, low, high, finite=True)
    if not all(_finite(part[2:7]) for part in parts):
        return Sketch(elements, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, finite=False)
    low, high = min(part[0] for part in parts), max(part[1] for part in parts)
    if low > high:  # there is no finite element
        low = high = 0.0
    total, absolute, square, cube, fourth = (
        repeats * math.fsum(part[i] for part in parts) for i in range(2, 7)
    )
    out = nonfinite.counted(parts, repeats)
    return Sketch(elements, total, absolute, square, cube, fourth, low, high, out is None, out)


def _finite(sums: list[float]) -> bool:
    return math.isfinite(sum(sums))
