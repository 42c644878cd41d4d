"""What the operators of a step launched on a GPU, kernel by kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import KernelRow

from .kernel_names import short_name

_SHOWN = 4


def kernel_rows(operators: Iterable[Operator]) -> tuple[KernelRow, ...]:
    """One row a short name, what took longest first; none where nothing was launched."""
    counts: dict[str, int] = {}
    durations_s: dict[str, float] = {}
    for kernel in (kernel for operator in operators for kernel in operator.kernels):
        name = short_name(kernel.name)
        counts[name] = counts.get(name, 0) + 1
        durations_s[name] = durations_s.get(name, 0.0) + kernel.duration_s
    total_s = sum(durations_s.values())
    return tuple(
        KernelRow(name, counts[name], durations_s[name] / total_s if total_s else 0.0)
        for name in sorted(counts, key=lambda name: (-durations_s[name], name))
    )


def launched_text(rows: Sequence[KernelRow]) -> str:
    """``gemm ×12 (80 %), add (20 %)``: counts, and shares of the rows' time."""
    more = [f"{len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
    return ", ".join((*(row.text for row in rows[:_SHOWN]), *more)) or "no kernel"


def differ(a: Sequence[KernelRow], b: Sequence[KernelRow]) -> bool:
    """Whether other kernels were launched, or as often not."""
    return {(row.name, row.launches) for row in a} != {(row.name, row.launches) for row in b}
