"""How long diagnosis took, case by case, against its aim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

AIM_S = 30.0


@dataclass(frozen=True)
class Diagnosed:
    """One run of a case; None seconds where nothing seemed wasteful, so that nothing was
    diagnosed."""

    name: str
    duration_s: float | None


def summary(runs: Sequence[Diagnosed], aim_s: float = AIM_S) -> str:
    """The sum, the median and the longest of what was diagnosed, and which took longer than the
    aim."""
    told = [(each.duration_s, each.name) for each in runs if each.duration_s is not None]
    if not told:
        return "diagnosis: none was needed"
    times = [duration_s for duration_s, _ in told]
    text = (
        f"diagnosis: {sum(times):.0f} s in {len(told)} of {len(runs)} runs, median "
        f"{median(times):.0f} s, longest {max(times):.0f} s; "
    )
    missed = sorted((each for each in told if each[0] > aim_s), reverse=True)
    if not missed:
        return f"{text}all within the aim of {aim_s:.0f} s"
    names = ", ".join(f"{name} ({duration_s:.0f} s)" for duration_s, name in missed)
    return f"{text}{len(missed)} missed the aim of {aim_s:.0f} s: {names}"
