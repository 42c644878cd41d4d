"""How long ranks wait for each other, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import SideCost
from magneton.analysis.waiting import waiting_of
from magneton_agent.schema.quantity import Absent, Quantity
from magneton_agent.schema.recording import Recording
from tests.analysis.steps import blocks, cost, operator, recording


def collective(name: str) -> str:
    return f"c10d::{name}"


def program(*names: str) -> Recording:
    return recording([replace(operator(), name=name) for name in names])


STEP = program("aten::mm", collective("allreduce_"), "aten::mul", collective("barrier"))
POWER_W = (9.0, 2.0, 9.0, 4.0)


def rank(*durations_s: float) -> tuple[Recording, SideCost]:
    return STEP, cost(blocks(*[durations_s] * 6), POWER_W)


def test_waiting_is_the_time_beyond_the_least_in_the_same_collective() -> None:
    quick, slow = waiting_of([rank(0.1, 0.5, 0.1, 0.02), rank(0.5, 0.1, 0.1, 0.05)])
    # allreduce_: 0.5 - 0.1 at the first rank; barrier: 0.05 - 0.02 at the second.
    assert isinstance(quick.waiting_s, Quantity)
    assert isinstance(slow.waiting_s, Quantity)
    assert quick.waiting_s.value == pytest.approx(0.4)
    assert slow.waiting_s.value == pytest.approx(0.03)
    assert quick.waiting_s.source == "measured"


def test_its_energy_is_by_the_power_in_that_collective() -> None:
    quick, slow = waiting_of([rank(0.1, 0.5, 0.1, 0.02), rank(0.5, 0.1, 0.1, 0.05)])
    assert isinstance(quick.waiting_j, Quantity)
    assert isinstance(slow.waiting_j, Quantity)
    assert quick.waiting_j.value == pytest.approx(0.8)  # 0.4 s * 2 W
    assert slow.waiting_j.value == pytest.approx(0.12)  # 0.03 s * 4 W
    assert quick.waiting_j.source == "modelled"


def test_its_source_is_that_of_collectives_which_are_never_replayed() -> None:
    recorded, found = rank(0.5, 0.1, 0.5, 0.02)
    replayed = replace(
        found,
        operators_j=Quantity(9.28, 9.0, 9.5, "replayed"),
        replay_errors={0: 0.03, 2: 0.03},
    )
    assert replayed.energy_of(range(4)).source == "replayed"
    (first, _) = waiting_of([(recorded, replayed)] * 2)
    assert isinstance(first.waiting_j, Quantity)
    assert first.waiting_j.source == "apportioned"


def test_ranks_in_step_do_not_wait() -> None:
    found = waiting_of([rank(0.1, 0.2, 0.1, 0.2)] * 2)
    assert [each.waiting_s for each in found] == [Quantity(0.0, 0.0, 0.0, "measured")] * 2


def test_other_collectives_on_one_rank_leave_it_open() -> None:
    other = program("aten::mm", collective("broadcast_"), "aten::mul", collective("barrier"))
    one, (_, same_times) = rank(0.1, 0.2, 0.1, 0.2), rank(0.1, 0.2, 0.1, 0.2)
    found = waiting_of([one, (other, same_times)])
    assert [type(each.waiting_s) for each in found] == [Absent, Absent]


def test_sending_to_one_rank_is_no_collective() -> None:
    sending = program(collective("send"))
    receiving = program(collective("recv_"))
    timing = blocks((0.1,))
    found = waiting_of([(sending, cost(timing, (1.0,))), (receiving, cost(timing, (1.0,)))])
    assert found[0].waiting_s == Absent(
        "no collective was seen: the ranks do not wait for each other"
    )
