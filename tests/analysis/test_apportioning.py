"""A step's energy, divided by hand: operators + idle + host + residual = energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from magneton.analysis.apportioning import busy_cpus, cost_of
from magneton.analysis.cost import SideCost, Timing
from magneton_agent.schema.messages import Sample
from magneton_agent.schema.meters import Domain, DomainEnergy
from magneton_agent.schema.quantity import Absent, Quantity
from tests.analysis.steps import blocks, exact, loaded, operator, recording, timed

MUL_ADD = recording([operator("mul"), operator("add")])
# mul takes 10 ms on one CPU, add 20 ms on one and a half; 11 ms of CPU time lie between them, of
# which the timing mode takes 2 * 0.5 ms.
STEP = timed((0.010, 0.020), (0.010, 0.030), between_cpu_s=0.011)
TIMING = Timing(((STEP,),) * 6)
MODELLED = loaded(cpus=2, mode_overhead_s=0.0005)
ON_BOARD = loaded(meter="nvml", meter_absent=None, idle_power_w=100.0, device="cuda:0")
BOARDS = (Domain("GPU-1", "board"), Domain("GPU-2", "board"))
PACKAGE, MEMORY = Domain("package-0", "package"), Domain("package-0/dram", "memory")


def modelled(timing: Timing = TIMING, samples: int = 6) -> SideCost:
    busy = busy_cpus([(MUL_ADD, timing)])
    return cost_of(MUL_ADD, MODELLED, [Sample(1, 0.100, 0.060, None)] * samples, timing, busy)


def on_board(energies_j: Sequence[float | None]) -> SideCost:
    samples = [Sample(1, 0.1, 0.05, energy_j) for energy_j in energies_j]
    timing = Timing(((timed((0.04, 0.05)),),) * 6)
    return cost_of(MUL_ADD, ON_BOARD, samples, timing, busy_cpus([(MUL_ADD, timing)]))


def parts_j(found: SideCost) -> float:
    host_j = found.host_j.value if isinstance(found.host_j, Quantity) else 0.0
    return found.operators_j.value + found.idle_j.value + host_j + found.residual_j.value


def test_busy_cpus_by_name_and_together() -> None:
    # 6 steps: mul 0.06 of 0.06 s, add 0.18 of 0.12 s, together 0.24 of 0.18 s.
    found = busy_cpus([(MUL_ADD, TIMING)])
    assert found == {
        "aten::mul": pytest.approx(1.0),
        "aten::add": pytest.approx(1.5),
        None: pytest.approx(4 / 3),
    }


def test_busy_cpus_are_pooled_over_both_sides() -> None:
    alone = recording([operator("add")])
    other = Timing(((timed((0.06,), (0.06,)),),))
    # add: 0.18 + 0.06 CPU seconds of 0.12 + 0.06
    assert busy_cpus([(MUL_ADD, TIMING), (alone, other)])["aten::add"] == pytest.approx(4 / 3)


def test_an_operator_that_hardly_ran_counts_as_all_together() -> None:
    # 0.039 s are less than ten scheduler ticks.
    timing = Timing(((timed((0.039, 0.040), (0.0, 0.080)),),))
    assert busy_cpus([(MUL_ADD, timing)]).keys() == {"aten::add", None}
    found = cost_of(
        MUL_ADD, MODELLED, [Sample(1, 0.1, 0.06, None)], timing, busy_cpus([(MUL_ADD, timing)])
    )
    # what 2 CPUs draw anyway, and 80 ms of CPU time in 79 ms
    assert found.power_w[0] == pytest.approx(2 * 0.74 + 2.76 * 80 / 79)


def test_without_operators_nothing_is_busy() -> None:
    assert busy_cpus([(recording([]), blocks([]))]) == {None: 0.0}


def test_a_modelled_step() -> None:
    found = modelled()
    # 0.74 W * 2 CPUs * 0.1 s = 0.148 J anyway; 2.76 W * 0.06 s = 0.1656 J busy
    assert found.energy_j.value == pytest.approx(0.3136)
    # 1.48 W in the 0.07 s in which no operator runs
    assert found.idle_j.value == pytest.approx(0.1036)
    # 0.010 s * (1.48 + 2.76) W + 0.020 s * (1.48 + 1.5 * 2.76) W
    assert found.operators_j.value == pytest.approx(0.1548)
    # (0.011 - 2 * 0.0005) s * 2.76 W
    assert isinstance(found.host_j, Quantity)
    assert found.host_j.value == pytest.approx(0.0276)
    assert found.residual_j.value == pytest.approx(0.0276)
    step = found.step_s
    assert (step.value, step.low, step.high) == pytest.approx((0.1, 0.1, 0.1))
    assert step.source == "measured"


def test_every_modelled_joule_says_so() -> None:
    found = modelled()
    figures = (found.energy_j, found.idle_j, found.host_j, found.operators_j, found.residual_j)
    assert {each.source for each in figures if isinstance(each, Quantity)} == {"modelled"}
    assert found.energy_of([0]).source == "modelled"
    assert found.duration_of([0]).source == "measured"


def test_a_measured_step() -> None:
    found = on_board([30.0] * 6)
    assert found.energy_j == Quantity(30.0, 30.0, 30.0, "measured")
    assert found.idle_j.value == pytest.approx(1.0)  # 100 W in the 0.01 s without operators
    # 30 J / 0.1 s = 300 W while operators run: 300 W * 0.09 s
    assert found.power_w == pytest.approx((300.0, 300.0))
    assert found.operators_j.value == pytest.approx(27.0)
    assert found.operators_j.source == "apportioned"
    assert found.residual_j.value == pytest.approx(2.0)
    assert found.host_j == Absent("the board's energy counter does not cover the host")


def test_cpu_time_of_a_step() -> None:
    assert modelled().cpu_s == Quantity(0.06, 0.06, 0.06, "measured")
    assert on_board([30.0] * 6).cpu_s == Quantity(0.05, 0.05, 0.05, "measured")


def test_several_boards_and_their_host() -> None:
    energies = tuple(map(DomainEnergy, (*BOARDS, PACKAGE, MEMORY), (20.0, 10.0, 3.0, 1.0)))
    found = cost_of(
        MUL_ADD,
        replace(ON_BOARD, meter="nvml+rapl"),
        [Sample(1, 0.1, 0.05, 34.0, energies)] * 6,
        Timing(((timed((0.04, 0.05)),),) * 6),
        {None: 1.0},
    )
    assert found.energy_j == exact(34.0, "measured")
    assert found.boards_j == {"GPU-1": exact(20.0, "measured"), "GPU-2": exact(10.0, "measured")}
    assert found.host_j == exact(4.0, "measured")
    # The boards' 30 J / 0.1 s, without the host's: 300 W * 0.09 s
    assert found.operators_j.value == pytest.approx(27.0)
    assert found.residual_j.value == pytest.approx(2.0)  # 34 - 27 - 4 - 1 J idle


def test_a_measured_cpu() -> None:
    """Idle power and CPU time make up what was read; nothing of it is the model's."""
    sensed = loaded(meter="rapl", idle_power_w=40.0, mode_overhead_s=0.0005)
    samples = [Sample(1, 0.1, 0.06, 7.0, (DomainEnergy(PACKAGE, 7.0),))] * 6
    found = cost_of(MUL_ADD, sensed, samples, TIMING, busy_cpus([(MUL_ADD, TIMING)]))
    assert found.energy_j == exact(7.0, "measured")
    # (7 - 40 * 0.1) J / 0.06 s of CPU time = 50 W a busy CPU; mul keeps one busy, add 1.5
    assert found.power_w == pytest.approx((90.0, 115.0))
    assert found.operators_j.value == pytest.approx(0.9 + 2.3)
    assert found.idle_j.value == pytest.approx(2.8)  # 40 W * 0.07 s
    assert isinstance(found.host_j, Quantity)
    assert found.host_j.value == pytest.approx(0.5)  # 0.01 s * 50 W
    assert found.residual_j.value == pytest.approx(0.5)
    assert found.boards_j == {}
    parts = (found.operators_j, found.idle_j, found.host_j, found.residual_j)
    assert {part.source for part in parts} == {"apportioned"}


