"""Call paths, and where two of them part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

from magneton.analysis.paths import (
    Common,
    Fork,
    Path,
    call_path,
    common_path,
    costliest,
    fork,
    parted_at,
    run_path,
    same_code,
    same_place,
)
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
    assert [run_path(made, number) for number in range(3)] == [(forward,), (backward,), (backward,)]


def test_the_costliest_operator_is_the_first_of_equals() -> None:
    assert costliest([4, 7, 9], [1.0, 3.0, 2.0]) == 7
    assert costliest([4, 7, 9], [3.0, 1.0, 3.0]) == 4


def test_where_a_path_parts_from_another() -> None:
    def same(x: Frame, y: Frame) -> Literal["same"] | None:
        return "same" if same_code(x, y) else None

    here, there = frame("attend", 5), frame("attend", 7)
    slow, fast = frame("slow", 2, path=LIB), frame("fast", 2, path=LIB)
    assert parted_at((here, slow), (there, slow), same) == here
    assert parted_at((here, slow), (here, fast), same) == here
    assert parted_at((here, slow), (here,), same) == here
    assert parted_at((here, slow), (here, slow), same) is None
    assert parted_at((here,), (fast,), same) is None


def test_what_two_paths_go_on_to_where_they_part() -> None:
    def same(x: Frame, y: Frame) -> Literal["same"] | None:
        return "same" if same_code(x, y) else None

    main, here, there = frame("main", 1), frame("attend", 5), frame("attend", 7)
    slow, fast = frame("slow", 2, path=LIB), frame("fast", 2, path=LIB)
    assert fork((main, here, slow), (here, fast), same) == Fork(here, (slow, fast))
    assert fork((here, slow), (there,), same) == Fork(here, (slow, None))
    assert fork((here,), (there,), same) == Fork(here, (None, None))
    assert fork((main, slow), (fast,), same) == Fork(None, (main, fast))
    assert fork((here, slow), (here, slow), same) is None
    assert fork((), (), same) is None
    # A function that runs itself: the frame comes twice on one side, once on the other.
    assert fork((here, here), (here,), same) == Fork(here, (here, None))


def common(a: Path, b: Path) -> Common:
    """What paths share of functions that are the same where their text is."""
    return common_path(a, b, lambda x, y: "same" if same_code(x, y) else None)


def test_paths_that_call_something_else_from_one_place() -> None:
    shared = frame("MLP.forward", 8, path=LIB)
    slow = frame("Slow.forward", 20, path=LIB, first_line=19)
    fast = frame("Fast.forward", 30, path=LIB, first_line=29)
    a = (frame("step", 3, path="/w/a.py"), shared, slow)
    b = (frame("step", 4, path="/w/b.py"), shared, fast)
    assert common(a, b) == ((shared, shared),)


def test_a_path_may_end_in_a_common_function() -> None:
    shared, inner = frame("forward", 8, path=LIB), frame("inner", 9, path=LIB, first_line=9)
    assert common((shared,), (shared, inner)) == ((shared, shared),)


def test_paths_that_go_on_from_other_places_of_one_function() -> None:
    here, there = frame("attend", 5), frame("attend", 7)
    same = frame("softmax", 30, path=LIB)
    assert common((here, same), (there, same)) == ((here, there),)


def test_places_of_functions_that_only_correspond_are_not_compared() -> None:
    here, there = frame("build", 5), frame("build", 7, path="/w/b.py")
    same = frame("softmax", 30, path=LIB)

    def alike(x: Frame, y: Frame) -> Literal["same", "corresponding"] | None:
        return "same" if same_code(x, y) else "corresponding" if x.function == y.function else None

    assert common_path((here, same), (there, same), alike) == ((here, there), (same, same))


@pytest.mark.parametrize("change", ["line", "column", "end_line", "end_column"])
def test_a_place_is_a_range(change: str) -> None:
    here = frame("attend", 5)
    changed: dict[str, Any] = {change: 77}
    assert not same_place(here, replace(here, **changed))


def test_a_place_is_told_from_where_its_function_starts() -> None:
    assert same_place(frame("attend", 5), frame("attend", 15, first_line=11))


@pytest.mark.parametrize(
    "other",
    [
        frame("step", 3, path="/w/b.py"),
        frame("other", 3),
        frame("step", 3, first_line=2),
    ],
)
def test_paths_without_a_common_function(other: Frame) -> None:
    assert common((frame("step", 3),), (other,)) == ()


def test_identical_paths() -> None:
    path = (frame("step", 3), frame("forward", 8))
    assert common(path, path) == ((path[0], path[0]), (path[1], path[1]))


def test_wrappers_of_one_side_are_left_out() -> None:
    wrapper = frame("wrapper", 1, path="/w/b.py")
    shared = frame("forward", 8, path=LIB)
    assert common((shared,), (wrapper, shared)) == ((shared, shared),)


def test_empty_paths() -> None:
    assert common((), ()) == ()
