"""A measured step whose operators were replayed, split by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import SideCost, residual_warning
from magneton.analysis.replayed import device_s, summary, with_replays
from magneton.analysis.replays import Replay, Replays
from magneton_agent.schema.quantity import Absent, Quantity
from magneton_agent.schema.recording import Kernel
from magneton_agent.schema.result import Refusal, ReplaySummary
from tests.analysis.steps import blocks, cost, exact, operator, recording

STEP = recording([operator("mm"), operator("mm"), operator("add"), operator("view")])
KEYS = (("mm",), ("mm",), ("add",), ("view",))
# 10 J in 0.1 s, at 100 W: 0.04 s, 0.02 s, 0.02 s and 0.01 s of operators; idle takes 20 W.
DURATIONS_S = (0.04, 0.02, 0.02, 0.01)
IDLE_W = 20.0


def step_cost() -> SideCost:
    found = cost(blocks(*[DURATIONS_S] * 16), (100.0,) * 4, 10.0, "apportioned")
    return replace(found, energy_j=exact(10.0, "measured"), step_s=exact(0.1), idle_j=exact(0.2))


def mm_of(value: float, doubt: float = 0.0, duration_s: float = 0.02) -> Replays:
    energy_j = Quantity(value, value - doubt, value + doubt, "replayed")
    return {("mm",): Replay(energy_j, duration_s)}


def split(replays: Replays) -> SideCost:
    return with_replays(step_cost(), STEP, KEYS, replays, IDLE_W)


def test_a_replayed_operator_has_the_energy_of_its_replay() -> None:
    found = split(mm_of(3.0, 0.3))
    energy_j = found.energy_of((0,))
    assert (energy_j.value, energy_j.low, energy_j.high) == pytest.approx((3.0, 2.7, 3.3))
    assert energy_j.source == "replayed"
    # Both calls are one operator, though they took other times.
    assert found.energy_of((0, 1)).value == pytest.approx(6.0)
    assert found.energy_of((0, 1)).high == pytest.approx(6.6)  # their errors go the same way
    assert found.error_of((0, 1)) == pytest.approx(0.1)


def test_the_rest_keeps_its_share_of_the_step() -> None:
    found = split(mm_of(3.0))
    assert found.energy_of((2,)).value == pytest.approx(2.0)  # 100 W * 0.02 s
    assert found.energy_of((2,)).source == "apportioned"
    assert found.error_of((2,)) == 0.0


def test_mixed_sets_are_replayed_where_nearly_all_of_them_is() -> None:
    assert split(mm_of(3.0)).energy_of((0, 2)).source == "apportioned"
    assert split(mm_of(60.0)).energy_of((0, 2)).source == "replayed"  # 60 of 62 J


def test_the_residual_is_what_replaying_does_not_explain() -> None:
    found = split(mm_of(3.0, 0.3))
    # Operators 3 + 3 + 2 + 1 J; idle 20 W * 0.01 s; 10 J in all.
    assert found.operators_j.value == pytest.approx(9.0)
    assert found.idle_j.value == pytest.approx(0.2)
    assert found.residual_j.value == pytest.approx(0.8)
    assert found.residual_j.high == pytest.approx(0.8 + 0.6)


def test_where_kernels_are_known_the_rest_is_apportioned_by_them() -> None:
    ran = (Kernel("add", 0.004), Kernel("add", 0.006))
    operators = [replace(each, kernels=ran) if each.id == 2 else each for each in STEP.operators]
    known = replace(STEP, operators=tuple(operators))
    # Never longer than between the operator's events.
    assert device_s(known, (0.04, 0.02, 0.005, 0.01)) == (0.0, 0.0, 0.005, 0.0)
    found = with_replays(step_cost(), known, KEYS, mm_of(3.0, duration_s=0.0), IDLE_W)
    assert found.energy_of((2,)).value == pytest.approx(1.0)  # 100 W * 0.01 s
    assert found.energy_of((3,)).value == 0.0  # it launched nothing
    # 20 W in all but the 0.01 s in which kernels ran
    assert found.idle_j.value == pytest.approx(1.8)
    assert found.residual_j.value == pytest.approx(10.0 - 7.0 - 1.8)


def test_what_an_operator_waits_for_when_it_is_run_alone_is_no_idling() -> None:
    ran = (Kernel("mm", 0.005),)
    operators = [replace(each, kernels=ran) if each.id < 2 else each for each in STEP.operators]
    known = replace(STEP, operators=tuple(operators))

    def idle_j(duration_s: float) -> float:
        replays = mm_of(3.0, duration_s=duration_s)
        return with_replays(step_cost(), known, KEYS, replays, IDLE_W).idle_j.value

    # 20 W in the 0.1 s but for 2 x 0.005 s of kernels, which a shorter call cannot make less
    assert idle_j(0.001) == pytest.approx(1.8)
    assert idle_j(0.015) == pytest.approx(20 * (0.1 - 2 * 0.015))
    # nor does a longer one take more than between the operators' events: 0.04 s and 0.02 s
    assert idle_j(0.5) == pytest.approx(20 * (0.1 - 0.06))


def test_while_one_of_two_boards_runs_a_replayed_operator_the_other_one_idles() -> None:
    both = {name: exact(5.0, "measured") for name in ("GPU-1", "GPU-2")}
    found = with_replays(
        replace(step_cost(), boards_j=both), STEP, KEYS, mm_of(3.0, duration_s=0.0), IDLE_W
    )
    # 20 W of both for 0.01 s, and 10 W of the other one for the 0.06 s of both products
    assert found.idle_j.value == pytest.approx(0.2 + 0.6)


def test_without_kernels_operators_are_busy_between_their_events() -> None:
    assert device_s(STEP, DURATIONS_S) == DURATIONS_S


def test_the_parts_are_the_energy() -> None:
    found = replace(step_cost(), host_j=exact(0.5))
    found = with_replays(found, STEP, KEYS, mm_of(3.0), IDLE_W)
    assert isinstance(found.host_j, Quantity)
    parts = (found.operators_j, found.idle_j, found.host_j, found.residual_j)
    assert sum(each.value for each in parts) == pytest.approx(10.0)
    assert isinstance(step_cost().host_j, Absent)


def test_an_operator_without_time_is_not_replayed() -> None:
    durations_s = (0.0, 0.02, 0.02, 0.01)
    still = cost(blocks(*[durations_s] * 16), (100.0,) * 4, 10.0, "apportioned")
    found = with_replays(still, STEP, KEYS, mm_of(3.0), IDLE_W)
    assert found.energy_of((0,)) == exact(0.0, "apportioned")


def test_more_than_a_tenth_of_a_measured_step_is_a_large_residual() -> None:
    assert residual_warning(split(mm_of(3.0))) is None  # 8 %
    said = residual_warning(split(mm_of(2.5)))
    assert said == (
        "18 % of the energy is residual (not explained by operators, idle and host): in the step "
        "they meet other caches and clocks than when they are run alone"
    )


def test_what_runs_on_a_second_board_of_one_process_is_not_timed() -> None:
    both = {name: exact(5.0, "measured") for name in ("GPU-1", "GPU-2")}
    found = with_replays(replace(step_cost(), boards_j=both), STEP, KEYS, mm_of(2.0), IDLE_W)
    assert residual_warning(found) == (
        "22 % of the energy is residual (not explained by operators, idle and host): only "
        "operators of the first board are timed; give each board a rank (--nproc)"
    )


def test_what_was_replayed_and_what_was_not() -> None:
    replays = mm_of(3.0)
    refused: dict[tuple[object, ...], str] = {
        ("add",): "it is odd",
        ("elsewhere",): "on the other side",
    }
    found = summary(split(replays), STEP, KEYS, replays, refused)
    assert found.share == pytest.approx(6.0 / 9.0)
    refusals = (Refusal("add", 1, "it is odd"),)
    assert replace(found, share=0.0) == ReplaySummary(1, 2, 0.0, refusals)
