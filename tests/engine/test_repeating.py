"""When it is asked what decides that one side repeats work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from magneton.analysis.diagnosis.facts import Followed
from magneton.engine.assemble import Sites
from magneton.engine.explaining import Explainer
from magneton.engine.findings import is_of_both
from magneton.engine.redundant import suspect
from magneton.engine.repeating import as_often, decided_there, why_repeated
from magneton.engine.side import Side
from magneton.source.positions import Locator
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Probe, Probed
from magneton_agent.schema.result import SideName
from tests.agent.recordings import recorded
from tests.analysis.diagnosis.findings import CALL, followed
from tests.engine.explained import seconds
from tests.engine.fake_runners import FakeRunner

HERE = Path(__file__)
X = torch.rand(64)


def table() -> Tensor:
    return torch.cos(X).sqrt()


@pytest.mark.parametrize(("times", "asked"), [(1, 1), (2, 1), (3, 0)])
def test_only_where_the_other_side_computes_it_less_often(times: int, asked: int) -> None:
    def step(count: int) -> Tensor:
        return torch.stack([table() for _ in range(count)])

    recordings = recorded(lambda: step(3)), recorded(lambda: step(times))
    own, other = (
        suspect("a", Sites(each, Locator(HERE.parent)), seconds(each), 0.01) for each in recordings
    )

    def gone(request: Probe) -> Probed:
        raise MagnetonError("it has ended", "a crash", "none")

    runner = FakeRunner({Probe: gone})
    sides: dict[SideName, Side] = {"a": runner, "b": runner}
    assert asyncio.run(why_repeated(own, replace(other, side="b"), sides)) == {}
    assert len(runner.asked) == asked
    common = as_often(own, other)
    assert common == (set() if asked else set(own.mains))
    found = own.findings(common=common)
    assert [is_of_both(each, found) for each in found] == [not asked] * len(own.mains)


def test_as_often_is_meant_of_all_that_is_repeated() -> None:
    y = torch.rand(64)

    def step(count: int) -> Tensor:
        return torch.stack([torch.exp(each) for each in (X, X, *[y] * count)])

    recordings = recorded(lambda: step(2)), recorded(lambda: step(1))
    own, other = (
        suspect("a", Sites(each, Locator(HERE.parent)), seconds(each), 0.01) for each in recordings
    )
    assert len(own.mains) == 1
    assert as_often(own, other) == set()
    assert as_often(own, own) == set(own.mains)


async def none_but_the_first(self: Explainer, operator: int) -> Followed | None:
    """The other side comes as often to the last line that computes it, not to the first."""
    own = self._recordings[0].operators
    equal = [each.id for each in own if each.name == own[operator].name]
    return followed() if operator == equal[0] else None


def test_any_place_that_computes_it_may_be_the_one_that_the_other_side_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def checked() -> Tensor:
        assert table().isfinite().all()
        return table()

    recordings = recorded(checked), recorded(table)
    own, other = (
        suspect("a", Sites(each, Locator(HERE.parent)), seconds(each), 0.01) for each in recordings
    )
    runner = FakeRunner({})
    sides: dict[SideName, Side] = {"a": runner, "b": runner}
    monkeypatch.setattr(Explainer, "seldom", none_but_the_first)
    found = asyncio.run(why_repeated(own, replace(other, side="b"), sides))
    assert found == {own.mains[0]: followed()}
    theirs = replace(followed(), there=CALL)
    there = own.sites.location(CALL)
    assert decided_there((own, other), {0: theirs, 1: followed()}) == {
        ("a", ("act", "'slow'", "'fast'"), own.sites.location(theirs.place)): there
    }
    assert own.mains[0] not in (0, 1)  # the first time is none that need not run
