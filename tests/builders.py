"""Hand-made results for tests: valid by default, any field replaced by keyword.

The default comparison is a small one of a case file: side a of ``a.py`` uses a costlier
activation, 2.0 J against 1.5 J a step, 0.4 J of the difference in one region.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Absent, Quantity, Source
from magneton_agent.schema.result import (
    Breakdown,
    Breakdowns,
    Cause,
    Comparison,
    Conditions,
    Evidence,
    Finding,
    Instance,
    KernelRow,
    OperatorRow,
    Outputs,
    Region,
    RegionSide,
    Row,
    Side,
    Sides,
)
from magneton_agent.schema.what_if import WHAT_IF_SCHEMA, KnobRow, WhatIf


def quantity(
    value: float,
    low: float | None = None,
    high: float | None = None,
    source: Source = "modelled",
) -> Quantity:
    """A figure; its interval is 1 % to either side unless told."""
    margin = abs(value) * 0.01
    return Quantity(
        value,
        value - margin if low is None else low,
        value + margin if high is None else high,
        source,
    )


def location(
    path: str = "a.py", line: int = 1, column: int = 0, end_line: int = 0, end_column: int = 1
) -> Location:
    """A range in ``path``; it ends on its first line unless told."""
    return Location(path, None, Position(line, column), Position(end_line or line, end_column))


def conditions(**changes: Any) -> Conditions:
    default = Conditions(
        packages={"torch": "2.13.0", "transformers": "5.23.0"},
        cpu="Example CPU",
        gpu=None,
        driver=None,
        clocks=None,
        threads=4,
        settings={"torch.backends.cuda.matmul.allow_tf32": "False"},
        warnings=(),
    )
    return replace(default, **changes)


def side(joules: float = 2.0, **changes: Any) -> Side:
    """A side whose parts add up: 80 % operators, 10 % idle, 6 % host, 4 % residual."""
    default = Side(
        target="a.py:build",
        revision=None,
        files={"a.py": "0" * 64},
        python="3.11.9",
        torch="2.13.0",
        device="cpu",
        meter="model",
        conditions=conditions(),
        energy_j=quantity(joules),
        duration_s=quantity(joules / 20, source="measured"),
        operators=120,
        operators_j=quantity(joules * 0.80),
        idle_j=quantity(joules * 0.10),
        host_j=quantity(joules * 0.06),
        unmatched_j=quantity(joules * 0.05),
        residual_j=quantity(joules * 0.04),
        cpu_s=quantity(joules / 10, source="measured"),
    )
    return replace(default, **changes)


def region(**changes: Any) -> Region:
    default = Region(
        id="r1",
        class_="performance",
        a=RegionSide(
            operators=("aten::pow", "aten::mul", "aten::tanh"),
            energy_j=quantity(0.5),
            duration_s=quantity(0.025, source="measured"),
            location=location("a.py", 2, 12, end_column=23),
        ),
        b=RegionSide(
            operators=("aten::gelu",),
            energy_j=quantity(0.1),
            duration_s=quantity(0.005, source="measured"),
            location=location("b.py", 2, 12, end_column=24),
        ),
    )
    return replace(default, **changes)


def cause(**changes: Any) -> Cause:
    default = Cause(
        kind="argument",
        name="activation",
        wasteful_value="'written-out'",
        efficient_value="'fused'",
        location=location("a.py", 1, 8, end_column=24),
        confirmed=False,
    )
    return replace(default, **changes)


def finding(**changes: Any) -> Finding:
    default = Finding(
        id="f1",
        class_="performance",
        category="misconfiguration",
        regions=("r1",),
        count=1,
        wasteful_side="a",
        saving_j=quantity(0.4),
        saving_ratio=quantity(0.2),
        location=location("a.py", 2, 12, end_column=23),
        counterpart=location("b.py", 2, 12, end_column=24),
        call_path=(
            location("a.py", 2, 12, end_column=23),
            location("/opt/lib/activations.py", 61, 15, end_column=92),
        ),
        cause=cause(),
        evidence=(Evidence("call", "3 operators on side a, 1 on side b", None),),
        candidates=(),
        message="the activation is written out in small operators",
        remedy="pass activation='fused'",
        fix=None,
    )
    return replace(default, **changes)


def instance(label: str = "net.0", joules: float = 0.1, **changes: Any) -> Instance:
    default = Instance(label, 2, quantity(joules), quantity(joules / 20, source="measured"))
    return replace(default, **changes)


def repeated(**changes: Any) -> Finding:
    """Work that side a does four times, of which once is enough."""
    default = {
        "category": "redundant",
        "regions": (),
        "count": 4,
        "saving_j": quantity(0.3),
        "saving_ratio": quantity(0.15),
        "counterpart": None,
        "cause": cause(
            kind="redundant",
            name="table(x)",
            wasteful_value="4 times",
            efficient_value="once",
            location=None,
        ),
        "evidence": (Evidence("repeated", "`table(x)` ran 4 times: aten::cos", None),),
        "message": "`table(x)` is computed 4 times from the same values; once is enough",
        "remedy": "compute it once, before the loop, and pass it on as an argument",
        "instances": tuple(instance(f"net.{number}") for number in (1, 2, 3)),
    }
    return finding(**default | changes)


def row(label: str = "net.act", joules: float = 0.5, **changes: Any) -> Row:
    default = Row(
        label=label,
        location=None,
        operators=3,
        energy_j=quantity(joules),
        duration_s=quantity(joules / 20, source="measured"),
        share=joules / 2.0,
    )
    return replace(default, **changes)


KERNELS = (KernelRow("gemm", 2, 0.75), KernelRow("add<float>", 1, 0.25))


def breakdown(**changes: Any) -> Breakdown:
    default = Breakdown(
        by_range=(row("a.py:2:13", location=location("a.py", 2, 12, end_column=23)),),
        by_function=(row("forward"),),
        by_module=(row("net.act"), row("net.linear", 0.3)),
    )
    return replace(default, **changes)


def operator_row(**changes: Any) -> OperatorRow:
    default = OperatorRow(
        id=0,
        name="aten::tanh",
        phase="forward",
        module="net.act",
        location=location("a.py", 2, 12, end_column=23),
        duration_s=quantity(0.01, source="measured"),
        energy_j=quantity(0.2),
        region="r1",
    )
    return replace(default, **changes)


def comparison(**changes: Any) -> Comparison:
    default = Comparison(
        created="2025-01-02T03:04:05+00:00",
        magneton_version="0.1.0",
        sides=Sides(
            side(),
            side(1.5, target="b.py:build", files={"b.py": "1" * 64}, operators=100),
        ),
        outputs=Outputs("outputs", True, 2e-7),
        verdict="performance",
        regions=(region(),),
        findings=(finding(),),
        breakdowns=Breakdowns(
            breakdown(),
            breakdown(
                by_range=(row("b.py:2:13", 0.1, location=location("b.py", 2, 12, end_column=24)),),
                by_function=(row("forward", 0.1),),
                by_module=(row("net.act", 0.1), row("net.linear", 0.3)),
            ),
        ),
    )
    return replace(default, **changes)


def measurement(**changes: Any) -> Measurement:
    default = Measurement(
        created="2025-01-02T03:04:05+00:00",
        magneton_version="0.1.0",
        side=side(unmatched_j=Absent("one side alone: nothing to match with")),
        breakdown=breakdown(),
    )
    return replace(default, **changes)


def knob_row(name: str = "tf32", saving: float = 0.25, **changes: Any) -> KnobRow:
    default = KnobRow(
        name=name,
        advice=f"set({name!r})",
        effect="precision",
        class_="saving",
        saving_j=quantity(2.0 * saving),
        saving_ratio=quantity(saving),
        energy_j=quantity(2.0 - 2.0 * saving),
        duration_s=quantity(0.05, source="measured"),
        outputs=Outputs("outputs", True, 3e-4),
        front=True,
    )
    return replace(default, **changes)


def what_if(**changes: Any) -> WhatIf:
    """One knob that saves, one that saves at a price, one that could not be tried."""
    absent = Absent("it was not tried")
    measured = measurement()
    kept = {each.name: getattr(measured, each.name) for each in fields(measured)}
    default = WhatIf(
        **kept
        | {
            "schema": WHAT_IF_SCHEMA,
            "front": False,
            "knobs": (
                knob_row(),
                knob_row(
                    "bf16-autocast",
                    0.5,
                    class_="trade-off",
                    outputs=Outputs("outputs", False, 0.03, "output: elements differ"),
                ),
                knob_row(
                    "compile",
                    class_="untried",
                    effect="rounding",
                    saving_j=absent,
                    saving_ratio=absent,
                    energy_j=absent,
                    duration_s=absent,
                    outputs=None,
                    front=False,
                    reason="the step holds no module to compile",
                ),
            ),
        }
    )
    return replace(default, **changes)
