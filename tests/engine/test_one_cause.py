"""Findings of one cause are one; those of two causes stay two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from magneton.analysis.classify import judge
from magneton.analysis.cost import SideCost
from magneton.analysis.diagnosis import calls
from magneton.analysis.diagnosis.facts import Explanation, Facts, TriedFact
from magneton.analysis.effect import Effect
from magneton.analysis.flow import flow_of
from magneton.analysis.grouping import group_alike
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import Cut, cut_flows
from magneton.analysis.statistics import Interval
from magneton.engine.assemble import Sites
from magneton.engine.cases import Case, cases_of
from magneton.engine.confirming import Confirmer, Flip, Suspected
from magneton.engine.one_cause import Told, one_a_cause
from magneton.source.positions import Locator
from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.location import Frame
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Finding, SideName
from tests.agent.recordings import recorded
from tests.analysis.diagnosis.findings import CALL, FORWARD, facts, followed
from tests.analysis.steps import blocks, cost
from tests.builders import cause, finding, location, quantity

HERE = Path(__file__)
torch.manual_seed(0)
X, W, V = torch.randn(24, 16), torch.randn(16, 16), torch.randn(16, 16)
Step = Callable[[], Tensor]
UNTRIED = Confirmer({}, {}, 0.1)


class Pair:
    """Two steps: each operator of the first takes 3 J, each of the second 1 J."""

    def __init__(self, a: Step, b: Step) -> None:
        self.recordings = recorded(a), recorded(b)
        flows = flow_of(self.recordings[0]), flow_of(self.recordings[1])
        self.cut: Cut = cut_flows(*flows, match_flows(*flows))
        costs = (_joules(self.recordings[0], 3.0), _joules(self.recordings[1], 1.0))
        sites = tuple(Sites(each, Locator(HERE.parent)) for each in self.recordings)
        judged = judge(group_alike(self.cut, *self.recordings), *costs, Thresholds())
        found = cases_of(judged, self.cut, (sites[0], sites[1]), costs)
        self.cases = [each for each in found if each.wasteful == "a"]

    def case(self, name: str) -> Case:
        """The one that runs the operator of that name on side a."""
        (found,) = (
            each
            for each in self.cases
            if f"aten::{name}" in [operator.name for operator in each.telling(0)]
        )
        return found

    def one(self, told: Sequence[Told], confirmer: Confirmer = UNTRIED) -> list[Finding]:
        step_j = self.cases[0].costs[0].energy_j
        return asyncio.run(
            one_a_cause(told, self.cut.regions, confirmer, {"a": step_j, "b": step_j})
        )


def _joules(recording: Recording, each_j: float) -> SideCost:
    count = len(recording.operators)
    timed = blocks(*[(each_j,) * count] * 6)
    return cost(timed, (1.0,) * count, energy_j=each_j * count)


def told(
    case: Case,
    found: Explanation | None = None,
    partings: tuple[Frame, ...] = (),
    confirmed: bool = False,
    known: Facts | None = None,
) -> Told:
    """A finding about ``case`` that ``found`` explains."""
    made = finding(
        regions=tuple(f"r{number}" for number in case.judged.group.regions),
        count=len(case.judged.group.regions),
        saving_j=case.saving_j,
        message=found.message if found is not None else "no single cause was found",
        cause=cause(
            kind=found.kind,
            name=found.name,
            wasteful_value=found.wasteful_value,
            efficient_value=found.efficient_value,
            location=location(line=found.frame.line) if found.frame is not None else None,
            confirmed=confirmed,
        )
        if found is not None
        else None,
    )
    if found is not None:
        found = replace(found, confirmed=confirmed)
    return Told(made, case, found, known or facts(), cast(Suspected, None), partings)


def because(name: str = "precision", **changes: Any) -> Explanation:
    """A cause of that name, followed to where it is given."""
    default = Explanation(
        category="misconfiguration",
        kind="argument",
        name=name,
        wasteful_value="'high'",
        efficient_value="'low'",
        frame=CALL,
        evidence=(),
        rejected=(),
        message=f"`{name}` is 'high'",
        remedy="",
    )
    return replace(default, **changes)


def saved(found: Sequence[Finding]) -> list[float]:
    return [each.saving_j.value for each in found if isinstance(each.saving_j, Quantity)]


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


LOOK = because(
    "the dtype of the inputs",
    kind="dtype",
    wasteful_value="torch.float64",
    efficient_value="torch.float32",
    frame=FORWARD,
)


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


# Where what decides is known.


@pytest.fixture(scope="module")
def two() -> Pair:
    """Two expressions on two lines, of which one feeds the other."""

    def written_out() -> Tensor:
        y = 1 / (1 + torch.exp(-X))
        return torch.sqrt(y * y) + 1.0

    return Pair(written_out, lambda: torch.abs(torch.sigmoid(X)) + 1.0)


def both(pair: Pair) -> list[Case]:
    assert len(pair.cases) >= 2
    return pair.cases[:2]


def test_what_one_value_in_one_place_decides_is_one(two: Pair) -> None:
    first, second = both(two)
    found = two.one([told(first, because()), told(second, because(kind="dtype"), confirmed=True)])
    assert saved(found) == [first.saving_j.value + second.saving_j.value]
    assert found[0].cause is not None
    assert (found[0].cause.kind, found[0].cause.confirmed) == ("argument", False)


@pytest.mark.parametrize(
    "change",
    [{"name": "other"}, {"efficient_value": "'medium'"}, {"frame": FORWARD}],
)
def test_another_name_value_or_place_is_another_cause(two: Pair, change: dict[str, Any]) -> None:
    first, second = both(two)
    assert len(two.one([told(first, because()), told(second, because(**change))])) == 2


def test_a_tensor_followed_to_the_place_of_another_cause_is_one(two: Pair) -> None:
    first, second = both(two)
    values = {"wasteful_value": "'high'", "efficient_value": "'low'", "place": CALL}
    origin = facts(followed=followed(name="precision", **values))
    (found,) = two.one(
        [told(first, because()), told(second, replace(LOOK, frame=CALL), known=origin)]
    )
    assert found.count == 2


# Where a trial has told.


class Tried:
    """Trials that take ``part`` of the difference, in logarithms, away from every finding."""

    def __init__(self, part: float) -> None:
        self.part = part

    async def too(self, flip: Flip, finding: Suspected) -> TriedFact:
        ratio = 3.0**self.part
        effect = Effect(Interval(ratio, ratio, ratio), Interval(3.0, 3.0, 3.0), None)
        return TriedFact(flip.difference, effect, confirmed=effect.settles(0.1))


VARIABLE = because("EXAMPLE_WAY", kind="setting")


@pytest.mark.parametrize(("part", "findings"), [(1.0, 1), (0.5, 2), (0.0, 2)])
def test_what_a_trial_does_to_other_findings_too(two: Pair, part: float, findings: int) -> None:
    first, second = both(two)
    confirmer = cast(Confirmer, Tried(part))
    found = two.one([told(second), told(first, VARIABLE, confirmed=True)], confirmer)
    assert len(found) == findings
    if findings == 1:
        assert found[0].message == "`EXAMPLE_WAY` is 'high'"
        (tried,) = (each.text for each in found[0].evidence if each.kind == "trial")
        assert "too: with 'low' instead of 'high', these operators then take 0.33 times" in tried


def test_a_cause_that_was_confirmed_by_itself_stays(two: Pair) -> None:
    first, second = both(two)
    other = told(second, because("OTHER", kind="setting"), confirmed=True)
    confirmer = cast(Confirmer, Tried(1.0))
    assert len(two.one([told(first, VARIABLE, confirmed=True), other], confirmer)) == 2


@pytest.mark.parametrize(("part", "findings"), [(0.0, 2), (0.5, 1)])
def test_what_a_trial_does_not_move_does_not_come_from_it(
    double: Pair, part: float, findings: int
) -> None:
    first = told(double.case("mm"), VARIABLE, confirmed=True)
    confirmer = cast(Confirmer, Tried(part))
    assert len(double.one([first, told(double.case("exp"))], confirmer)) == findings


# Below the place where both sides part.


def slowly(x: Tensor) -> Tensor:
    y = 1 / (1 + torch.exp(-x))
    return torch.sqrt(y * y)


def quickly(x: Tensor) -> Tensor:
    return torch.abs(torch.sigmoid(x))


def called(pair: Pair, function: str, path: str = str(HERE)) -> Frame:
    """The first place of that function that side a's step runs through; the tests' runner has
    frames of its own."""
    return next(
        each
        for each in pair.recordings[0].frames
        if each.path == path and each.function.endswith(function)
    )


def test_what_runs_below_the_place_where_both_part_comes_from_there() -> None:
    pair = Pair(lambda: slowly(X) + 1.0, lambda: quickly(X) + 1.0)
    first, second = both(pair)
    expression = calls.explain(facts())
    known = facts(followed=followed(name="way", function=called(pair, "<lambda>")))
    way = because("way")
    assert len(pair.one([told(second), told(first)])) == 2
    for found in (None, expression):
        (one,) = pair.one([told(second, found), told(first, way, known=known)])
        assert one.message == "`way` is 'high'"
    # Elsewhere, or with a cause of its own, it is another one.
    other = facts(followed=followed(name="way", function=FORWARD))
    assert len(pair.one([told(second), told(first, way, known=other)])) == 2
    assert len(pair.one([told(second, because()), told(first, way, known=known)])) == 2


# The same on top of everything.


def checked(x: Tensor) -> Tensor:
    torch.isnan(x).any()
    return x


def test_one_check_of_many_operators_is_one_finding() -> None:
    def checking() -> Tensor:
        y = X
        for each in (torch.exp, torch.sin):
            y = each(checked(y))
        return y

    pair = Pair(checking, lambda: torch.sin(torch.exp(X)))
    costly, other = (told(case) for case in both(pair))
    (found,) = pair.one([other, costly])
    assert (found.cause, found.count, saved([found])) == (None, 2, [16.0])
    (text,) = (each.text for each in found.evidence if each.kind == "path")
    assert text.endswith(" has the same added")
    # A known cause may be of what they are added to.
    assert len(pair.one([other, replace(costly, explanation=because("act"))])) == 2


def test_two_checks_on_two_lines_are_two() -> None:
    def checking() -> Tensor:
        y = torch.exp(checked(X))
        return torch.sin(checked(y))

    pair = Pair(checking, lambda: torch.sin(torch.exp(X)))
    assert len(pair.one([told(case) for case in both(pair)])) == 2


def test_on_two_lines_two_expressions_stay_two_findings() -> None:
    pair = Pair(lambda: slowly(X) + 1.0, lambda: quickly(X) + 1.0)
    first, second = (told(case, None, (called(pair, "<lambda>"),)) for case in both(pair))
    assert len(pair.one([first, second])) == 2


LIBRARY = """
import torch


def slowly(x):
    y = 1 / (1 + torch.exp(-x))
    return torch.sqrt(y * y)


def quickly(x):
    return torch.abs(torch.sigmoid(x))


def run(x, way):
    return way(x)
"""


def test_what_one_call_of_a_library_runs_is_one_finding_without_a_cause_too() -> None:
    names: dict[str, Any] = {}
    exec(compile(LIBRARY, "/lib/ways.py", "exec"), names)
    run = names["run"]
    pair = Pair(lambda: run(X, names["slowly"]) + 1.0, lambda: run(X, names["quickly"]) + 1.0)
    parting = called(pair, "run", "/lib/ways.py")
    costly, other = both(pair)
    (found,) = pair.one([told(case, None, (parting,)) for case in (other, costly)])
    assert (found.cause, found.count) == (None, 2)
    assert found.regions[0] == f"r{costly.judged.group.regions[0]}"
    (text,) = (each.text for each in found.evidence if each.kind == "path")
    assert text.endswith(" runs below run (line 15) too")
    # Of a pass that both run alike nothing is known.
    assert len(pair.one([told(costly), told(other)])) == 2
