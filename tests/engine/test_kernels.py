"""Kernels of a GPU in findings, from recordings whose kernels were written down by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from magneton.engine.assemble import Sites
from magneton.engine.confirming import Confirmer
from magneton.engine.redundant import suspect
from magneton.source.positions import Locator
from magneton_agent.kernels import with_kernels
from magneton_agent.schema.recording import Kernel, Recording
from magneton_agent.schema.result import Finding, KernelRow, Region
from tests.agent.recordings import recorded
from tests.engine.explained import explained, seconds

HERE = Path(__file__)
PREFIX = "void at::native::vectorized_elementwise_kernel<4, at::native::"
EXP, LOG, SIGMOID = (
    Kernel(f"{PREFIX}{name}, std::array<char*, 2ul> >(int)", 2e-6)
    for name in ("ExpFunctor<float>", "LogFunctor<float>", "SigmoidFunctor<float>")
)


def launching(step: Callable[[], Tensor], *kernels: Sequence[Kernel]) -> Recording:
    """A recording whose operators launched ``kernels``, one entry each."""
    recording = recorded(step)
    names = [operator.name for operator in recording.operators]
    assert len(names) == len(kernels)
    return with_kernels(recording, names, [tuple(each) for each in kernels])


def compared(folder: Path, a: Recording, b: Recording) -> tuple[Finding, tuple[Region, ...]]:
    """The one finding of two steps, in which every operator takes a second, and the regions."""
    costs = (seconds(a), seconds(b))
    told, regions = explained(folder, (a, b), costs, Confirmer({}, {}, 0.1))
    (found,) = told.findings
    return found, regions


X = torch.randn(64)


def written_out() -> Recording:
    """1 / (1 + exp(-x)), where the addition is one kernel and a copy."""
    return launching(
        lambda: 1 / (1 + torch.exp(-X)),
        *([LOG], [EXP], [replace(LOG, duration_s=6e-6), EXP], [LOG], [LOG]),
    )


def test_what_both_sides_launch_is_evidence(tmp_path: Path) -> None:
    fused = launching(lambda: torch.sigmoid(X), [SIGMOID])
    found, (region,) = compared(tmp_path, written_out(), fused)
    kind = "vectorized_elementwise_kernel"
    assert [each.text for each in found.evidence if each.kind == "kernels"] == [
        f"side a launches {kind}<LogFunctor> ×4 (75 %), {kind}<ExpFunctor> ×2 (25 %)",
        f"side b launches {kind}<SigmoidFunctor> (100 %)",
    ]
    assert region.b.kernels == (KernelRow(f"{kind}<SigmoidFunctor>", 1, 1.0),)
    assert [each.launches for each in region.a.kernels] == [4, 2]


def test_a_host_that_waits_for_the_device_is_the_cause(tmp_path: Path) -> None:
    waiting = launching(lambda: X * X.sum().item(), [LOG], [], [EXP])
    found, _ = compared(tmp_path, waiting, launching(lambda: X * X.sum(), [LOG], [EXP]))
    assert found.cause is not None
    assert (found.cause.kind, found.cause.name) == ("synchronisation", "X.sum().item()")
    assert (found.cause.wasteful_value, found.cause.efficient_value) == ("once", "never")
    assert found.cause.location is not None


def test_nothing_is_said_where_nothing_was_launched(tmp_path: Path) -> None:
    found, _ = compared(
        tmp_path, recorded(lambda: 1 / (1 + torch.exp(-X))), recorded(lambda: torch.sigmoid(X))
    )
    assert [each.kind for each in found.evidence if each.kind == "kernels"] == []


def test_what_repeated_work_launches_is_evidence() -> None:
    step = launching(lambda: torch.exp(X) + torch.exp(X), [EXP], [EXP, LOG], [LOG])
    (found,) = suspect("a", Sites(step, Locator(HERE.parent)), seconds(step), 0.01).findings()
    assert found.evidence[-1].text == (
        "all but the needed times launch vectorized_elementwise_kernel<ExpFunctor> (50 %), "
        "vectorized_elementwise_kernel<LogFunctor> (50 %)"
    )
