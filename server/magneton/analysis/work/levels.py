"""From which level of memory operators take their bytes: the second-level cache or beyond it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .amount import Traffic, Work


@dataclass(frozen=True)
class Bytes:
    """Bytes that one operator moves within the cache, and between it and memory."""

    cache: float
    memory: float


def levels(steps: Sequence[Work], cache_bytes: int) -> tuple[Bytes, ...]:
    """Where the bytes of each of ``steps`` come from and go to.

    The cache holds what was used last, whole tensors at a time; it starts with what the step
    before left in it. A tensor larger than the cache passes through.
    """
    cache = _Cache(cache_bytes)
    for work in steps:
        cache.pass_through(work)
    return tuple(cache.pass_through(work) for work in steps)


class _Cache:
    """Tensors in the order of their last use, by the number of their memory."""

    def __init__(self, capacity: int) -> None:
        self._capacity, self._used = capacity, 0
        self._held = OrderedDict[int, int]()

    def pass_through(self, work: Work) -> Bytes:
        """Where ``work`` finds its bytes; it leaves them in the cache."""
        missed = self._missed(work.reads) + self._too_large(work.writes)
        self._missed(work.writes)
        total = sum(each.bytes for each in (*work.reads, *work.writes))
        return Bytes(cache=float(total - missed), memory=float(missed))

    def _too_large(self, writes: Iterable[Traffic]) -> int:
        return sum(each.bytes for each in writes if each.bytes > self._capacity)

    def _missed(self, accesses: Iterable[Traffic]) -> int:
        return sum(each.bytes for each in accesses if not self._found(each))

    def _found(self, access: Traffic) -> bool:
        before = self._held.pop(access.storage, 0)
        self._used -= before
        if access.bytes > self._capacity:
            return False
        self._held[access.storage] = max(before, access.bytes)
        self._used += self._held[access.storage]
        while self._used > self._capacity:
            self._used -= self._held.popitem(last=False)[1]
        return before >= access.bytes
