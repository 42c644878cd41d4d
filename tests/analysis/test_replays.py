"""Which operators are replayed, and which of them are the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from magneton.analysis.replays import candidates, keys_of
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import names, recorded


def keys(step: Any) -> dict[str, Any]:
    found = recorded(step)
    return dict(zip(names(found), keys_of(found), strict=True))


X = torch.ones(4, 6)


def test_equal_operators_on_operands_laid_out_alike_are_one() -> None:
    assert keys(lambda: X + 1)["add"] == keys(lambda: torch.zeros(4, 6) + 1)["add"]


def test_layout_type_arguments_and_settings_tell_operators_apart() -> None:
    plain = keys(lambda: X + 1)["add"]
    assert keys(lambda: X.t() + 1)["add"] != plain
    assert keys(lambda: X.double() + 1)["add"] != plain
    assert keys(lambda: X + 2)["add"] != plain
    torch.set_float32_matmul_precision("high")
    try:
        assert keys(lambda: X + 1)["add"] != plain
    finally:
        torch.set_float32_matmul_precision("highest")


def test_one_operand_read_twice_is_not_two() -> None:
    y = X.clone()
    assert keys(lambda: X * X)["mul"] != keys(lambda: X * y)["mul"]


def test_autograd_is_no_matter_of_the_kernels() -> None:
    with torch.no_grad():
        without = keys(lambda: X + 1)["add"]
    assert without == keys(lambda: X + 1)["add"]


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


def test_a_variant_of_the_settings_is_part_of_the_key() -> None:
    found: Recording = recorded(lambda: X + 1)
    (operator,) = found.operators
    varied = replace(
        found,
        operators=(replace(operator, settings=1),),
        variants=({}, {"torch.backends.cuda.matmul.allow_tf32": "True"}),
    )
    assert keys_of(varied) != keys_of(found)
