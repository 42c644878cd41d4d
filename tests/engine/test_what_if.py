"""One program under the knobs that it does not set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from magneton.analysis.statistics import Interval
from magneton.engine import store
from magneton.engine import what_if as module
from magneton.engine.change import Change
from magneton.engine.request import (
    DeclaredKnob,
    Options,
    Progress,
    SideRequest,
    WhatIfRequest,
)
from magneton.engine.trial import Trial, Untried
from magneton.engine.what_if import what_if
from magneton_agent.schema.errors import EXIT_USAGE, MagnetonError
from magneton_agent.schema.judging import Per
from magneton_agent.schema.messages import Loaded
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs
from magneton_agent.schema.what_if import WhatIf
from tests import builders
from tests.analysis.steps import blocks, cost, loaded, operator, recording
from tests.engine.command import PYTHON, QUICK, run

pytestmark = pytest.mark.quiet

PROGRAM = """\
import torch


def build(rows=4):
    x = torch.randn(rows, 64)
    return lambda: x + x
"""
Outcome = Callable[[Change], Trial | Untried]


def trial(change: Change, energy: Interval, outputs: Outputs) -> Trial:
    each = cost(blocks(*[(1.0,)] * 6), (1.0,), energy_j=1.5)
    made = recording([operator("add")])
    return Trial(change, outputs, (made, made), (each, each), energy, energy, Options(), None)


def tried(
    monkeypatch: pytest.MonkeyPatch,
    outcome: Outcome,
    said: list[Progress] | None = None,
    **changes: Any,
) -> WhatIf:
    """What becomes of a program of one addition, each trial of which is made by ``outcome``;
    ``said`` gets the progress."""

    class FakeTrials:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        async def __aenter__(self) -> FakeTrials:
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

        async def unchanged(self) -> tuple[Loaded, Recording]:
            return loaded(), recording([operator("add")])

        async def try_change(self, change: Change, confidence: float) -> Trial | Untried:
            return outcome(change)

    async def measured(*_: object) -> object:
        return builders.measurement()

    monkeypatch.setattr(module, "Trials", FakeTrials)
    monkeypatch.setattr(module, "measure", measured)
    request = WhatIfRequest("/w", SideRequest("a.py:build", "python"), **changes)
    return asyncio.run(what_if(request, (said if said is not None else []).append))


def sure(value: float) -> Interval:
    return Interval(value, value * 0.99, value * 1.01)


def test_what_saves_most_comes_first_and_what_could_not_be_tried_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def outcome(change: Change) -> Trial | Untried:
        if change.conversion:
            return Untried("the step holds no module to compile")
        saved = {"1": 1.25, "2": 2.0, "3": 0.5, "4": 4.0}[change.parameters["rows"]]
        same = change.parameters["rows"] != "4"
        return trial(change, sure(saved), Outputs("outputs", same, 0.0 if same else 0.5))

    knobs = (DeclaredKnob("rows", ("1", "2", "3", "4")),)
    found = tried(monkeypatch, outcome, knobs=knobs)
    assert [(row.name, row.class_, row.front) for row in found.knobs] == [
        ("rows=2", "saving", True),
        ("rows=1", "saving", False),
        ("rows=4", "trade-off", True),
        ("rows=3", "costlier", False),
        ("compile", "untried", False),
    ]
    assert found.front is False
    best = found.knobs[0]
    assert isinstance(best.saving_ratio, Quantity)
    assert isinstance(best.saving_j, Quantity)
    assert best.saving_ratio.value == 0.5
    assert best.saving_j.value == 1.0  # of the step's 2 J
    step_j = builders.measurement().side.energy_j
    assert isinstance(step_j, Quantity)
    assert best.saving_j.low < 0.5 * step_j.low  # the doubts of both
    assert isinstance(best.energy_j, Quantity)
    assert best.energy_j.high > 0.5 * step_j.high
    assert found.knobs[-1].reason == "the step holds no module to compile"
    assert found.schema == "magneton.what-if/1"
    assert found.breakdown == builders.measurement().breakdown


def test_what_seems_to_save_is_tried_again_and_the_second_look_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[str] = []
    said: list[Progress] = []

    def outcome(change: Change) -> Trial | Untried:
        looks.append(change.conversion or change.parameters["rows"])
        again = looks.count(looks[-1]) > 1
        energy = Interval(1.0, 0.8, 1.2) if again or looks[-1] != "2" else sure(3.0)
        return trial(change, energy, Outputs("outputs", True, 0.0))

    found = tried(monkeypatch, outcome, said, knobs=(DeclaredKnob("rows", ("1", "2")),))
    assert looks == ["compile", "1", "2", "2"]
    assert {row.class_ for row in found.knobs} == {"none"}
    assert [each.message for each in said] == [
        "loading the program again",
        "trying 1 of 3: compile",
        "trying 2 of 3: rows=1",
        "trying 3 of 3: rows=2",
        "trying again 1 of 1: rows=2",
    ]
    fractions = [each.fraction for each in said]
    assert fractions == sorted(fractions)


def test_values_that_look_alike_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome(change: Change) -> Trial | Untried:
        saved = {"'1'": 2.0, "1": 4.0}.get(change.parameters.get("n", ""), 1.0)
        return trial(change, sure(saved), Outputs("outputs", True, 0.0))

    found = tried(monkeypatch, outcome, knobs=(DeclaredKnob("n", ("1", "'1'")),))
    assert [(row.name, row.advice) for row in found.knobs[:2]] == [
        ("n=1", "n=1"),
        ("n='1'", "n='1'"),
    ]
    ratios = [row.saving_ratio for row in found.knobs[:2]]
    assert [each.value for each in ratios if isinstance(each, Quantity)] == [0.75, 0.5]


def test_a_parameter_that_is_counted_is_judged_by_one_of_what_it_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def outcome(change: Change) -> Trial | Untried:
        return trial(change, sure(0.5), Outputs("outputs", False, None))  # twice the energy

    (row,) = (
        row
        for row in tried(
            monkeypatch,
            outcome,
            knobs=(DeclaredKnob("rows", ("16",)),),
            options=Options(per=Per("rows", 4.0)),
        ).knobs
        if row.name == "rows=16"
    )
    assert row.class_ == "saving"  # for four times the work
    assert isinstance(row.saving_ratio, Quantity)
    assert isinstance(row.energy_j, Quantity)
    assert row.saving_ratio.value == 0.5
    assert row.energy_j.value == 1.0  # of the step's 2 J, for as much work
    assert row.outputs == Outputs("none", None, None)


def test_a_real_program(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    arguments = ("what-if", "program.py:build", "--device", "cpu", "--json", "result.json")
    ended = run(QUICK, tmp_path, *arguments, "--knob", "rows=many")
    assert (ended.status, ended.left) == (0, ()), ended.error
    result = store.load_result(tmp_path / "result.json")
    assert isinstance(result, WhatIf)
    rows = {row.name: row for row in result.knobs}
    assert rows["inference-mode"].outputs == Outputs("outputs", True, 0.0)
    assert rows["compile"].reason == "the step holds no module to compile"
    assert rows["rows='many'"].reason is not None
    assert "build raised TypeError" in rows["rows='many'"].reason
    assert "compile was not tried" in ended.out
    assert json.loads((tmp_path / ".magneton" / "last.json").read_text())["knobs"]


def test_a_trace_cannot_be_tried(tmp_path: Path) -> None:
    request = WhatIfRequest(str(tmp_path), SideRequest("none.magneton-trace", PYTHON))
    with pytest.raises(MagnetonError):
        asyncio.run(what_if(request, lambda progress: None))


def test_a_knob_that_the_program_does_not_take_ends_the_run_at_once(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.replace("    x =", "    print('built')\n    x ="))
    request = WhatIfRequest(
        str(tmp_path),
        SideRequest("program.py:build", PYTHON),
        knobs=(DeclaredKnob("rows", ("1",)), DeclaredKnob("row", ("1",))),
    )
    said: list[Progress] = []
    with pytest.raises(MagnetonError) as refused:
        asyncio.run(what_if(request, said.append))
    assert refused.value.fact == "build has no parameter 'row'"
    assert refused.value.remedy == "did you mean rows?"
    assert refused.value.exit_status == EXIT_USAGE
    assert refused.value.log == ()  # it was not called
    assert [each.phase for each in said] == ["load"]


def test_a_script_has_no_parameters_to_try(tmp_path: Path) -> None:
    side = SideRequest("script.py", "no such interpreter")
    request = WhatIfRequest(str(tmp_path), side, knobs=(DeclaredKnob("rows", ("1",)),))
    with pytest.raises(MagnetonError) as refused:
        asyncio.run(what_if(request, lambda progress: None))
    assert refused.value.fact == "script.py has no parameter 'rows'"
    assert refused.value.exit_status == EXIT_USAGE


@pytest.mark.parametrize("value", ["0", "-4", "0.0", "1e999", "True", "'many'", "None"])
def test_as_much_work_as_nothing_can_be_divided_by_is_refused(tmp_path: Path, value: str) -> None:
    request = WhatIfRequest(
        str(tmp_path),
        SideRequest("program.py:build", "no such interpreter"),
        Options(per=Per("rows", 4.0)),
        (DeclaredKnob("rows", ("1", value)),),
    )
    with pytest.raises(MagnetonError) as refused:
        asyncio.run(what_if(request, lambda progress: None))
    assert refused.value.fact == f"rows={value} cannot be tried"
    assert refused.value.cause == (
        f"--per says that rows counts what a step does, and {value} of it is no finite number "
        "above 0"
    )
    assert refused.value.remedy == (
        "leave that value out, or name in --per something else than rows"
    )
    assert refused.value.exit_status == EXIT_USAGE


def test_a_value_below_none_may_be_tried_where_it_counts_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def outcome(change: Change) -> Trial | Untried:
        return trial(change, sure(1.0), Outputs("outputs", True, 0.0))

    found = tried(
        monkeypatch,
        outcome,
        knobs=(DeclaredKnob("axis", ("-1", "0")),),
        options=Options(per=Per("rows", 4.0)),
    )
    assert {"axis=-1", "axis=0"} <= {row.name for row in found.knobs}
