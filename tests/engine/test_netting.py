"""What one decision costs the other side is off what it saves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from magneton.engine.merging import decided_by
from magneton.engine.netting import Theirs, netted
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Finding, SideName
from tests.builders import cause, finding, location, quantity, repeated

STEP_J: dict[SideName, Quantity] = {"a": quantity(2.0), "b": quantity(1.0)}
OURS, THEIRS = location("a.py", 3), location("b.py", 4)
KEEP = {"kind": "argument", "name": "keep", "wasteful_value": "False", "efficient_value": "True"}


def saves(saving_j: float = 0.4, **changes: Any) -> Finding:
    """Side a takes more, as ``keep`` is given otherwise in ``OURS``."""
    default = {"regions": ("r1",), "cause": cause(location=OURS, **KEEP)}
    return finding(saving_j=quantity(saving_j), **(default | changes))


def costs(saving_j: float = 0.1, made: Callable[..., Finding] = finding, **changes: Any) -> Finding:
    """What ``keep`` costs side b, which gives it in ``THEIRS``."""
    given = KEEP | {"wasteful_value": "True", "efficient_value": "False", "location": THEIRS}
    default = {"wasteful_side": "b", "location": location("b.py", 7)}
    if made is finding:
        default |= {"regions": ("r7", "r8"), "count": 2}
    return made(saving_j=quantity(saving_j), cause=cause(**(given | changes)), **default)


def followed(*both: Finding) -> Theirs:
    """Both followed to the places of both sides."""
    keys = [decided_by(each) for each in both]
    return {key: THEIRS if key[0] == "a" else OURS for key in keys if key is not None}


def test_what_the_same_decision_costs_the_other_side_is_off_the_saving() -> None:
    both = costs(), saves()
    (net,) = netted(both, followed(*both), STEP_J)
    assert isinstance(net.saving_j, Quantity)
    assert isinstance(net.saving_ratio, Quantity)
    bounds = (net.saving_j.value, net.saving_j.low, net.saving_j.high)
    # 0.4 J less 0.1 J, each 1 % to either side.
    assert bounds == pytest.approx((0.3, 0.396 - 0.101, 0.404 - 0.099))
    assert net.saving_ratio.value == pytest.approx(0.15)
    assert (net.wasteful_side, net.regions, net.count) == ("a", ("r1", "r7", "r8"), 3)
    assert (net.evidence[-1].text, net.evidence[-1].location) == (
        "for the same reason side b takes more elsewhere, 25 % of what side a takes more: the "
        "saving is what is left, the figures of both sides are of all of it",
        location("b.py", 7),
    )


def test_what_it_costs_may_be_repeated_work() -> None:
    both = saves(), costs(made=repeated)
    (net,) = netted(both, followed(both[1]), STEP_J)
    assert (net.regions, net.count, net.instances) == (("r1",), 1, ())
    assert net.evidence[-1].text.endswith(
        "the saving is what is left, the figures of both sides do not hold that"
    )
    first = repeated(saving_j=quantity(0.4), cause=cause(location=OURS, **KEEP))
    (net,) = netted([first, costs()], followed(first), STEP_J)
    assert (net.regions, net.count) == ((), first.count)
    assert net.evidence[-1].text.endswith("the saving is what is left")


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"efficient_value": "None"}, {"location": OURS}]
)
def test_another_decision_is_another_finding(change: dict[str, Any]) -> None:
    both = saves(), costs(**change)
    assert netted(both, followed(saves(), costs()), STEP_J) == list(both)


def test_where_no_place_of_the_other_side_is_known_values_that_are_exchanged_say_so() -> None:
    both = saves(), costs()
    assert netted(both, {}, STEP_J) == netted(both, followed(*both), STEP_J)
    assert len(netted(both, {}, STEP_J)) == 1
    unknown = saves(cause=None)
    assert netted([unknown, both[1]], followed(both[1]), STEP_J) == [unknown, both[1]]


def test_a_file_of_options_may_write_it_otherwise() -> None:
    written = {"wasteful_value": "false", "efficient_value": "true"}
    saved = saves(cause=cause(name="cache", **written))
    assert len(netted([saved, costs(name="cache")], {}, STEP_J)) == 1
    same = costs(name="cache", wasteful_value="False", efficient_value="True")
    assert len(netted([saved, same], {}, STEP_J)) == 2


def test_where_it_may_save_nothing_both_stay() -> None:
    both = saves(), costs(0.395)
    assert netted(both, followed(*both), STEP_J) == list(both)
