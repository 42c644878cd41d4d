"""Columns of numbers as bytes and back: little-endian 64 bits each, checked a column at a time.

Strings and lists that occur again and again are kept once and named by their index.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)
N = TypeVar("N", int, float)
NONE = -1  # in a column of indices: no such thing
INTEGERS, FLOATS = ".i64", ".f64"


class ColumnError(ValueError):
    """A column does not hold what the format says."""


class Table(Generic[T]):
    """Distinct items in the order in which they were first seen."""

    def __init__(self) -> None:
        self._index: dict[T, int] = {}

    def index(self, item: T) -> int:
        return self._index.setdefault(item, len(self._index))

    @property
    def items(self) -> tuple[T, ...]:
        return tuple(self._index)


class ColumnWriter:
    """Collects columns in ``members``, by name, and their strings in ``strings``."""

    def __init__(self) -> None:
        self.members: dict[str, bytes] = {}
        self.strings = Table[str]()

    def integers(self, name: str, values: Iterable[int]) -> None:
        self.members[name + INTEGERS] = _little_endian(array("q", values)).tobytes()

    def floats(self, name: str, values: Iterable[float]) -> None:
        self.members[name + FLOATS] = _little_endian(array("d", values)).tobytes()

    def texts(self, name: str, values: Iterable[str | None]) -> None:
        """Strings by their index; None is -1."""
        index = self.strings.index
        self.integers(name, (NONE if each is None else index(each) for each in values))

    def lists(self, name: str, values: Sequence[Sequence[int]]) -> None:
        """Lists of integers: how many each has, and all of them in a row."""
        self.integers(f"{name}.count", map(len, values))
        self.integers(f"{name}.items", (item for each in values for item in each))


class ColumnReader:
    """Reads columns; ``member`` gives the bytes of one, ``strings`` are those they refer to.

    Every method raises ColumnError for a column that breaks the format. ``size``, where given, is
    how many entries there must be; ``below`` bounds integers, which are never under ``least``.
    """

    def __init__(self, member: Callable[[str], bytes], strings: Sequence[str]) -> None:
        self._member, self._strings = member, strings

    def integers(
        self, name: str, size: int | None = None, below: int | None = None, least: int = 0
    ) -> tuple[int, ...]:
        values = tuple(self._fill(array("q"), name + INTEGERS, size))
        if values and (min(values) < least or (below is not None and max(values) >= below)):
            raise ColumnError(f"{name} holds a number out of range")
        return values

    def floats(self, name: str, size: int | None = None) -> tuple[float, ...]:
        values = tuple(self._fill(array("d"), name + FLOATS, size))
        # Only where infinities cancel out is a sum not a number without any such summand.
        if math.isnan(sum(values)) and any(map(math.isnan, values)):
            raise ColumnError(f"{name} holds what is not a number")
        return values

    def seconds(self, name: str, size: int | None = None) -> tuple[float, ...]:
        """Finite floats from 0 on."""
        values = self.floats(name, size)
        if values and (min(values) < 0 or math.isinf(max(values))):
            raise ColumnError(f"{name} holds what is no time")
        return values

    def flags(self, name: str, size: int | None = None) -> tuple[bool, ...]:
        return tuple(map(bool, self.integers(name, size, below=2)))

    def texts(
        self, name: str, size: int | None = None, among: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        """Strings; with ``among`` only those."""
        found = self.integers(name, size, below=len(self._strings))
        unknown = {self._strings[i] for i in set(found)} - set(among or ()) if among else set()
        if unknown:
            raise ColumnError(f"{name} holds {', '.join(map(repr, sorted(unknown)))}")
        return tuple(map(self._strings.__getitem__, found))

    def texts_or_none(self, name: str, size: int | None = None) -> tuple[str | None, ...]:
        found = self.integers(name, size, below=len(self._strings), least=NONE)
        texts = (*self._strings, None)  # the index -1 is the last
        return tuple(map(texts.__getitem__, found))

    def lists(
        self, name: str, size: int | None = None, below: int | None = None
    ) -> tuple[tuple[int, ...], ...]:
        counts = self.integers(f"{name}.count", size)
        items = self.integers(f"{name}.items", sum(counts), below)
        ends = tuple(accumulate(counts, initial=0))
        return tuple(map(items.__getitem__, map(slice, ends, ends[1:])))

    def text_lists(self, name: str) -> Iterator[tuple[str, ...]]:
        """Lists of strings."""
        for each in self.lists(name, below=len(self._strings)):
            yield tuple(map(self._strings.__getitem__, each))

    def _fill(self, column: array[N], name: str, size: int | None) -> array[N]:
        data = self._member(name)
        if len(data) % column.itemsize or size not in (None, len(data) // column.itemsize):
            raise ColumnError(f"{name} has {len(data)} bytes, not those of {size} entries")
        column.frombytes(data)
        return _little_endian(column)


def _little_endian(column: array[N]) -> array[N]:
    """``column`` turned between this machine's order of bytes and the file's, in place."""
    if sys.byteorder == "big":
        column.byteswap()
    return column
