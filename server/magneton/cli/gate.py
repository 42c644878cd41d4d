"""``--fail-on``: which results make the exit status 1."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.deciding import decided_by
from magneton_agent.schema.result import Comparison, SideName

_ONE_SIDED = ("waste", "performance", "trade-off")
CLASSES = (*_ONE_SIDED, "unresolved", "different")


@dataclass(frozen=True)
class Failing:
    """A class that fails a gate; with ``side`` only where that side is the costlier one."""

    class_: str
    side: SideName | None = None


def failing(text: str) -> frozenset[Failing]:
    """A comma-separated list of classes, those of one side written ``a:CLASS`` or ``b:CLASS``."""
    return frozenset(_one(name.strip()) for name in text.split(","))


def fails(result: Comparison, gate: Iterable[Failing]) -> bool:
    """Whether the verdict or a finding of ``result`` is among ``gate``.

    Work that both sides repeat is not what makes one of them the costlier: of one side it counts
    only where it decides the verdict.
    """
    told = [(each.class_, each.wasteful_side) for each in result.findings if each.regions]
    if (decides := decided_by(result)) is not None:
        told.append((decides.class_, decides.wasteful_side))
    anywhere = {result.verdict, *(each.class_ for each in result.findings)}
    return any(
        each.class_ in anywhere if each.side is None else (each.class_, each.side) in told
        for each in gate
    )


def _one(text: str) -> Failing:
    side, colon, class_ = text.rpartition(":")
    if not colon and class_ in CLASSES:
        return Failing(class_)
    if side in ("a", "b") and class_ in _ONE_SIDED:
        return Failing(class_, "a" if side == "a" else "b")
    raise argparse.ArgumentTypeError(
        f"{text}: not among {', '.join(CLASSES)}, nor a: or b: before {', '.join(_ONE_SIDED)}"
    )
