"""What the programs' texts give otherwise is tried where no better cause is known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from magneton.engine.assemble import Sites
from magneton.engine.change import Change
from magneton.engine.exchanging import Doubt, Exchanger
from magneton.engine.side import Side
from magneton.engine.trial import Glance, Trials, Untried
from magneton.source.positions import Locator
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Finding, Outputs
from tests.analysis.steps import blocks, cost, loaded, operator, recording
from tests.builders import cause, finding, location

pytestmark = pytest.mark.asyncio

OWN = "make(label='x', mode='slow', retries=1)\n"
OTHER = "make(label='y', mode='fast', retries=2)\n"
SLOW, FAST = (
    recording([operator("slow"), operator("mul")]),
    recording([operator("fast"), operator("mul")]),
)
MUL = recording([operator("mul")])
EQUAL = Outputs("outputs", True, 0.0)
UNEQUAL = Outputs("outputs", False, 0.5, "output 0 differs")
Run = Callable[[str], Glance | Untried]


class FakeSide:
    """A program of one file."""

    def __init__(self, folder: Path, name: str, text: str) -> None:
        (folder / name).write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.target, self.locator = f"{name}:build", Locator(folder)
        self.loaded = loaded(files={name: digest})


class FakeTrials:
    """Glances by the changed text; ``tried`` keeps the texts."""

    def __init__(self, run: Run) -> None:
        self.run, self.tried = run, list[str]()

    async def glance(self, change: Change) -> Glance | Untried:
        (text,) = change.sources.values()
        self.tried.append(text)
        return self.run(text)


def ran(text: str, outputs: Outputs = EQUAL) -> Glance:
    """A program that runs the other operator in its fast mode."""
    after: Recording = FAST if "fast" in text else SLOW
    return Glance(outputs, (SLOW, after))


async def decided(
    folder: Path, run: Run, *findings: Finding, own: str = OWN, other: str = OTHER
) -> tuple[list[Finding], list[str]]:
    """What becomes of findings about the first operators, 4 J against 1 J, and what was tried."""
    sides = {"a": FakeSide(folder, "a.py", own), "b": FakeSide(folder, "b.py", other)}
    trials = FakeTrials(run)
    exchanger = Exchanger(
        {name: cast(Side, each) for name, each in sides.items()},  # type: ignore[misc]  # a or b
        {"a": cast(Trials, trials), "b": cast(Trials, trials)},
        (Sites(SLOW, Locator(folder)), Sites(FAST, Locator(folder))),
        (
            cost(blocks((4.0, 1.0)), (1.0, 1.0)),
            cost(blocks((1.0, 1.0)), (1.0, 1.0)),
        ),
    )
    # What side b takes more, side a runs nothing for.
    doubts = [Doubt(each, (0,), (0,) if each.wasteful_side == "a" else ()) for each in findings]
    return await exchanger.decided(doubts), trials.tried


async def test_what_takes_the_difference_away_is_the_cause(tmp_path: Path) -> None:
    (found,), tried = await decided(tmp_path, ran, finding(cause=None))
    assert found.cause is not None
    assert (found.cause.kind, found.cause.name) == ("argument", "mode")
    assert (found.cause.wasteful_value, found.cause.efficient_value) == ("'slow'", "'fast'")
    assert found.cause.location == location("a.py", 1, 0, end_column=39)
    assert found.cause.confirmed is False  # nothing was measured
    assert found.message == "`mode` is 'slow'; 'fast' computes the same for less"
    assert found.remedy == "pass mode='fast' to make"
    assert found.evidence[-1].text == (
        "tried on side a: with 'fast' instead of 'slow' for `mode` the operators that make 100 % "
        "of the difference are no longer run; the outputs are equal"
    )
    assert tried[0] == OWN.replace("'x'", "('y')")


async def test_a_cause_where_the_texts_differ_is_left_and_nothing_is_tried(tmp_path: Path) -> None:
    known = finding(cause=cause(name="mode", location=location("a.py", 1, 0)))
    found, tried = await decided(tmp_path, ran, known)
    assert (found, tried) == ([known], [])
    confirmed = finding(cause=cause(confirmed=True))
    assert (await decided(tmp_path, ran, confirmed))[1] == []


async def test_what_moves_data_is_known_where_it_is_called(tmp_path: Path) -> None:
    own, other = "y = x.double().t()\nmake(1)\n", "y = x\nmake(2)\n"
    moved = finding(cause=cause(name="x.double().t()", kind="redundant", location=location()))
    found, tried = await decided(tmp_path, ran, moved, own=own, other=other)
    assert (found, tried) == ([moved], [])


async def test_a_cause_elsewhere_gives_way_to_what_was_tried(tmp_path: Path) -> None:
    elsewhere = finding(cause=cause(name="x.mul(y)", kind="call", location=location("lib.py", 7)))
    (found,), _ = await decided(tmp_path, ran, elsewhere)
    assert found.cause is not None
    assert found.cause.name == "mode"


@pytest.mark.parametrize(
    "run",
    [
        lambda text: ran(text, UNEQUAL),
        lambda text: ran(text, Outputs("none", None, None)),
        lambda text: Untried("it raised"),
        lambda text: ran("slow"),
    ],
    ids=["outputs differ", "no outputs", "it fails", "no effect"],
)
async def test_what_was_not_seen_to_help_changes_nothing(run: Run, tmp_path: Path) -> None:
    before = finding(cause=None)
    found, tried = await decided(tmp_path, run, before)
    assert found == [before]
    assert len(tried) == 3


async def test_nothing_is_tried_once_all_is_known(tmp_path: Path) -> None:
    other = OTHER.replace("label='y', ", "label='x', ").replace("retries=2", "retries=1")
    (found,), tried = await decided(tmp_path, ran, finding(cause=None), other=other)
    assert tried == [OWN.replace("'slow'", "('fast')")]
    assert found.cause is not None


async def test_one_thing_decides_on_several_findings(tmp_path: Path) -> None:
    found, _ = await decided(tmp_path, ran, finding(cause=None), finding(cause=None, count=2))
    assert [each.cause.name for each in found if each.cause] == ["mode", "mode"]


async def test_what_the_decision_costs_the_other_side_is_not_tried_again(tmp_path: Path) -> None:
    price = finding(cause=None, wasteful_side="b", message="its price")
    (paid, found), tried = await decided(tmp_path, ran, price, finding(cause=None))
    assert found.cause is not None
    assert paid.cause is not None
    assert (found.cause.name, found.cause.wasteful_value) == ("mode", "'slow'")
    assert (paid.cause.name, paid.cause.wasteful_value) == ("mode", "'fast'")
    assert paid.cause.location == location("b.py", 1, 0, end_column=39)
    assert paid.evidence[-1].text == (
        "tried on side a: with 'fast' instead of 'slow' for `mode` the operators that make 100 % "
        "of the difference are run there too; the outputs are equal"
    )
    assert all("'x'" in text or "'slow'" in text for text in tried)  # of side a alone


async def test_what_the_decision_does_not_bring_is_tried(tmp_path: Path) -> None:
    def run(text: str) -> Glance:
        return Glance(EQUAL, (SLOW, MUL if "fast" in text else SLOW))

    other = finding(cause=None, wasteful_side="b")
    (left, found), tried = await decided(tmp_path, run, other, finding(cause=None))
    assert found.cause is not None
    assert left.cause is None
    assert OTHER.replace("'fast'", "('slow')") in tried


async def test_a_default_is_told_where_it_was_followed(tmp_path: Path) -> None:
    own, other = "make(mode='slow')\n", "make()\n"

    def run(text: str) -> Glance:
        return ran("slow" if "slow" in text else "fast")

    elsewhere = {"name": "mode", "location": location("lib.py", 7)}
    for wasteful in ("'slow'", "'quick'"):  # as it is here, or as both programs leave it
        known = cause(wasteful_value=wasteful, efficient_value="'quick'", **elsewhere)
        (found,), _ = await decided(tmp_path, run, finding(cause=known), own=own, other=other)
        assert found.message == "`mode` is 'slow'; 'quick' computes the same for less"
    known = cause(wasteful_value="3", efficient_value="'quick'", **elsewhere)
    (found,), _ = await decided(tmp_path, run, finding(cause=known), own=own, other=other)
    assert found.message == "`mode` is 'slow'; left at its default computes the same for less"


async def test_an_operand_asks_what_decides_on_another_finding(tmp_path: Path) -> None:
    place = location("a.py", 1, 0, end_column=39)
    known = finding(cause=cause(name="mode", location=place))
    layout = cause(name="the input of mul", kind="layout", location=place, confirmed=True)
    found, tried = await decided(tmp_path, ran, known, finding(cause=layout))
    assert tried[0] == OWN.replace("'slow'", "('fast')")
    assert found[0] == known
    assert found[1].cause is not None
    assert (found[1].cause.name, found[1].cause.location) == ("mode", place)


async def test_an_operand_alone_is_left_as_it_was_confirmed(tmp_path: Path) -> None:
    layout = cause(name="the input of mul", kind="layout", confirmed=True)
    before = finding(cause=layout)
    assert await decided(tmp_path, ran, before) == ([before], [])


async def test_a_cause_is_placed_where_its_value_is_given_by_that_name(tmp_path: Path) -> None:
    elsewhere = location("lib.py", 7)
    values = {"wasteful_value": "slow", "efficient_value": "'fast'"}
    known = cause(name="mode", kind="setting", location=elsewhere, confirmed=True, **values)
    (found,), tried = await decided(tmp_path, ran, finding(cause=known))
    assert tried == []
    assert found.cause is not None
    assert found.cause.location == location("a.py", 1, 0, end_column=39)
    other = cause(name="mode", kind="setting", location=elsewhere, confirmed=True)
    (left,), _ = await decided(tmp_path, ran, finding(cause=other))
    assert left.cause == other  # its values are others


TABLE = """\
TABLE = {"x": {"mode": "slow", "label": 1}, "y": {"mode": "fast", "label": 2}}
run(kind=TABLE["x"])
"""


async def test_a_choice_is_looked_into(tmp_path: Path) -> None:
    def run(text: str) -> Glance:
        return ran(text if "slow" not in text else "slow")

    chosen = {"own": TABLE, "other": TABLE.replace('TABLE["x"]', 'TABLE["y"]')}
    (found,), _ = await decided(tmp_path, run, finding(cause=None), **chosen)
    assert found.cause is not None
    assert (found.cause.name, found.cause.location) == ("mode", location("a.py", 1, 23, 1, 29))
    assert found.message == '`mode` is "slow"; "fast" computes the same for less'
    # Where nothing in it decides by itself, the choice does.
    both = TABLE.replace('"slow"', '"slow", "way": "slow"')
    chosen = {"own": both, "other": both.replace('TABLE["x"]', 'TABLE["y"]')}
    (found,), _ = await decided(tmp_path, run, finding(cause=None), **chosen)
    assert found.cause is not None
    assert found.cause.name == "x"


async def test_a_choice_that_was_confirmed_is_not_looked_into(tmp_path: Path) -> None:
    place = location("a.py", 1, 14, end_column=28)
    known = finding(cause=cause(name="x", location=place, confirmed=True))
    chosen = {"own": TABLE, "other": TABLE.replace('TABLE["x"]', 'TABLE["y"]')}
    assert await decided(tmp_path, ran, known, **chosen) == ([known], [])
    merely = finding(cause=cause(name="x", location=place))
    assert len((await decided(tmp_path, ran, merely, **chosen))[1]) == 2
