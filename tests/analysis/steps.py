"""Hand-made steps for tests: who ran what from where, how long it took, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from magneton.analysis.cost import SideCost, Timing
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Loaded, StepTiming
from magneton_agent.schema.quantity import Absent, Quantity, Source
from magneton_agent.schema.recording import Operator, Recording


def frame(function: str, line: int = 1, path: str = "/w/a.py", **changes: Any) -> Frame:
    """A frame of ``function`` at a call on ``line``; the function starts on line 1."""
    default = Frame(path, function, first_line=1, line=line, column=4, end_line=line, end_column=9)
    return replace(default, **changes)


def operator(name: str = "mul", **changes: Any) -> Operator:
    default = Operator(
        id=0,
        name=f"aten::{name}",
        inputs=(),
        outputs=(),
        arguments={},
        phase="forward",
        module="",
        stack=0,
        movement=False,
        forward=None,
    )
    return replace(default, **changes)


def recording(
    operators: Sequence[Operator],
    stacks: Sequence[tuple[int, ...]] = ((),),
    frames: Sequence[Frame] = (),
) -> Recording:
    """``operators``, numbered in order; ``stacks`` hold indices of ``frames``, innermost first."""
    return Recording(
        operators=tuple(replace(each, id=number) for number, each in enumerate(operators)),
        values=(),
        frames=tuple(frames),
        stacks=tuple(stacks),
        settings={},
        outputs=(),
        compiled=(),
    )


def timed(
    duration_s: Sequence[float], cpu_s: Sequence[float] | None = None, between_cpu_s: float = 0.0
) -> StepTiming:
    """One timed step; every operator keeps one CPU busy unless told."""
    busy_s = duration_s if cpu_s is None else cpu_s
    return StepTiming(tuple(duration_s), tuple(busy_s), between_cpu_s, between_cpu_s)


def blocks(*durations_s: Sequence[float]) -> Timing:
    """One block of one step for each of ``durations_s``."""
    return Timing(tuple((timed(each),) for each in durations_s))


def cost(
    timing: Timing,
    power_w: Sequence[float],
    energy_j: float = 10.0,
    source: Source = "modelled",
) -> SideCost:
    """A side that takes ``energy_j`` a step and whose operators draw ``power_w``."""
    first = timing.steps[0].duration_s
    operators_j = sum(d * w for d, w in zip(first, power_w, strict=True))
    return SideCost(
        energy_j=exact(energy_j, source),
        step_s=exact(sum(first), "measured"),
        idle_j=exact(0.0, source),
        host_j=Absent("nobody looked"),
        operators_j=exact(operators_j, source),
        residual_j=exact(energy_j - operators_j, source),
        duration_s=first,
        power_w=tuple(power_w),
        timing=timing,
        cpu_s=exact(sum(first), "measured"),
    )


def exact(value: float, source: Source = "modelled") -> Quantity:
    return Quantity(value, value, value, source)


def loaded(**changes: Any) -> Loaded:
    default = Loaded(
        python="3.11.9",
        torch="2.13.0",
        device="cpu",
        cpu="Example CPU",
        gpu=None,
        driver=None,
        clocks=None,
        threads=2,
        cpus=2,
        packages={},
        settings={},
        meter="model",
        meter_absent="no sensor",
        idle_power_w=None,
        mode_overhead_s=0.0,
        files={},
        parameters=(),
        warnings=(),
    )
    return replace(default, **changes)