def test_windows_without_a_reading_are_left_out() -> None:
    assert on_board([30.0, None, 30.0, None]).energy_j.value == 30.0


def test_a_board_that_draws_less_than_its_idle_power_has_a_negative_residual() -> None:
    found = on_board([9.0] * 6)
    # 90 W * 0.09 s; 1 J idle
    assert found.operators_j.value == pytest.approx(8.1)
    assert found.residual_j.value == pytest.approx(-0.1)
    assert parts_j(found) == pytest.approx(found.energy_j.value, rel=1e-12)


def test_a_board_whose_idle_power_is_unknown() -> None:
    found = cost_of(
        MUL_ADD,
        replace(ON_BOARD, idle_power_w=None),
        [Sample(1, 0.1, 0.05, 30.0)] * 6,
        Timing(((timed((0.04, 0.05)),),) * 6),
        {None: 1.0},
    )
    assert found.idle_j.value == 0.0
    assert found.power_w == pytest.approx((300.0, 300.0))


@pytest.mark.parametrize("found", [modelled(), on_board([30.0] * 6)], ids=["modelled", "nvml"])
def test_the_parts_are_the_energy(found: SideCost) -> None:
    assert parts_j(found) == pytest.approx(found.energy_j.value, rel=1e-12)
    assert found.energy_of((0, 1)).value == pytest.approx(found.operators_j.value, rel=1e-12)


