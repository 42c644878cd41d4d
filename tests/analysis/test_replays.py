"""Which operators are replayed."""

from __future__ import annotations

from magneton.analysis.replays import candidates


def test_the_costliest_that_cover_most_of_the_time_in_order() -> None:
    # One step: a 50 %, b 30 % in two calls, c 16 %, d 4 %.
    own = [("a",), ("b",), ("c",), ("b",), ("d",)]
    found = candidates([own], [[5.0, 1.5, 1.6, 1.5, 0.4]], [()])
    assert [(each.name, each.operator) for each in found] == [("a", 0), ("b", 1), ("c", 2)]
    assert [round(each.share, 2) for each in found] == [0.5, 0.3, 0.16]


def test_wanted_operators_are_added_and_what_takes_no_time_is_not() -> None:
    own = [("a",), ("d",), ("view",)]
    found = candidates([own], [[9.9, 0.1, 0.0]], [(1, 2)])
    assert [each.name for each in found] == ["a", "d"]


def test_what_both_sides_run_is_replayed_once_on_either_in_turn() -> None:
    a, b = [("x",), ("y",), ("own",)], [("y",), ("x",)]
    found = candidates([a, b], [[5.0, 3.0, 2.0], [4.0, 6.0]], [(), ()])
    assert [(each.name, each.side, each.operator) for each in found] == [
        ("x", 0, 0),  # 60 % of side b
        ("y", 1, 0),
        ("own", 0, 2),
    ]


def test_a_side_that_cannot_replay_is_left_out() -> None:
    found = candidates([[("x",)], ()], [[1.0], ()], [(), ()])
    assert [(each.name, each.side) for each in found] == [("x", 0)]
