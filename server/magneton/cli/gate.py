"""``--fail-on``: which results make the exit status 1."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison, Finding, SideName

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
    deciding = max(result.findings, key=_saving_j, default=None)
    told = [(each.class_, each.wasteful_side) for each in result.findings if each.regions]
    if deciding is not None:
        told.append((result.verdict, deciding.wasteful_side))
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


def _saving_j(finding: Finding) -> float:
    return finding.saving_j.value if isinstance(finding.saving_j, Quantity) else 0.0
