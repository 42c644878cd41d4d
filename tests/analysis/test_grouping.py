"""Regions of the same code are one group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from magneton.analysis.grouping import Group, group_alike, telling
from magneton.analysis.regions import Cut, RegionPair
from magneton_agent.schema.recording import Operator, Phase, Recording
from tests.analysis.recordings import Program
from tests.analysis.steps import frame, operator, recording

STACKS = ((0,), (1,))
FRAMES = (frame("forward", 2), frame("forward", 3))


def steps(*operators: Operator) -> Recording:
    return recording(operators, STACKS, FRAMES)


def cut(*regions: tuple[tuple[int, ...], tuple[int, ...]], phase: Phase = "forward") -> Cut:
    return Cut(tuple(RegionPair(a, b, phase, (), ()) for a, b in regions), (), ())


def test_layers_of_a_model_are_one_group() -> None:
    a = steps(*[operator("pow"), operator("tanh")] * 2)
    b = steps(*[operator("gelu")] * 2)
    found = group_alike(cut(((0, 1), (0,)), ((2, 3), (1,))), a, b)
    assert found == (Group((0, 1), (0, 1, 2, 3), (0, 1)),)


def test_order_within_a_region_does_not_matter() -> None:
    a = steps(operator("mul"), operator("add"), operator("add"), operator("mul"))
    b = steps(operator("mul"), operator("mul"))
    assert len(group_alike(cut(((0, 1), (0,)), ((2, 3), (1,))), a, b)) == 1


def test_other_names_on_either_side_are_other_groups() -> None:
    a = steps(operator("mul"), operator("mul"), operator("add"))
    b = steps(operator("mul"), operator("sin"), operator("mul"))
    found = group_alike(cut(((0,), (0,)), ((1,), (1,)), ((2,), (2,))), a, b)
    assert [each.regions for each in found] == [(0,), (1,), (2,)]


def test_other_places_are_other_groups() -> None:
    a = steps(operator("mul", stack=0), operator("mul", stack=1))
    b = steps(operator("mul", stack=0), operator("mul", stack=0))
    assert len(group_alike(cut(((0,), (0,)), ((1,), (1,))), a, b)) == 2


def test_moves_beside_work_do_not_tell_regions_apart() -> None:
    a = steps(operator("mul"), operator("view", movement=True), operator("mul"))
    b = steps(operator("mul"), operator("mul"))
    assert len(group_alike(cut(((0, 1), (0,)), ((2,), (1,))), a, b)) == 1


def test_moves_alone_do() -> None:
    a = steps(operator("clone", movement=True, stack=0), operator("clone", movement=True, stack=1))
    b = steps(operator("view", movement=True), operator("view", movement=True))
    assert len(group_alike(cut(((0,), (0,)), ((1,), (1,))), a, b)) == 2


def test_a_backward_operator_stands_where_its_forward_one_does() -> None:
    # All of the backward pass runs below one call, stack 1.
    backward = [operator("mul", phase="backward", stack=1, forward=each) for each in (0, 1, 0)]
    a = steps(operator("sin", stack=0), operator("sin", stack=1), *backward)
    found = group_alike(cut(((2,), (2,)), ((3,), (3,)), ((4,), (4,)), phase="backward"), a, a)
    assert [each.regions for each in found] == [(0, 2), (1,)]


def test_phases_are_apart() -> None:
    a = steps(operator("mul"), operator("mul", phase="optimizer"))
    regions = (*cut(((0,), (0,))).regions, *cut(((1,), (1,)), phase="optimizer").regions)
    assert len(group_alike(Cut(regions, (), ()), a, a)) == 2


def test_telling_operators() -> None:
    mul, view = operator("mul"), operator("view", movement=True)
    assert telling([view, mul]) == (mul,)
    assert telling([view, view]) == (view, view)
    assert telling([]) == ()


def one_operator(dtype: str = "float32", **arguments: str) -> Program:
    program = Program()
    program.op("sum", [program.input([1.0, 2.0], dtype)], [3.0], **arguments)
    return program


def same_work(a: Recording, b: Recording) -> bool:
    return group_alike(cut(((0,), (0,))), a, b)[0].same_work


def test_the_very_same_work() -> None:
    recorded = one_operator(dim="0").recording()
    assert same_work(recorded, one_operator(dim="0").recording())
    assert not same_work(recorded, one_operator(dim="1").recording())
    assert not same_work(recorded, one_operator("float64", dim="0").recording())
    assert not same_work(recorded, replace(recorded, settings={"tf32": "True"}))


def test_a_setting_in_force_elsewhere_does_not_change_the_work() -> None:
    plain = one_operator().recording()
    elsewhere = replace(plain, variants=({}, {"tf32": "True"}))
    assert same_work(plain, elsewhere)
    here = replace(elsewhere, operators=(replace(plain.operators[0], settings=1),))
    assert not same_work(plain, here)


@pytest.mark.parametrize("change", [{"shape": (2, 1)}, {"strides": (2,)}])
def test_operands_laid_out_otherwise_are_other_work(change: dict[str, Any]) -> None:
    recorded = one_operator().recording()
    operand = replace(recorded.values[0], **change)
    assert not same_work(recorded, replace(recorded, values=(operand, *recorded.values[1:])))


def test_one_region_of_other_work_is_enough() -> None:
    a, b = Program(), Program()
    for program, second in ((a, "1"), (b, "2")):
        x = program.input([1.0, 2.0])
        program.op("sum", [x], [3.0], dim="0")
        program.op("sum", [x], [3.0], dim=second)
    found = group_alike(cut(((0,), (0,)), ((1,), (1,))), a.recording(), b.recording())
    assert [(each.regions, each.same_work) for each in found] == [((0, 1), False)]
