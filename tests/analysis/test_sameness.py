"""Which operators do the very same work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from magneton.analysis.sameness import keys_of
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
