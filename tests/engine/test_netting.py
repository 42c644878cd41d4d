"""What one decision costs the other side is off what it saves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from magneton.engine.cases import Case
from magneton.engine.confirming import Suspected
from magneton.engine.netting import Explained, netted
from magneton.engine.told import Told
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import SideName
from tests.analysis.diagnosis.findings import facts
from tests.analysis.steps import frame
from tests.builders import finding, location, quantity
from tests.engine.pairs import because

STEP_J: dict[SideName, Quantity] = {"a": quantity(2.0), "b": quantity(1.0)}
OURS, THEIRS = frame("build", 3, path="/w/a.py"), frame("build", 4, path="/w/b.py")


def found(side: SideName, saving_j: float, regions: tuple[str, ...], **changes: Any) -> Explained:
    """A finding of one side, whose cause was followed on both."""
    default: dict[str, Any] = {"frame": OURS, "there": THEIRS}
    if side == "b":
        default = {"frame": THEIRS, "there": OURS}
        default |= {"wasteful_value": "'low'", "efficient_value": "'high'"}
    made = finding(
        wasteful_side=side,
        regions=regions,
        count=len(regions),
        saving_j=quantity(saving_j),
        location=location(f"{side}.py", 7),
    )
    case = cast(Case, SimpleNamespace(wasteful=side))
    explanation = because(**(default | changes))
    return made, [Told(made, case, explanation, facts(), cast(Suspected, None))]


def test_what_the_same_decision_costs_the_other_side_is_off_the_saving() -> None:
    (net,) = netted([found("b", 0.1, ("r7", "r8")), found("a", 0.4, ("r1",))], STEP_J)
    assert isinstance(net.saving_j, Quantity)
    assert isinstance(net.saving_ratio, Quantity)
    bounds = (net.saving_j.value, net.saving_j.low, net.saving_j.high)
    # 0.4 J less 0.1 J, each 1 % to either side.
    assert bounds == pytest.approx((0.3, 0.396 - 0.101, 0.404 - 0.099))
    assert net.saving_ratio.value == pytest.approx(0.15)
    assert (net.wasteful_side, net.regions, net.count) == ("a", ("r1", "r7", "r8"), 3)
    assert net.evidence[-1].text == (
        "for the same reason side b takes more in 2 other places, 25 % of what side a takes more: "
        "the saving is what is left, the figures of both sides are of all of them"
    )
    assert net.evidence[-1].location == location("b.py", 7)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"wasteful_value": "'medium'"},
        {"frame": OURS},
        {"there": THEIRS},
        {"there": None},
        {"frame": None},
    ],
)
def test_another_decision_is_another_finding(change: dict[str, Any]) -> None:
    both = [found("a", 0.4, ("r1",)), found("b", 0.1, ("r2",), **change)]
    assert [each.regions for each in netted(both, STEP_J)] == [("r1",), ("r2",)]


def test_where_it_may_save_nothing_both_stay() -> None:
    both = [found("a", 0.4, ("r1",)), found("b", 0.395, ("r2",))]
    assert [each.saving_j for each in netted(both, STEP_J)] == [quantity(0.4), quantity(0.395)]
