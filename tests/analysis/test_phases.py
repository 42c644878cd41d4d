"""Costs of named parts, by hand."""

from __future__ import annotations

import pytest

from magneton.analysis.phases import phase_rows, phases_text
from magneton_agent.schema.quantity import Quantity
from tests.analysis.steps import blocks, cost, operator, recording

STEP = recording(
    [
        operator("mm", named_phase="prefill"),
        operator("mm"),
        operator("mm", named_phase="decode"),
        operator("mul", named_phase="decode"),
    ]
)
COST = cost(blocks(*[(0.4, 0.1, 0.2, 0.1)] * 6), (10.0, 10.0, 10.0, 20.0))


def test_energy_and_time_of_each_part() -> None:
    prefill, decode = phase_rows(STEP, COST)
    assert (prefill.name, prefill.operators) == ("prefill", 1)
    assert (decode.name, decode.operators) == ("decode", 2)
    assert isinstance(decode.energy_j, Quantity)
    assert isinstance(decode.duration_s, Quantity)
    assert decode.energy_j.value == pytest.approx(4.0)  # 0.2 s * 10 W + 0.1 s * 20 W
    assert decode.duration_s.value == pytest.approx(0.3)


def test_without_names_there_are_no_rows() -> None:
    assert phase_rows(recording([operator()]), cost(blocks((0.1,)), (1.0,))) == ()


def test_a_finding_says_in_which_parts_its_operators_are() -> None:
    assert phases_text(STEP, (0, 2, 3, 1)) == (
        "operators by phase: 2 decode, 1 prefill, 1 outside of any"
    )
    assert phases_text(STEP, (1,)) is None
