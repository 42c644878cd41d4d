"""A host that does more because of a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from magneton.analysis.cost import SideCost
from magneton.analysis.statistics import Interval
from magneton.engine.assemble import Sites
from magneton.engine.change import Change
from magneton.engine.confirming import Confirmer
from magneton.engine.host_side import host_case, host_finding
from magneton.engine.merging import by_cause
from magneton.engine.request import Options
from magneton.engine.side import Side
from magneton.engine.stage import UNHEARD
from magneton.engine.trial import Trial, Trials, Untried
from magneton.source.positions import Locator
from magneton_agent.schema.messages import FindSetting, FoundSetting, Probe, Probed
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Finding, Outputs, SideName
from tests.analysis.steps import blocks, cost, exact, frame, operator, recording
from tests.engine.fake_runners import FakeRunner

ANOMALY, TRACING = "torch.is_anomaly_enabled()", "tracemalloc.is_tracing()"
ON = {ANOMALY: "True", TRACING: "False"}
OFF = {ANOMALY: "False", TRACING: "False"}
NAMES: tuple[SideName, SideName] = ("a", "b")
EQUAL = Outputs("outputs", True, 0.0)


def taking(host_j: float, spread: float = 0.02) -> SideCost:
    """A step of 1 J, of which the host takes ``host_j``."""
    found = Quantity(host_j, host_j * (1 - spread), host_j * (1 + spread), "modelled")
    return replace(cost(blocks([0.1]), (1.0,)), energy_j=exact(1.0), host_j=found)


def made(settings: dict[str, str]) -> Recording:
    return replace(
        recording([operator("mul")], [(0,)], [frame("step", path="/w/a.py")]), settings=settings
    )


class FakeTrials:
    """Trials in which the host takes 0.4 J, and what ``after`` says with the change, in one pair of
    processes after the other."""

    def __init__(
        self, after: Sequence[float], outputs: Outputs = EQUAL, deaf: bool = False
    ) -> None:
        self.after, self.outputs, self.deaf = list(after), outputs, deaf
        self.tried = list[Change]()

    async def try_change(
        self, change: Change, wanted: Sequence[int], afresh: bool
    ) -> Trial | Untried:
        self.tried.append(change)
        now = ON if self.deaf else ON | change.settings
        sure = Interval(1.0, 1.0, 1.0)
        return Trial(
            change=change,
            outputs=self.outputs,
            recordings=(made(ON), made(now)),
            costs=(taking(0.4), taking(self.after.pop(0))),
            energy_ratio=sure,
            time_ratio=sure,
            options=Options(),
            cut=None,
        )


async def looked_into(
    trials: FakeTrials, a: dict[str, str] = ON, b: dict[str, str] = OFF
) -> Finding | None:
    """The host of side a takes 0.4 J, that of side b 0.1 J."""
    locator = Locator(Path("/w"))
    sites = (Sites(made(a), locator), Sites(made(b), locator))
    case = host_case(sites, (taking(0.4), taking(0.1)))
    if case is None:
        return None
    place = frame("build", 5)
    runners: dict[SideName, FakeRunner] = {
        name: FakeRunner(
            {
                FindSetting: lambda _: FoundSetting((place,)),
                Probe: lambda request: Probed(((),) * len(request.sites)),
            },
            name,
        )
        for name in NAMES
    }
    for runner in runners.values():
        runner.locator = locator
    sides: dict[SideName, Side] = {name: runners[name] for name in NAMES}
    confirmer = Confirmer({"a": cast(Trials, trials)}, {}, 0.1)
    return await host_finding(case, sides, confirmer, UNHEARD)


@pytest.mark.asyncio
async def test_the_setting_that_takes_it_to_the_other_sides_is_the_cause() -> None:
    trials = FakeTrials([0.1, 0.1])
    found = await looked_into(trials)
    assert found is not None
    assert found.cause is not None
    assert (found.cause.name, found.cause.confirmed) == (ANOMALY, True)
    assert found.cause.location is not None
    assert (found.cause.location.path, found.cause.location.start.line) == ("a.py", 5)
    assert (found.wasteful_side, found.regions, found.class_) == ("a", (), "performance")
    assert isinstance(found.saving_j, Quantity)
    assert found.saving_j.value == pytest.approx(0.3)
    assert found.evidence[0].text == (
        "the host of side a takes 400 mJ a step and that of side b 100 mJ"
    )
    assert "the host then takes 0.25 times the energy" in found.evidence[2].text
    assert trials.tried == [Change({ANOMALY: "False"})] * 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "trials",
    [
        FakeTrials([0.4]),  # it does not move
        FakeTrials([0.25, 0.25]),  # not by enough
        FakeTrials([0.1, 0.4, 0.4]),  # one process was fast
        FakeTrials([0.1, 0.1], Outputs("outputs", False, 0.5, "y[0]")),
        FakeTrials([0.1, 0.1], deaf=True),  # the program does not keep it
    ],
)
async def test_no_finding_without_a_trial_that_tells(trials: FakeTrials) -> None:
    assert await looked_into(trials) is None


@pytest.mark.asyncio
async def test_nothing_is_tried_where_no_setting_differs() -> None:
    trials = FakeTrials([])
    assert await looked_into(trials, a=ON, b=ON) is None
    assert trials.tried == []


@pytest.mark.asyncio
async def test_what_only_python_goes_by_counts_too() -> None:
    found = await looked_into(FakeTrials([0.1, 0.1]), a=OFF | {TRACING: "True"}, b=OFF)
    assert found is not None
    assert found.cause is not None
    assert found.cause.name == TRACING


def test_a_host_that_does_not_surely_take_more_is_no_case() -> None:
    sites = tuple(Sites(made(each), Locator(Path("/w"))) for each in (ON, OFF))
    assert host_case((sites[0], sites[1]), (taking(0.4, 0.8), taking(0.1, 0.8))) is None
    case = host_case((sites[1], sites[0]), (taking(0.1), taking(0.4)))
    assert case is not None
    assert case.names == ("b", "a")
    assert [each.wasteful_value for each in case.settings] == ["True"]


@pytest.mark.asyncio
async def test_one_cause_of_operators_and_the_host_is_one_finding() -> None:
    host = await looked_into(FakeTrials([0.1, 0.1]))
    assert host is not None
    region = replace(host, regions=("r3",), saving_j=exact(0.2), evidence=())
    (found,) = by_cause([host, region], {"a": exact(1.0), "b": exact(0.5)})
    assert found.regions == ("r3",)
    assert isinstance(found.saving_j, Quantity)
    assert found.saving_j.value == pytest.approx(0.5)
    assert isinstance(found.saving_ratio, Quantity)
    assert found.saving_ratio.value == pytest.approx(0.5)
    other = replace(region, cause=None)
    assert by_cause([other, host], {"a": exact(1.0), "b": exact(0.5)}) == (other, host)
