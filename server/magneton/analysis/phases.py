"""What the parts of a step cost that have a name: ``prefill``, ``decode``, or the program's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import PhaseRow

from .cost import SideCost


def phase_rows(recording: Recording, cost: SideCost) -> tuple[PhaseRow, ...]:
    """Energy and time of the operators of every named part, in the order of first use."""
    found: dict[str, list[int]] = {}
    for operator in recording.operators:
        if operator.named_phase:
            found.setdefault(operator.named_phase, []).append(operator.id)
    return tuple(
        PhaseRow(name, cost.energy_of(chosen), cost.duration_of(chosen), len(chosen))
        for name, chosen in found.items()
    )


def phases_text(recording: Recording, operators: Iterable[int]) -> str | None:
    """``operators by phase: 95 decode, 1 prefill``; None where none of them is in a named part."""
    counts = Counter(recording.operators[i].named_phase for i in operators)
    if not any(counts):
        return None
    parts = (f"{count} {name or 'outside of any'}" for name, count in counts.most_common())
    return f"operators by phase: {', '.join(parts)}"
