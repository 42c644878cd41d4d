"""The rule for equal operators that are given something else."""

from __future__ import annotations

import pytest

from magneton.analysis.diagnosis.operands import explain
from tests.analysis.diagnosis.findings import facts, side
from tests.analysis.steps import operator

FLOAT, DOUBLE = "torch.float32 [4, 4] strides [4, 1]", "torch.float64 [4, 4] strides [4, 1]"
TRANSPOSED = "torch.float32 [4, 4] strides [1, 4]"


def with_arguments(name: str, **arguments: str) -> tuple[object, ...]:
    return (operator(name, arguments=arguments),)


def test_a_scalar_argument() -> None:
    a = side("a", operators=with_arguments("sort", stable="True", dim="0"))
    b = side("b", operators=with_arguments("sort", stable="False", dim="0"))
    found = explain(facts(a, b))
    assert found is not None
    assert (found.category, found.kind) == ("api-misuse", "argument")
    assert (found.name, found.wasteful_value, found.efficient_value) == (
        "`stable` of aten::sort",
        "True",
        "False",
    )
    assert found.frame == a.frame
    assert found.evidence[0].text == "`stable` of aten::sort is True on side a, False on side b"


def test_the_wasteful_side_is_named_whichever_it_is() -> None:
    a = side("a", operators=with_arguments("sort", stable="True"))
    b = side("b", operators=with_arguments("sort", stable="False"))
    found = explain(facts(b, a))
    assert found is not None
    assert (found.wasteful_value, found.frame) == ("False", b.frame)
    assert found.evidence[0].text.endswith("is False on side b, True on side a")


def test_another_layout() -> None:
    found = explain(facts(side("a", inputs=((TRANSPOSED,),)), side("b", inputs=((FLOAT,),))))
    assert found is not None
    assert (found.kind, found.name) == ("layout", "the input of aten::mul")
    assert (found.wasteful_value, found.efficient_value) == (TRANSPOSED, FLOAT)


def test_another_dtype_of_every_input_is_one_difference() -> None:
    wide = side("a", "mul", "add", inputs=((DOUBLE, DOUBLE), (DOUBLE,)))
    found = explain(facts(wide, side("b", "mul", "add", inputs=((FLOAT, FLOAT), (FLOAT,)))))
    assert found is not None
    assert (found.kind, found.name) == ("dtype", "the dtype of the inputs")
    assert (found.wasteful_value, found.efficient_value) == ("torch.float64", "torch.float32")


def test_the_same_difference_in_every_operator_is_one() -> None:
    a = side("a", "mul", "mul", inputs=((TRANSPOSED,),) * 2)
    assert explain(facts(a, side("b", "mul", "mul"))) is not None


def test_two_differences_cannot_be_told_apart() -> None:
    a = side("a", operators=with_arguments("sort", stable="True"), inputs=((TRANSPOSED,),))
    b = side("b", operators=with_arguments("sort", stable="False"), inputs=((FLOAT,),))
    assert explain(facts(a, b)) is None


@pytest.mark.parametrize("name", ["dim", "size", "shape", "sizes"])
def test_where_and_how_large_is_no_cause(name: str) -> None:
    a = side("a", operators=with_arguments("sum", **{name: "0"}))
    b = side("b", operators=with_arguments("sum", **{name: "1"}))
    assert explain(facts(a, b)) is None


def test_no_difference() -> None:
    assert explain(facts()) is None


def test_other_operators_are_another_rules() -> None:
    a = side("a", "mul", inputs=((TRANSPOSED,),))
    assert explain(facts(a, side("b", "add", inputs=((FLOAT,),)))) is None
