"""Call paths, and where two of them part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from magneton.analysis.paths import Divergence, call_path, costliest, divergence
from magneton_agent.schema.location import Frame
from tests.analysis.steps import frame, operator, recording

LIB = "/lib/act.py"


def test_a_path_runs_from_the_outermost_frame_in() -> None:
    outer, inner = frame("step", 1), frame("forward", 5)
    made = recording([operator(stack=1)], [(), (1, 0)], [outer, inner])
    assert call_path(made, 0) == (outer, inner)


def test_a_backward_operators_path_is_its_forward_ones() -> None:
    forward, backward = frame("forward", 5), frame("step", 9)
    operators = [
        operator(stack=0),
        operator(phase="backward", stack=1, forward=0),
        operator(phase="backward", stack=1),
    ]
    made = recording(operators, [(0,), (1,)], [forward, backward])
    assert call_path(made, 1) == (forward,)
    assert call_path(made, 2) == (backward,)


def test_the_costliest_operator_is_the_first_of_equals() -> None:
    assert costliest([4, 7, 9], [1.0, 3.0, 2.0]) == 7
    assert costliest([4, 7, 9], [3.0, 1.0, 3.0]) == 4


def test_paths_that_call_something_else_from_one_place() -> None:
    shared = frame("MLP.forward", 8, path=LIB)
    slow = frame("Slow.forward", 20, path=LIB, first_line=19)
    fast = frame("Fast.forward", 30, path=LIB, first_line=29)
    a = (frame("step", 3, path="/w/a.py"), shared, slow)
    b = (frame("step", 4, path="/w/b.py"), shared, fast)
    assert divergence(a, b) == Divergence(((shared, shared),), slow, fast, same_place=True)


def test_a_path_that_ends_has_no_callee() -> None:
    shared, inner = frame("forward", 8, path=LIB), frame("inner", 9, path=LIB, first_line=9)
    assert divergence((shared,), (shared, inner)) == Divergence(
        ((shared, shared),), None, inner, same_place=True
    )


def test_paths_that_go_on_from_other_places_of_one_function() -> None:
    here, there = frame("attend", 5), frame("attend", 7)
    same = frame("softmax", 30, path=LIB)
    found = divergence((here, same), (there, same))
    assert found == Divergence(((here, there),), same, same, same_place=False)


@pytest.mark.parametrize("change", ["line", "column", "end_line", "end_column"])
def test_a_place_is_a_range(change: str) -> None:
    here = frame("attend", 5)
    changed: dict[str, Any] = {change: 77}
    there = replace(here, **changed)
    assert not divergence((here,), (there,)).same_place


@pytest.mark.parametrize(
    "other",
    [
        frame("step", 3, path="/w/b.py"),
        frame("other", 3),
        frame("step", 3, first_line=2),
    ],
)
def test_paths_without_a_common_function(other: Frame) -> None:
    a = (frame("step", 3),)
    assert divergence(a, (other,)) == Divergence((), None, None, same_place=False)


def test_identical_paths() -> None:
    path = (frame("step", 3), frame("forward", 8))
    assert divergence(path, path) == Divergence(
        ((path[0], path[0]), (path[1], path[1])), None, None, same_place=True
    )


def test_wrappers_of_one_side_are_left_out() -> None:
    wrapper = frame("wrapper", 1, path="/w/b.py")
    shared = frame("forward", 8, path=LIB)
    assert divergence((shared,), (wrapper, shared)).common == ((shared, shared),)


def test_empty_paths() -> None:
    assert divergence((), ()) == Divergence((), None, None, same_place=False)
