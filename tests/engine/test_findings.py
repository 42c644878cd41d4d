"""What becomes of a finding whose programs cannot be asked, and of one that comes from neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from magneton.analysis.diagnosis.facts import Facts, Followed
from magneton.analysis.diagnosis.settings import untried
from magneton.analysis.grouping import Group
from magneton.engine.cases import Case
from magneton.engine.confirming import Confirmer
from magneton.engine.explaining import Explainer
from magneton.engine.findings import (
    Explained,
    _as_before,
    _followed,
    _placed,
    _told,
    counting,
    numbered,
)
from magneton.engine.side import Side
from magneton.engine.stage import UNHEARD
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import FindSetting, Varied, VariedCall
from magneton_agent.schema.result import Evidence, SideName
from tests.agent.recordings import recorded
from tests.analysis.diagnosis.findings import followed, side
from tests.analysis.steps import blocks, cost
from tests.builders import cause, finding, quantity
from tests.engine.explained import explained, seconds
from tests.engine.fake_runners import FakeRunner
from tests.engine.pairs import VARIABLE, Pair, Tried, X, both, told


class Ended:
    """Asks a worker that is no more."""

    async def followed(self) -> None:
        raise MagnetonError("side a ended by itself with status 1", "it left", "run it by itself")


def test_what_was_measured_stands_where_nobody_answers() -> None:
    text = "where the sides part was not found: side a ended by itself with status 1 (it left)"
    found = asyncio.run(_followed(cast(Explainer, Ended())))
    assert found == (None, (Evidence("failed", text, None),))


def test_a_cause_stands_without_a_place_where_nobody_answers() -> None:
    def gone(request: object) -> object:
        raise MagnetonError("side a was killed by signal 11", "it crashed", "run it by itself")

    threads = "torch.get_num_threads()"
    facts = Facts(side("a", settings={threads: "8"}), side("b", settings={threads: "1"}), True)
    found = untried(facts)
    assert found is not None
    case = cast(Case, SimpleNamespace(sites=[SimpleNamespace(is_user=bool)]))
    runners: dict[SideName, Side] = {"a": FakeRunner({FindSetting: gone})}
    told = asyncio.run(_placed(found, facts, runners, case, cast(Explainer, Ended())))
    text = "where the setting is set was not found: side a was killed by signal 11 (it crashed)"
    assert told == (found, (Evidence("failed", text, None),))


class Trying:
    """A worker in which the other side's layout makes an operator take ``varied_s`` of a second."""

    def __init__(self, varied_s: float) -> None:
        self.outcome = VariedCall((1.0,) * 8, (varied_s,) * 8, False, 0.0)

    async def ask(self, request: object, answer: type[Varied]) -> Varied:
        return answer(self.outcome)


@pytest.mark.parametrize(("varied_s", "findings", "withdrawn"), [(0.99, 0, 1), (0.4, 1, 0)])
def test_what_no_difference_accounts_for_is_no_finding(
    tmp_path: Path, varied_s: float, findings: int, withdrawn: int
) -> None:
    x = torch.randn(8, 8)
    y = x.T.contiguous().T
    a, b = recorded(lambda: torch.exp(x)), recorded(lambda: torch.exp(y))
    confirmer = Confirmer({}, {"a": cast(Side, Trying(varied_s))}, 0.1)
    told, _ = explained(tmp_path, (a, b), (seconds(a, 2.45), seconds(b)), confirmer)
    assert (len(told.findings), len(told.withdrawn)) == (findings, withdrawn)


@pytest.mark.parametrize(("view_s", "findings"), [(0.5, 0), (2.5, 1)])
def test_the_same_work_beside_a_view_of_it_is_no_finding(
    tmp_path: Path, view_s: float, findings: int
) -> None:
    x = torch.randn(8, 8)
    a, b = recorded(lambda: torch.exp(x.view(64).view(8, 8))), recorded(lambda: torch.exp(x))
    # The exponential takes 2 J more than the other side's, the views come on top of that.
    slow = cost(blocks(*[(view_s, view_s, 3.0)] * 6), (1.0,) * 3, energy_j=3.0 + 2 * view_s)
    told, _ = explained(tmp_path, (a, b), (slow, seconds(b)), Confirmer({}, {}, 0.1))
    assert (len(told.findings), len(told.withdrawn)) == (findings, 1 - findings)