def test_a_single_sample_is_between_nothing_and_twice() -> None:
    found = modelled(Timing(((STEP,),)), samples=1)
    for figure in (found.energy_j, found.step_s, found.host_j, found.operators_j):
        assert isinstance(figure, Quantity)
        assert (figure.low, figure.high) == pytest.approx((0.0, 2 * figure.value))
    # 1.48 W in what a step of nothing to 0.2 s leaves beside 0.03 s of operators
    assert (found.idle_j.low, found.idle_j.high) == pytest.approx((0.0, 0.2516))


def test_a_step_without_operators() -> None:
    empty = recording([])
    timing = Timing(((timed((), between_cpu_s=0.05),),) * 6)
    found = cost_of(
        empty, MODELLED, [Sample(1, 0.1, 0.06, None)] * 6, timing, busy_cpus([(empty, timing)])
    )
    assert found.operators_j == exact(0.0)
    assert found.energy_of(()) == exact(0.0)
    # 0.3136 J less 0.148 J idle less 0.05 s * 2.76 W
    assert found.residual_j.value == pytest.approx(0.0276)


def test_a_step_without_cpu_time_costs_what_idling_does() -> None:
    timing = Timing(((timed((0.01, 0.01), (0.0, 0.0)),),) * 6)
    found = cost_of(
        MUL_ADD,
        MODELLED,
        [Sample(1, 0.1, 0.0, None)] * 6,
        timing,
        busy_cpus([(MUL_ADD, timing)]),
    )
    # 1.48 W in 0.02 s of operators and in 0.08 s of nothing
    assert found.operators_j.value == pytest.approx(0.0296)
    assert found.idle_j.value == pytest.approx(0.1184)
    assert found.residual_j.value == pytest.approx(0.0)


def test_tracing_that_took_longer_than_the_host_leaves_no_negative_host() -> None:
    timing = Timing(((timed((0.01, 0.02), between_cpu_s=0.0004),),) * 6)
    assert modelled(timing).host_j == exact(0.0)


def test_nobody_can_save_more_than_the_step() -> None:
    # 9 J measured, 9.1 J in timed steps (8.1 J of operators, 1 J idle)
    assert on_board([9.0] * 6).to_whole_steps == pytest.approx(9.0 / 9.1)
    assert on_board([30.0] * 6).to_whole_steps == 1.0


def test_the_interval_reaches_down_to_where_gaps_draw_as_much_as_steps() -> None:
    samples = [Sample(1, 0.1, 0.05, 8.0, gaps_s=0.1, between_j=2.0)] * 6
    timing = Timing(((timed((0.04, 0.05)),),) * 6)
    found = cost_of(MUL_ADD, ON_BOARD, samples, timing, busy_cpus([(MUL_ADD, timing)]))
    assert found.energy_j == Quantity(8.0, 6.0, 8.0, "measured")
