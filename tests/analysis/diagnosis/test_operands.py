"""The rule for equal operators that are given something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.diagnosis.facts import TriedFact
from magneton.analysis.diagnosis.followed import explain as follow
from magneton.analysis.diagnosis.operands import confirmed, differences, untried
from magneton.analysis.effect import Effect
from magneton.analysis.statistics import Interval
from magneton_agent.schema.result import Cause
from tests.analysis.diagnosis.findings import facts, followed, side
from tests.analysis.steps import operator

FLOAT, DOUBLE = "torch.float32 [4, 4] strides [4, 1]", "torch.float64 [4, 4] strides [4, 1]"
TRANSPOSED = "torch.float32 [4, 4] strides [1, 4]"


def with_arguments(name: str, **arguments: str) -> tuple[object, ...]:
    return (operator(name, arguments=arguments),)


def test_a_scalar_argument() -> None:
    a = side("a", operators=with_arguments("sort", stable="True", dim="0"))
    b = side("b", operators=with_arguments("sort", stable="False", dim="0"))
    found = untried(facts(a, b))
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
    found = untried(facts(b, a))
    assert found is not None
    assert (found.wasteful_value, found.frame) == ("False", b.frame)
    assert found.evidence[0].text.endswith("is False on side b, True on side a")


def test_another_layout() -> None:
    found = untried(facts(side("a", inputs=((TRANSPOSED,),)), side("b", inputs=((FLOAT,),))))
    assert found is not None
    assert (found.kind, found.name) == ("layout", "the input of aten::mul")
    assert (found.wasteful_value, found.efficient_value) == (TRANSPOSED, FLOAT)


def test_another_dtype_of_every_input_is_one_difference() -> None:
    wide = side("a", "mul", "add", inputs=((DOUBLE, DOUBLE), (DOUBLE,)))
    found = untried(facts(wide, side("b", "mul", "add", inputs=((FLOAT, FLOAT), (FLOAT,)))))
    assert found is not None
    assert (found.kind, found.name) == ("dtype", "the dtype of the inputs")
    assert (found.wasteful_value, found.efficient_value) == ("torch.float64", "torch.float32")


def test_the_same_difference_in_every_operator_is_one() -> None:
    a = side("a", "mul", "mul", inputs=((TRANSPOSED,),) * 2)
    assert untried(facts(a, side("b", "mul", "mul"))) is not None


def test_two_differences_cannot_be_told_apart() -> None:
    a = side("a", operators=with_arguments("sort", stable="True"), inputs=((TRANSPOSED,),))
    b = side("b", operators=with_arguments("sort", stable="False"), inputs=((FLOAT,),))
    assert untried(facts(a, b)) is None


def test_what_was_followed_and_says_less_gives_the_place() -> None:
    a, b = side("a", inputs=((TRANSPOSED,),)), side("b", inputs=((FLOAT,),))
    sure = Interval(2.0, 2.0, 2.0)
    tried = TriedFact(differences(a, b)[0], Effect(sure, sure, None), confirmed=True)
    alike = followed(wasteful_value="another value", efficient_value="another value")
    given = facts(a, b, followed=alike, tried=(tried,))
    assert follow(given) is None
    found = confirmed(given)
    assert found is not None
    assert (found.kind, found.frame) == ("layout", alike.place)
    assert follow(replace(given, followed=followed())) is not None
    assert follow(replace(given, tried=())) is not None


def test_a_tensor_that_was_followed_is_confirmed_by_trying_its_layout() -> None:
    a, b = side("a", inputs=((TRANSPOSED,),)), side("b", inputs=((FLOAT,),))
    sure = Interval(2.0, 2.0, 2.0)
    tried = TriedFact(differences(a, b)[0], Effect(sure, sure, None), confirmed=True)
    tensor = followed(name="scores", wasteful_value=TRANSPOSED, efficient_value=FLOAT)
    given = facts(a, b, followed=tensor, tried=(tried,))
    found = follow(given)
    assert found is not None
    assert (found.kind, found.name, found.confirmed) == ("layout", "scores", True)
    assert found.evidence[-1].kind == "trial"
    cause = Cause("layout", "scores", TRANSPOSED.removeprefix("torch."), FLOAT, None, True)
    assert given.beside(cause) == ()
    other = follow(replace(given, followed=followed()))
    assert other is not None
    assert not other.confirmed


@pytest.mark.parametrize("name", ["dim", "size", "shape", "sizes"])
def test_where_and_how_large_is_no_cause(name: str) -> None:
    a = side("a", operators=with_arguments("sum", **{name: "0"}))
    b = side("b", operators=with_arguments("sum", **{name: "1"}))
    assert untried(facts(a, b)) is None


def test_no_difference() -> None:
    assert untried(facts()) is None


def test_other_operators_are_another_rules() -> None:
    a = side("a", "mul", inputs=((TRANSPOSED,),))
    assert untried(facts(a, side("b", "add", inputs=((FLOAT,),)))) is None


def test_what_was_tried_and_moved_the_energy_is_the_cause() -> None:
    a = side("a", operators=with_arguments("sort", stable="True"), inputs=((TRANSPOSED,),))
    b = side("b", operators=with_arguments("sort", stable="False"), inputs=((FLOAT,),))
    stable, layout = differences(a, b)
    sure, none = Interval(2.0, 2.0, 2.0), Interval(1.0, 1.0, 1.0)
    moved = TriedFact(layout, Effect(sure, sure, None), confirmed=True)
    kept = TriedFact(stable, Effect(none, sure, None))
    given = facts(a, b, tried=(kept, moved))
    found = confirmed(given)
    assert found is not None
    assert (found.kind, found.name, found.confirmed) == ("layout", "the input of aten::sort", True)
    assert found.evidence[1].text == (
        f"tried on side a: with {FLOAT} instead of {TRANSPOSED}, these operators then take 0.50 "
        "times the energy (0.50 to 0.50); the other side's take 0.50 times"
    )
    assert untried(given) is None
    left = untried(facts(a, b, tried=(kept,)))
    assert left is not None
    assert (left.name, left.confirmed) == ("the input of aten::sort", False)
