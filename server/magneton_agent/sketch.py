"""Layout-invariant sketches of tensors: power sums and extrema in one pass.

Chunked, because a chunk that stays in cache costs a tenth of what whole-tensor expressions do.
"""

from __future__ import annotations

import functools
import math

import torch
from torch.nn.parameter import is_lazy

from .schema.recording import Sketch, ValueKind

CHUNK_CPU = 1 << 16
CHUNK_GPU = 1 << 24
_SMALL = 1e-8  # the fourth power of smaller numbers leaves float32's range
_FEW = 16  # elements that Python sums faster than torch
_PRODUCTS = 2048  # elements up to which one matrix product is faster than a sum for each power


def kind_of(tensor: torch.Tensor) -> ValueKind:
    """The kind of number that ``tensor`` holds."""
    return _kind(tensor.dtype)


@functools.cache
def _kind(dtype: torch.dtype) -> ValueKind:
    if dtype == torch.bool:
        return "bool"
    if dtype.is_complex:
        return "complex"
    return "float" if dtype.is_floating_point else "int"


class Sketcher:
    """Computes sketches; keeps scratch buffers between calls."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[torch.dtype, torch.device], torch.Tensor] = {}
        self._products = PowerProducts()

    def sketch(self, tensor: torch.Tensor) -> Sketch | None:
        """The sketch of ``tensor`` of any shape, or None where its elements cannot be read
        (sparse, quantised, on the meta device, not yet made, empty)."""
        if not _readable(tensor):
            return None
        if torch._C._len_torch_function_stack() == 0:
            return self._sketch(tensor)
        with torch._C.DisableTorchFunction():  # modes of the program see what it does, not this
            return self._sketch(tensor)

    def _sketch(self, tensor: torch.Tensor) -> Sketch:
        if tensor.requires_grad:
            tensor = tensor.detach()
        compact, repeats = _without_repeats(tensor)
        flat = _flat_real(compact)
        elements = flat.numel()
        if elements <= _FEW:
            return _combined(elements, [_summed(flat.tolist())], repeats)
        if flat.device.type != "cpu":
            parts = [self._sums(_computable(chunk)) for chunk in flat.split(CHUNK_GPU)]
        elif elements <= _PRODUCTS:
            parts = [self._products.sums(flat)]
        else:
            parts = [self._sums(_computable(chunk)) for chunk in flat.split(CHUNK_CPU)]
        return _combined(elements, parts, repeats)

    def _sums(self, chunk: torch.Tensor) -> list[float]:
        """[min, max, sum x, |x|, x^2, x^3, x^4] of one chunk, shape (n,)."""
        sums = self._power_sums(chunk)
        if chunk.dtype == torch.float64:
            return sums
        largest = max(abs(sums[0]), abs(sums[1]))
        if 0.0 < largest < _SMALL or not all(map(math.isfinite, sums[2:])):
            # The elements may be in float32's range and only their fourth powers outside.
            sums = self._power_sums(chunk.double())
        return sums

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


class PowerProducts:
    """The sums of one small CPU tensor from one product: of the rows 1, x, x^2, |x| with
    themselves, in float64."""

    def __init__(self) -> None:
        with torch.inference_mode(False):
            self._rows = torch.ones(4, _PRODUCTS, dtype=torch.float64, device="cpu")
            self._results = torch.empty(18, dtype=torch.float64, device="cpu")
            self._products = self._results[:16].view(4, 4)
            self._extrema = self._results[16], self._results[17]
        self._views: dict[int, tuple[torch.Tensor, ...]] = {}

    def sums(self, flat: torch.Tensor) -> list[float]:
        """[min, max, sum x, |x|, x^2, x^3, x^4] of ``flat``, shape (n,)."""
        count = flat.numel()
        views = self._views.get(count)
        if views is None:
            rows = self._rows[:, :count]
            views = self._views[count] = (rows, rows.t(), rows[1], rows[2], rows[3])
        rows, columns, values, squares, magnitudes = views
        values.copy_(flat)
        torch.mul(values, values, out=squares)
        torch.abs(values, out=magnitudes)
        torch.aminmax(values, out=self._extrema)
        torch.mm(rows, columns, out=self._products)
        found: list[float] = self._results.tolist()
        return [found[16], found[17], found[1], found[3], found[2], found[6], found[10]]


def _summed(numbers: list[float]) -> list[float]:
    """As :meth:`PowerProducts.sums`, of a few numbers."""
    total = magnitude = squares = cubes = fourths = 0.0
    for number in numbers:
        value = float(number)
        square = value * value
        total += value
        magnitude += abs(value)
        squares += square
        cubes += square * value
        fourths += square * square
    # Python's extremes of NaN depend on the order; the sums say that there was one.
    return [float(min(numbers)), float(max(numbers)), total, magnitude, squares, cubes, fourths]


def _readable(tensor: torch.Tensor) -> bool:
    return (
        not is_lazy(tensor)
        and tensor.layout == torch.strided
        and tensor.device.type in ("cpu", "cuda")
        and not tensor.is_quantized
        and tensor.numel() > 0
    )


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
    if len(parts) == 1 and repeats == 1 and math.isfinite(sum(parts[0])):
        low, high, total, absolute, square, cube, fourth = parts[0]
        return Sketch(elements, total, absolute, square, cube, fourth, low, high, finite=True)
    low, high = min(part[0] for part in parts), max(part[1] for part in parts)
    if not all(math.isfinite(number) for part in parts for number in part):
        return Sketch(elements, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, finite=False)
    total, absolute, square, cube, fourth = (
        repeats * math.fsum(part[i] for part in parts) for i in range(2, 7)
    )
    return Sketch(elements, total, absolute, square, cube, fourth, low, high, finite=True)
