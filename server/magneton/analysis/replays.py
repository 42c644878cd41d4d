"""Which operators are worth running again beside a sensor, each of those that are the same once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity

from .sameness import Key

COVERED = 0.95  # of the operators' time; the rest costs less than measuring it would tell


@dataclass(frozen=True)
class Replay:
    """One call of an operator that was run alone: its energy, J, and its time, s, with all that the
    device waited for the host meanwhile."""

    energy_j: Quantity
    duration_s: float


Replays = dict[Key, Replay]
"""By what makes operators the same."""


@dataclass(frozen=True)
class Candidate:
    """An operator to be replayed: number ``operator`` of side ``side`` stands for all whose key it
    has. ``share`` is their part of the operators' time, on the side where that is larger."""

    key: Key
    side: int
    operator: int
    name: str
    share: float


def candidates(
    keys: Sequence[Sequence[Key]],
    durations_s: Sequence[Sequence[float]],
    wanted: Sequence[Iterable[int]],
) -> tuple[Candidate, ...]:
    """The operators that cover most of either side's time, and the ``wanted`` ones, costliest
    first. ``keys``, ``durations_s`` and ``wanted`` (numbers of operators) are by side.

    What both sides run is replayed on one of them, so that both have as much to do.
    """
    shares = [_shares(*side) for side in zip(keys, durations_s, strict=True)]
    chosen = dict[Key, float]()
    for own, side_keys, numbers in zip(shares, keys, wanted, strict=True):
        for key in (*_covering(own), *(side_keys[number] for number in numbers)):
            chosen[key] = max(each.get(key, 0.0) for each in shares)
    first = [_first(side) for side in keys]
    load = [0] * len(keys)
    found = []
    for key, share in sorted(chosen.items(), key=lambda each: -each[1]):
        side = min((i for i in range(len(keys)) if key in first[i]), key=lambda i: load[i])
        load[side] += 1
        found.append(Candidate(key, side, first[side][key], str(key[0]), share))
    return tuple(each for each in found if each.share > 0)


def _shares(keys: Sequence[Key], durations_s: Sequence[float]) -> dict[Key, float]:
    found = defaultdict[Key, float](float)
    total_s = sum(durations_s) or 1.0
    for key, duration_s in zip(keys, durations_s, strict=True):
        found[key] += duration_s / total_s
    return found


def _covering(shares: dict[Key, float]) -> list[Key]:
    """The largest shares until they are most of the whole."""
    found, covered = list[Key](), 0.0
    for key, share in sorted(shares.items(), key=lambda each: -each[1]):
        if covered >= COVERED:
            break
        found.append(key)
        covered += share
    return found


def _first(keys: Sequence[Key]) -> dict[Key, int]:
    found = dict[Key, int]()
    for number, key in enumerate(keys):
        found.setdefault(key, number)
    return found
