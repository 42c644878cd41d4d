"""Compares two folders of outputs, where no side runs that could do it with tensors.

The same measure as the agent's (``magneton_agent/outputs.py``), without torch and without NumPy.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from operator import mul, sub
from pathlib import Path
from typing import BinaryIO

from magneton_agent.schema.codec import from_json, to_json
from magneton_agent.schema.messages import OUTPUTS_INDEX, OutputCheck, OutputError

from .format import ITEM_BYTES, Leaf

Numbers = Sequence[complex]
_CHUNK = 1 << 16
_CODES = {
    "bool": "B",
    "int8": "b",
    "uint8": "B",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}


def write_index(folder: Path, leaves: Sequence[Leaf]) -> None:
    """Name what is in ``folder``, as an agent would."""
    text = json.dumps([to_json(leaf) for leaf in leaves])
    (folder / OUTPUTS_INDEX).write_text(text, encoding="utf-8")


def read_index(folder: Path) -> tuple[Leaf, ...]:
    """The outputs that an agent has put into ``folder``."""
    entries = json.loads((folder / OUTPUTS_INDEX).read_text(encoding="utf-8"))
    return tuple(from_json(Leaf, entry) for entry in entries)


def compare_outputs(reference: Path, found: Path) -> tuple[OutputCheck, ...]:
    """Pair the outputs in two folders by position; one without a partner differs."""
    a, b = read_index(reference), read_index(found)
    return tuple(
        _compared(number, x, y, (reference, found))
        if x is not None and y is not None
        else _alone(x or y, len(a), len(b))
        for number, (x, y) in enumerate(zip_longest(a, b))
    )


def _alone(leaf: Leaf | None, reference: int, found: int) -> OutputCheck:
    name = leaf.name if leaf is not None else ""
    text = f"{name} has no counterpart: {reference} outputs against {found}"
    return OutputCheck(name, False, None, text)


def _compared(number: int, a: Leaf, b: Leaf, folders: tuple[Path, Path]) -> OutputCheck:
    name = b.name
    if a.shape != b.shape:
        return OutputCheck(name, False, None, f"{name}: shape {a.shape} against {b.shape}")
    with (folders[0] / str(number)).open("rb") as x, (folders[1] / str(number)).open("rb") as y:
        error = error_of((x, a.dtype), (y, b.dtype))
    if error is None:
        text = f"{name}: {a.dtype} against {b.dtype} is compared byte by byte, and differs"
        return OutputCheck(name, False, None, text)
    equal = error.is_small(a.dtype, b.dtype)
    largest = error.largest if math.isfinite(error.largest) else None
    return OutputCheck(name, equal, largest, None if equal else error.told(name))


def error_of(reference: tuple[BinaryIO, str], found: tuple[BinaryIO, str]) -> OutputError | None:
    """How far one file of raw elements is from another, each with its dtype; None where a dtype
    cannot be read and the bytes differ."""
    decoders = _decoder(reference[1]), _decoder(found[1])
    if decoders[0] is None or decoders[1] is None:
        same = reference[1] == found[1] and reference[0].read() == found[0].read()
        return OutputError(0.0, 0.0) if same else None
    rms, count = _rms(_chunks(*reference), decoders[0])
    rms = rms or 1e-300
    reference[0].seek(0)
    worst, square = 0.0, 0.0
    for x, y in zip(_chunks(*reference), _chunks(*found), strict=True):
        if x != y or reference[1] != found[1]:
            a, b = decoders[0](x), decoders[1](y)
            worst = max(worst, _chunk_error(a, b, rms, worst))
            square += math.fsum(each * each for each in map(_apart, a, b) if math.isfinite(each))
    return OutputError(worst, math.sqrt(square / count) / rms if count else 0.0)


def _apart(x: complex, y: complex) -> float:
    return 0.0 if x == y else abs(x - y)


def _chunk_error(a: Numbers, b: Numbers, rms: float, worst: float) -> float:
    """The largest error of the elements, or something at most ``worst`` if it is no larger."""
    if _is_finite(a) and _is_finite(b):
        bound: float = max(map(abs, map(sub, a, b))) / rms
        if bound <= worst:  # no element's own scale is below the rms
            return bound
    return max(map(_element_error, a, b, [rms] * len(a)))


def _element_error(x: complex, y: complex, rms: float) -> float:
    if x == y or (x != x and y != y):  # noqa: PLR0124 only NaN differs from itself
        return 0.0
    error: float = abs(x - y) / max(abs(x), abs(y), rms)
    return math.inf if math.isnan(error) else error


def _is_finite(numbers: Numbers) -> bool:
    total = sum(numbers)
    return math.isfinite(total.real) and math.isfinite(total.imag)


def _rms(chunks: Iterator[bytes], decode: Callable[[bytes], Numbers]) -> tuple[float, int]:
    """Root mean square of the finite elements over the number of all, and that number."""
    square, count = 0.0, 0
    for chunk in chunks:
        sizes = list(map(abs, decode(chunk)))
        found = math.fsum(map(mul, sizes, sizes)) if _is_finite(sizes) else math.inf
        if math.isinf(found):
            found = math.fsum(x * x for x in sizes if math.isfinite(x))
        square, count = square + found, count + len(sizes)
    return (math.sqrt(square / count) if count else 0.0), count


def _chunks(file: BinaryIO, dtype: str) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK * ITEM_BYTES[dtype]):
        yield chunk


def _decoder(dtype: str) -> Callable[[bytes], Numbers] | None:
    """How bytes of ``dtype`` become numbers; None for the types of 8 bits that only hardware
    reads."""
    if dtype in _CODES:
        return lambda data: _array(_CODES[dtype], data)
    return {
        "float16": _halves,
        "bfloat16": _brain_floats,
        "complex32": lambda data: _complex(_halves(data)),
        "complex64": lambda data: _complex(_array("f", data)),
        "complex128": lambda data: _complex(_array("d", data)),
    }.get(dtype)


def _array(code: str, data: bytes) -> array[float]:
    found: array[float] = array(code)
    found.frombytes(data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _halves(data: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(data) // 2}e", data)


def _brain_floats(data: bytes) -> array[float]:
    """The upper halves of 32-bit floats."""
    wide = bytearray(2 * len(data))
    wide[2::4], wide[3::4] = data[0::2], data[1::2]
    return _array("f", bytes(wide))


def _complex(parts: Sequence[float]) -> list[complex]:
    return list(map(complex, parts[0::2], parts[1::2]))
