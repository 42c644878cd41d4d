"""Operators run again by workers that answer from a list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from magneton.engine import replaying
from magneton.engine.failures import WorkerFailed
from magneton.engine.replaying import OperatorEnergies
from magneton.engine.request import Options, Progress
from magneton_agent.schema.messages import (
    CallEnergy,
    Failure,
    NotReplayed,
    Replay,
    Replayed,
    ReplayItem,
)
from magneton_agent.schema.meters import BoardState
from magneton_agent.schema.recording import Kernel, Recording
from magneton_agent.schema.result import Refusal, SideName
from tests.analysis.steps import blocks, cost, exact, operator, recording
from tests.engine.fake_runners import FakeRunner

STEP = recording([operator("mm"), operator("add"), operator("mm"), operator("tiny")])
DURATIONS_S = (0.06, 0.02, 0.01, 0.001)
ENERGIES = {"aten::mm": 4.0, "aten::add": 2.0, "aten::gelu": 2.0}


def answered(request: Replay) -> Replayed:
    return Replayed(
        tuple(
            CallEnergy(item.operator, ENERGIES[item.name], 0.02, 0.001, 100, True)
            for item in request.operators
        )
    )


def side(
    answer: Callable[[Any], object] = answered, name: SideName = "a", order: Any = None
) -> FakeRunner:
    return FakeRunner({Replay: answer}, name, order).load(meter="nvml", idle_power_w=20.0)


def measured(
    sides: Sequence[FakeRunner],
    steps: Sequence[Recording] = (STEP,),
    step_s: float = 0.1,
    budget_s: float = 60.0,
    said: list[Progress] | None = None,
) -> tuple[OperatorEnergies, list[Any]]:
    costs = [
        replace(
            cost(blocks(*[DURATIONS_S] * 16), (100.0,) * 4, 10.0, "apportioned"),
            step_s=exact(step_s, "measured"),
        )
        for _ in sides
    ]
    energies = OperatorEnergies.unknown(sides, steps)
    found = asyncio.run(
        energies.measured(
            costs,
            [()] * len(sides),
            Options(time_budget_s=budget_s),
            (said if said is not None else []).append,
        )
    )
    return found, [found.cost(number, each) for number, each in enumerate(costs)]


def asked(runner: FakeRunner) -> list[tuple[ReplayItem, ...]]:
    return [each.operators for each in runner.asked if isinstance(each, Replay)]


def test_an_operator_of_the_host_does_not_stand_for_that_of_a_board() -> None:
    first, *rest = STEP.operators
    mixed = replace(STEP, operators=(replace(first, kernels=(Kernel("mm", 0.06),)), *rest))
    runner = side()
    _, (split,) = measured([runner], [mixed])
    assert [item.operator for items in asked(runner) for item in items] == [0]
    assert split.energy_of((0,)).source == "replayed"
    assert split.energy_of((2,)).source == "apportioned"


def test_the_costliest_are_replayed_one_request_each() -> None:
    runner, said = side(), list[Progress]()
    _, (split,) = measured([runner], said=said)
    assert [[item.name for item in items] for items in asked(runner)] == [
        ["aten::mm"],
        ["aten::add"],
    ]
    assert [items[0].operator for items in asked(runner)] == [0, 1]
    energy_j = split.energy_of((0,))
    # 2 % of its own and 2.5 % that a board wanders: 3.2 %.
    assert (energy_j.value, energy_j.low, energy_j.high) == pytest.approx(
        (4.0, 3.8719, 4.1281), abs=1e-4
    )
    assert energy_j.source == "replayed"
    assert split.energy_of((2,)).value == pytest.approx(4.0)
    assert split.energy_of((3,)).source == "apportioned"
    assert [each.message for each in said] == [
        "replaying 2 operators, 0 done",
        "replaying 2 operators, 1 done",
    ]


def test_a_long_step_is_run_once_for_several() -> None:
    runner = side()
    measured([runner], step_s=3.0)
    assert [len(items) for items in asked(runner)] == [2]


def test_both_sides_share_what_both_run() -> None:
    order: list[str] = []
    a, b = side(name="a", order=order), side(name="b", order=order)
    _, costs = measured([a, b], [STEP, STEP])
    assert order == ["a Replay", "b Replay"]
    assert [each.energy_of((0, 1)).value for each in costs] == pytest.approx([6.0, 6.0])


def test_how_boards_were_meanwhile_is_told_of_their_side() -> None:
    quiet = BoardState("GPU-1", "Board X", 70, 1980, 3201, (), (), ())
    held = replace(quiet, throttled=("power cap",))
    runner = side(lambda request: replace(answered(request), boards=(held,)), "b")
    slower = recording([operator("mm"), operator("gelu"), operator("mm"), operator("tiny")])
    found, _ = measured((side(), runner), (STEP, slower))
    assert found.warnings(0, [quiet]) == []
    (told,) = found.warnings(1, [quiet])
    assert told.startswith(
        "while operators were run alone the clocks of Board X were held down (power cap)"
    )
    assert found.warnings(1, [held]) == []


def test_what_could_not_be_replayed_stays_apportioned_with_its_reason() -> None:
    runner = side(lambda request: Replayed((NotReplayed(request.operators[0].operator, "odd"),)))
    found, (split,) = measured([runner])
    assert split.energy_of((0,)).source == "apportioned"
    assert split.energy_of((0,)).value == pytest.approx(6.0)
    summary = found.summary(0, split)
    assert summary is not None
    assert (summary.operators, summary.share) == (0, 0.0)
    assert summary.refused == (Refusal("aten::mm", 2, "odd"), Refusal("aten::add", 1, "odd"))


def test_a_step_that_fails_while_it_replays_fails_nothing_else() -> None:
    def failing(request: Any) -> object:
        raise WorkerFailed("side a", Failure("raised", "no memory", "", "", ()), (), ())

    found, (split,) = measured([side(failing)])
    assert split.energy_of((0,)).source == "apportioned"
    summary = found.summary(0, split)
    assert summary is not None
    assert {each.reason for each in summary.refused} == {"side a: no memory"}


def test_when_the_time_is_up_the_rest_is_apportioned() -> None:
    runner = side()
    found, (split,) = measured([runner], budget_s=0.1)
    assert asked(runner) == []
    summary = found.summary(0, split)
    assert summary is not None
    assert {each.reason for each in summary.refused} == {
        "the time budget was used up by costlier operators"
    }


def test_without_a_sensor_nothing_is_replayed() -> None:
    runner = side().load(meter="model")
    energies = OperatorEnergies.unknown([runner], [STEP])
    assert not energies.replayable
    modelled = cost(blocks(*[DURATIONS_S] * 16), (100.0,) * 4)
    assert energies.cost(0, modelled) is modelled
    assert energies.summary(0, modelled) is None


def test_an_operator_is_given_more_time_where_few_wait() -> None:
    runner = side()
    measured([runner], budget_s=60.0)
    # 18 s for two are more than the 2 s that one gets at most.
    assert asked(runner)[0][0].budget_s == replaying._MOST_S


def test_only_meters_that_the_agent_reads_can_tell_an_operator() -> None:
    for meter, able in (("nvml+rapl", True), ("rapl", True), ("csv:log.csv", False)):
        energies = OperatorEnergies.unknown([side().load(meter=meter)], [STEP])
        assert energies.replayable is able


def unread(name: SideName = "a", gpu: str | None = "NVIDIA H200") -> FakeRunner:
    """A side on a board whose energy nobody reads."""
    return FakeRunner({}, name).load(device="cuda:0", gpu=gpu)


def modelled(*sides: FakeRunner) -> list[Any]:
    energies = OperatorEnergies.unknown(sides, [STEP] * len(sides))
    by_cpu = replace(cost(blocks(*[DURATIONS_S] * 16), (5.0,) * 4), step_s=exact(0.1))
    assert not energies.replayable
    return [energies.cost(number, by_cpu) for number in range(len(sides))]


def test_a_board_that_is_not_read_is_modelled_by_its_coefficients() -> None:
    (found,) = modelled(unread())
    # The shipped board draws 125.1 W idle and 286.2 W more while anything runs: 0.091 s of 0.1 s.
    assert found.energy_j.value == pytest.approx(125.1 * 0.1 + 286.2 * 0.091)
    assert found.energy_j.source == "modelled"
    assert found.modelled is not None
    assert found.modelled.error == pytest.approx(0.2592)


def test_without_coefficients_of_both_boards_cpu_time_stands_for_both() -> None:
    assert [each.modelled for each in modelled(unread(), unread("b", "Another Board"))] == [
        None
    ] * 2
    assert [each.modelled for each in modelled(unread(), unread("b", None))] == [None] * 2
    assert None not in [each.modelled for each in modelled(unread(), unread("b"))]
