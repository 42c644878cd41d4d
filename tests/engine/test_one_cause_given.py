"""What is only given something otherwise is one finding with what made it so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from magneton.engine.confirming import Confirmer
from magneton.engine.one_cause import one_a_cause
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import SideName
from tests.analysis.diagnosis.findings import FORWARD, facts, followed
from tests.builders import quantity
from tests.engine.pairs import LOOK, UNTRIED, VARIABLE, Pair, Tried, V, W, X, because, saved, told

# What a tensor's type makes of all that is computed from it.


def single(x: Tensor) -> Tensor:
    return x.float()


def in_double(x: Tensor) -> Tensor:
    return torch.relu(x.double() @ W.double()).exp().float() * 2.0


def in_single(x: Tensor) -> Tensor:
    return torch.relu(x @ W).exp() * 2.0


@pytest.fixture(scope="module")
def double() -> Pair:
    return Pair(lambda: in_double(X), lambda: in_single(X))


def test_what_computes_with_another_type_comes_from_what_made_it_so(double: Pair) -> None:
    first, *others = (double.case(name) for name in ("mm", "relu", "exp", "mul"))
    (found,) = double.one([*map(told, others), told(first, because())])
    assert (found.message, found.count) == ("`precision` is 'high'", 4)
    every = [case.judged.group.regions[0] for case in (first, *others)]
    assert sorted(found.regions) == [f"r{number}" for number in sorted(every)]
    # 3 J against 1: the product with two conversions, relu, exp, the last product with one.
    assert saved([found]) == [pytest.approx(8.0 + 2.0 + 2.0 + 5.0)]
    assert [each.text for each in found.evidence if each.kind == "given"] == [
        "aten::mul is only given otherwise what it computes with: float64 instead of float32",
        "aten::relu is only given otherwise what it computes with: float64 instead of float32",
        "aten::exp is only given otherwise what it computes with: float64 instead of float32",
    ]


def test_that_an_operator_is_given_another_type_is_no_cause_of_its_own(double: Pair) -> None:
    first, second = told(double.case("mm"), because()), double.case("exp")
    (found,) = double.one([first, told(second, LOOK, confirmed=True)])
    assert found.cause == first.finding.cause
    # Unless that was followed to where it comes from, or is another type than what is handed on.
    elsewhere = told(second, LOOK, known=facts(followed=followed(place=FORWARD)))
    assert len(double.one([first, elsewhere])) == 2
    half = replace(LOOK, wasteful_value="torch.float32", efficient_value="torch.float16")
    assert len(double.one([first, told(second, half)])) == 2
    assert len(double.one([first, told(second, replace(LOOK, kind="layout"))])) == 2


def test_a_finding_with_a_cause_of_its_own_stays(double: Pair) -> None:
    first, second = told(double.case("mm"), because()), told(double.case("exp"), because("act"))
    assert len(double.one([first, second])) == 2


def test_findings_without_a_cause_are_one_where_one_makes_the_others(double: Pair) -> None:
    (found,) = double.one([told(double.case(name)) for name in ("mul", "exp", "mm")])
    assert found.regions[0] == f"r{double.case('mm').judged.group.regions[0]}"
    assert found.cause is None
    (text,) = (each.text for each in found.evidence if each.text.startswith("the ratio"))
    assert text.startswith("the ratio is of 1 of the 3 places that come from one place, those that")


def test_they_are_one_too_where_what_made_them_so_is_too_small_to_be_found(double: Pair) -> None:
    (found,) = double.one([told(double.case(name)) for name in ("mul", "exp")])
    assert found.count == 2


def test_they_stay_where_nobody_knows_what_made_them_so(double: Pair) -> None:
    number = double.case("mm").judged.group.regions[0]
    regions = list(double.cut.regions)
    regions[number] = replace(regions[number], a=(), b=())
    told_of = [told(double.case(name)) for name in ("mul", "exp")]
    step_j: dict[SideName, Quantity] = {"a": quantity(9.0), "b": quantity(9.0)}
    assert len(asyncio.run(one_a_cause(told_of, regions, UNTRIED, step_j))) == 2


def test_what_two_causes_hand_on_comes_from_neither() -> None:
    pair = Pair(
        lambda: single(torch.relu(X.double() @ W.double()) * torch.exp(X.double() @ V.double())),
        lambda: torch.relu(X @ W) * torch.exp(X @ V),
    )
    products = [case for case in pair.cases if case.telling(0)[0].name == "aten::mm"]
    # The two products are alike in every line: they are one group, and one cause or two.
    assert len(products) == 2
    causes = [told(each, because(name)) for each, name in zip(products, ("x", "y"), strict=True)]
    last = told(pair.case("mul"))
    assert len(pair.one([*causes, last])) == 3
    one = [told(each, because("x")) for each in products]
    assert len(pair.one([*one, last])) == 1


def test_other_operators_on_another_type_are_a_difference_of_their_own() -> None:
    pair = Pair(
        lambda: single(1 / (1 + torch.exp(-(X.double() @ W.double())))),
        lambda: torch.sigmoid(X @ W),
    )
    first, second = told(pair.case("mm"), because()), told(pair.case("exp"))
    assert len(pair.one([first, second])) == 2


def test_a_conversion_of_what_comes_alike_is_a_difference_of_its_own() -> None:
    def single_then_double() -> Tensor:
        return torch.exp((1 / (1 + torch.exp(-X))).double()).float()

    pair = Pair(single_then_double, lambda: torch.exp(torch.sigmoid(X)))
    first, second = pair.cases
    assert len(pair.one([told(first, because("act")), told(second)])) == 2


def test_weights_that_were_there_before_have_the_type_that_an_operator_asks_for() -> None:
    w, v = W.double(), V.double()
    pair = Pair(lambda: single(torch.relu(X.double() @ w) @ v), lambda: torch.relu(X @ W) @ V)
    products = [case for case in pair.cases if case.telling(0)[0].name == "aten::mm"]
    (found,) = pair.one([told(products[0], because()), told(products[1])])
    assert found.count == 2


# What another layout makes of what reads it.


def test_a_copy_that_only_another_layout_asks_for() -> None:
    # Fused attention gives the heads side by side, as it got them; products give one by one.
    x, w = torch.randn(2, 8, 4, 6).transpose(1, 2), torch.randn(24, 24)

    def written_out() -> Tensor:
        weights = (x @ x.transpose(-1, -2) / 6**0.5).softmax(-1)
        return functional.linear((weights @ x).transpose(1, 2).flatten(2), w)

    def fused() -> Tensor:
        return functional.linear(
            functional.scaled_dot_product_attention(x, x, x).transpose(1, 2).flatten(2), w
        )

    pair = Pair(written_out, fused)
    attention, after = pair.case("_softmax"), pair.case("mm")
    (found,) = pair.one([told(attention, because("attention")), told(after)])
    assert found.count == 2
    (given,) = (each.text for each in found.evidence if each.kind == "given")
    assert given == "aten::mm is only given otherwise what it computes with: another layout"


@pytest.mark.parametrize(("part", "findings"), [(0.0, 2), (0.5, 1)])
def test_what_a_trial_does_not_move_does_not_come_from_it(
    double: Pair, part: float, findings: int
) -> None:
    first = told(double.case("mm"), VARIABLE, confirmed=True)
    confirmer = cast(Confirmer, Tried(part))
    assert len(double.one([first, told(double.case("exp"))], confirmer)) == findings
