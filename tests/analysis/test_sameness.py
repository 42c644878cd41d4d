"""Which operators do the very same work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from magneton.analysis.sameness import keys_of, same_work
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


def test_a_variant_of_the_settings_is_part_of_the_key() -> None:
    found: Recording = recorded(lambda: X + 1)
    (operator,) = found.operators
    varied = replace(
        found,
        operators=(replace(operator, settings=1),),
        variants=({}, {"torch.backends.cuda.matmul.allow_tf32": "True"}),
    )
    assert keys_of(varied) != keys_of(found)


def test_inference_mode_is_no_matter_of_the_kernels() -> None:
    with torch.inference_mode():
        inside = keys(lambda: X + 1)["add"]
    with torch.no_grad():
        assert inside == keys(lambda: X + 1)["add"]


def same(a: Callable[[], object], b: Callable[[], object]) -> bool:
    recordings = recorded(a), recorded(b)
    x, y = (range(len(each.operators)) for each in recordings)
    return same_work(recordings, (x, y))


def test_a_number_of_two_operands_may_be_a_tensor() -> None:
    four = torch.tensor(4.0)
    assert same(lambda: X / 4.0, lambda: X / four)
    double = four.double()
    assert same(lambda: X * double, lambda: X * 4.0)


def test_what_a_number_makes_of_the_rest_tells_operators_apart() -> None:
    two, fours = torch.tensor(2.0), torch.full((6,), 4.0)
    assert not same(lambda: X**2, lambda: X**two)  # squares need no power
    assert not same(lambda: X / 4.0, lambda: X / fours)
    assert not same(lambda: X / 4.0, lambda: X / 2.0)
    whole, double = torch.ones(4, 6, dtype=torch.int64), torch.tensor(4.0, dtype=torch.float64)
    assert not same(lambda: whole / 4.0, lambda: whole / double)