class Following:
    """Finds an argument that differs on the way to what both programs run."""

    shared, partings, fork = True, (), None

    async def followed(self) -> Followed:
        return followed()


FOUR = torch.tensor(4.0)


@pytest.mark.parametrize(
    ("a", "b", "named"),
    [
        (lambda: X / 4.0, lambda: X / FOUR, None),  # torch makes such a tensor of the number
        (lambda: X**4.0, lambda: X**FOUR, "act"),
    ],
)
def test_what_reaches_no_operator_is_no_cause(
    a: Callable[[], Tensor], b: Callable[[], Tensor], named: str | None
) -> None:
    (case,) = Pair(a, b).cases
    sides: dict[SideName, Side] = {"a": FakeRunner({}), "b": FakeRunner({})}
    step_j = {name: case.costs[0].energy_j for name in sides}
    explainer = cast(Explainer, Following())
    told = asyncio.run(_told(case, explainer, sides, step_j, Confirmer({}, {}, 0.1), UNHEARD))
    cause = told.finding.cause if told is not None else None
    assert (cause.name if cause is not None else None) == named


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, False),
        ({"saving_ratio": quantity(0.009, high=0.011)}, True),  # it may save 1 %
        ({"cause": cause()}, False),
        ({"cause": cause(), "saving_ratio": quantity(0.019, high=0.021)}, False),
        ({"cause": cause(), "saving_ratio": quantity(0.021, low=0.019)}, True),
        ({"cause": cause(confirmed=True)}, True),
    ],
)
def test_what_nothing_confirms_and_hardly_saves_anything_is_no_finding(
    change: dict[str, Any], kept: bool
) -> None:
    large = finding(cause=None, regions=("r0",), saving_ratio=quantity(0.2))
    small = finding(cause=None, regions=("r1", "r2"), saving_ratio=quantity(0.002))
    small = replace(small, **change)
    groups = Group((0,), (0,), (0,)), Group((1, 2), (1, 2), (1, 2))
    cases = [SimpleNamespace(judged=SimpleNamespace(group=each)) for each in groups]
    found = Explained((large, small), (), {})
    left = counting(found, [cast(Case, each) for each in cases], 0.01)
    assert left.findings == ((large, small) if kept else (large,))
    assert left.withdrawn == (() if kept else groups[1:])


@pytest.mark.parametrize(
    ("part", "confirmed", "expected"),
    [(1.0, True, "EXAMPLE_WAY"), (0.5, True, None), (1.0, False, None)],
)
def test_what_a_confirmed_setting_explains_is_looked_into_no_further(
    part: float, confirmed: bool, expected: str | None
) -> None:
    def written_out() -> Tensor:
        y = 1 / (1 + torch.exp(-X))
        return torch.sqrt(y * y) + 1.0

    first, second = both(Pair(written_out, lambda: torch.abs(torch.sigmoid(X)) + 1.0))
    known = [told(first, VARIABLE, confirmed=confirmed)]
    step_j = second.costs[0].energy_j
    found = asyncio.run(_as_before(second, known, step_j, cast(Confirmer, Tried(part))))
    assert (found.explanation.name if found and found.explanation else None) == expected
    if found is not None:
        assert found.finding.cause is not None
        assert found.finding.cause.confirmed
        assert found.finding.regions == ("r1",)


def test_what_both_sides_do_needlessly_comes_last() -> None:
    often = cause(kind="redundant", name="f(x)", location=None)
    a, b = (
        finding(category="redundant", wasteful_side=side, cause=often, saving_j=quantity(0.9))
        for side in ("a", "b")
    )
    alone = finding(saving_j=quantity(0.1))
    found = numbered([a, alone, b])
    assert [(each.id, each.wasteful_side, each.cause) for each in found] == [
        ("f0", alone.wasteful_side, alone.cause),
        ("f1", "a", often),
        ("f2", "b", often),
    ]
    more = replace(b, cause=replace(often, wasteful_value="9 times"))
    assert [each.cause for each in numbered([alone, a, more])][:2] == [often, more.cause]
