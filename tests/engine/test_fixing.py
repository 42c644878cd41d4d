"""What is tried to put a cause right, and what is offered of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from magneton.analysis.classify import Judged
from magneton.analysis.grouping import Group
from magneton.analysis.regions import Cut, RegionPair
from magneton.analysis.statistics import Interval
from magneton.engine.change import Change
from magneton.engine.fixing import Fixer
from magneton.engine.request import Options, Progress
from magneton.engine.side import Side
from magneton.engine.stage import UNHEARD, Stage
from magneton.engine.trial import Trial, Trials, Untried
from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Finding, Outputs
from tests.analysis.steps import blocks, cost, loaded, operator, recording
from tests.builders import cause, finding, location, quantity

pytestmark = pytest.mark.asyncio

SOURCE = 'model = build("é😀", mode="slow")\n'
CALL = location("a.py", 1, 8, end_column=32)
TWICE = Interval(2.0, 1.9, 2.1)
EQUAL = Outputs("outputs", True, 0.0)


class FakeSide:
    """A program whose file is ``a.py``, or its changed version where ``measured`` is another."""

    target = "a.py:build"

    def __init__(self, measured: str = SOURCE) -> None:
        self.loaded = loaded(files={"a.py": hashlib.sha256(measured.encode()).hexdigest()})


class FakeTrials:
    """Trials that come out as ``outcome``, and afresh as each of ``again`` in turn, the last from
    then on; ``tried`` keeps what was asked for."""

    def __init__(self, outcome: Trial | Untried, *again: Trial | Untried) -> None:
        self.outcome, self.again = outcome, list(again or (outcome,))
        self.tried, self.confidences = list[tuple[Change, list[int]]](), list[float]()

    async def try_change(
        self, change: Change, wanted: Sequence[int], confidence: float, afresh: bool = False
    ) -> Trial | Untried:
        self.confidences.append(confidence)
        if afresh:
            return self.again.pop(0) if len(self.again) > 1 else self.again[0]
        self.tried.append((change, list(wanted)))
        return self.outcome


def trial(seconds: float = 1.0, whole: Interval = TWICE, outputs: Outputs = EQUAL) -> Trial:
    """Two operators that took 2 s each take ``seconds``."""
    return Trial(
        change=Change(),
        outputs=outputs,
        recordings=(recording([operator(), operator()]),) * 2,
        costs=(
            cost(blocks(*[(2.0, 2.0)] * 6), (1.0, 1.0), energy_j=4.0),
            cost(blocks(*[(seconds, seconds)] * 6), (1.0, 1.0), energy_j=2 * seconds),
        ),
        energy_ratio=whole,
        time_ratio=whole,
        options=Options(),
        cut=None,
    )


def slow(**changes: Any) -> Finding:
    decided = cause(name="mode", wasteful_value="'slow'", efficient_value="'fast'", location=CALL)
    return finding(**{"cause": decided, "regions": ("r0",), "location": CALL} | changes)


def judged(ratio: Interval = TWICE) -> Judged:
    group = Group((0,), (0, 1), (0,))
    return Judged(group, "performance", "a", ratio, ratio, Quantity(2, 2, 2, "modelled"), False)


async def fixed(
    folder: Path,
    trials: FakeTrials,
    *findings: Finding,
    side: FakeSide | None = None,
    stage: Stage = UNHEARD,
    groups: Sequence[Judged] = (),
) -> tuple[Finding, ...]:
    (folder / "a.py").write_text(SOURCE, encoding="utf-8")
    fixer = Fixer(
        folder,
        {"a": cast(Side, side or FakeSide())},
        {"a": cast(Trials, trials)},
        groups or (judged(),),
        lambda region: (CALL, None),
        {"a": quantity(2.0), "b": quantity(1.5)},
    )
    return await fixer.fixed(findings or (slow(),), stage)


async def test_what_is_being_tried_is_told(tmp_path: Path) -> None:
    said: list[Progress] = []
    stage = Stage(said.append, "diagnose", 0.5, 1.0)
    await fixed(tmp_path, FakeTrials(trial()), finding(cause=None), slow(), stage=stage)
    assert said == [Progress("diagnose", 0.5, 'trying fix 1 of 1: pass mode="fast"')]


async def test_a_fix_that_helps_is_offered_with_what_it_saved(tmp_path: Path) -> None:
    trials = FakeTrials(trial())
    (found,) = await fixed(tmp_path, trials)
    assert found.fix is not None
    assert (found.fix.title, found.fix.tried) == ('pass mode="fast"', True)
    (edit,) = found.fix.edits
    assert edit.location == Location("a.py", None, Position(1, 26), Position(1, 30))
    assert edit.text == "fast"
    # Of 4 J a step half is saved; the interval of the ratio is the saving's.
    assert isinstance(found.fix.saving_j, Quantity)
    assert found.fix.saving_j.value == 2.0
    assert found.fix.saving_j.low == pytest.approx(4 * (1 - 1 / 1.9))
    assert found.evidence[-1].kind == "fix"
    assert found.evidence[-1].text == (
        'tried: pass mode="fast"; the outputs are equal, and a step then takes 0.50 times the '
        "energy (0.48 to 0.53); its saving is of the whole step, the finding's of these operators"
    )
    ((change, operators),) = trials.tried
    assert change.sources == {str(tmp_path / "a.py"): SOURCE.replace("slow", "fast")}
    assert operators == [0, 1]


async def test_a_cause_is_confirmed_where_all_of_the_difference_goes(tmp_path: Path) -> None:
    (found,) = await fixed(tmp_path, FakeTrials(trial(seconds=1.0)))
    assert found.cause is not None
    assert found.cause.confirmed
    # It helps, but the other side needs half, and this is not even near.
    (found,) = await fixed(tmp_path, FakeTrials(trial(1.8, Interval(1.11, 1.10, 1.12))))
    assert found.fix is not None
    assert found.cause is not None
    assert not found.cause.confirmed


async def test_where_the_whole_step_does_not_tell_its_operators_do(tmp_path: Path) -> None:
    (found,) = await fixed(tmp_path, FakeTrials(trial(1.0, Interval(1.01, 0.97, 1.05))))
    assert found.fix is not None
    assert found.fix.saving_j == Quantity(2.0, 2.0, 2.0, "modelled")
    assert found.evidence[-1].text.endswith(
        "what these operators compute then takes 0.50 times the energy (0.50 to 0.50)"
    )


async def test_operators_that_are_not_found_again_tell_nothing(tmp_path: Path) -> None:
    pair = RegionPair((1,), (1,), "forward", (), ())
    lost = replace(trial(), cut=Cut((pair,), (0,), (0,)))
    (found,) = await fixed(tmp_path, FakeTrials(lost))
    assert found.fix is not None  # the whole step tells
    assert found.cause is not None
    assert not found.cause.confirmed
    (found,) = await fixed(
        tmp_path, FakeTrials(replace(lost, energy_ratio=Interval(1.01, 0.97, 1.05)))
    )
    assert found.fix is None
    assert found.evidence[-1].text.endswith(
        "a step then takes 0.99 times the energy (0.95 to 1.03)"
    )


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Untried("side a: build raised"), "it could not be tried (side a: build raised)"),
        (
            trial(outputs=Outputs("outputs", False, 0.5, "output 0: 50 % off")),
            "the outputs are not known to be equal (output 0: 50 % off)",
        ),
        (
            trial(outputs=Outputs("none", None, None)),
            "the outputs are not known to be equal (the step has no outputs to compare)",
        ),
        (
            trial(2.0, Interval(1.01, 0.97, 1.05)),
            "it did not surely save anything: what these operators compute then takes 1.00 times "
            "the energy (1.00 to 1.00)",
        ),
        # Its operators take less, but the step takes more.
        (
            trial(1.0, Interval(0.9, 0.88, 0.92)),
            "it did not surely save anything: a step then takes 1.11 times the energy "
            "(1.09 to 1.14)",
        ),
    ],
)
async def test_why_one_is_not_offered(outcome: Trial | Untried, why: str, tmp_path: Path) -> None:
    (found,) = await fixed(tmp_path, FakeTrials(outcome))
    assert found.fix is None
    assert found.evidence[-1].text == f'pass mode="fast" is not offered as a fix: {why}'
    assert found.cause == slow().cause


async def test_what_helps_must_help_in_two_other_processes_too(tmp_path: Path) -> None:
    trials = FakeTrials(trial(), trial(2.0, Interval(1.01, 0.97, 1.05)))
    (found,) = await fixed(tmp_path, trials)
    assert found.fix is None
    assert found.cause == slow().cause
    assert "it did not surely save anything: what these operators" in found.evidence[-1].text
    assert len(trials.confidences) == 3  # two of three
    trials = FakeTrials(trial(), trial(1.0, Interval(1.6, 1.5, 1.7)))
    (found,) = await fixed(tmp_path, trials)
    assert found.fix is not None
    assert isinstance(found.fix.saving_j, Quantity)
    assert found.fix.saving_j.value == pytest.approx(4 * (1 - 1 / 1.6))  # the second figures
    await fixed(tmp_path, trials, slow(), slow())
    assert trials.confidences == pytest.approx([0.95] * 2 + [0.975] * 4)


@pytest.mark.parametrize(
    ("first", "again", "offered", "tries"),
    [
        (Interval(1.3, 0.9, 1.7), (TWICE,), True, 3),  # one pair of processes was disturbed
        (TWICE, (Interval(1.3, 0.9, 1.7), TWICE), True, 3),
        (Interval(1.3, 0.9, 1.7), (Interval(1.3, 0.9, 1.7),), False, 2),
        (Interval(1.05, 0.9, 1.2), (TWICE,), False, 1),  # within the threshold
    ],
)
async def test_two_of_three_pairs_of_processes_decide(
    first: Interval, again: Sequence[Interval], offered: bool, tries: int, tmp_path: Path
) -> None:
    pair = RegionPair((1,), (1,), "forward", (), ())
    lost = Cut((pair,), (0,), (0,))  # only the whole step tells
    outcomes = [replace(trial(whole=each), cut=lost) for each in (first, *again)]
    trials = FakeTrials(*outcomes)
    (found,) = await fixed(tmp_path, trials)
    assert (found.fix is not None, len(trials.confidences)) == (offered, tries)


@pytest.mark.parametrize(
    "changes",
    [
        {"cause": None},
        {"wasteful_side": "b"},  # a trace, say: nothing of it can be tried
        {"cause": cause(location=location("/lib/x.py", 1, 0, end_column=5))},  # a library's
        {"cause": replace(cause(location=CALL), efficient_value="<object>")},
    ],
)
async def test_what_is_not_tried(changes: dict[str, Any], tmp_path: Path) -> None:
    trials = FakeTrials(trial())
    assert await fixed(tmp_path, trials, slow(**changes)) == (slow(**changes),)
    assert trials.tried == []


async def test_a_file_that_was_saved_meanwhile_is_left_alone(tmp_path: Path) -> None:
    trials = FakeTrials(trial())
    assert await fixed(tmp_path, trials, side=FakeSide("older\n")) == (slow(),)
    assert trials.tried == []


async def test_a_revision_is_not_rewritten(tmp_path: Path) -> None:
    trials = FakeTrials(trial())
    decided = cause(name="mode", location=replace(CALL, revision="0" * 40))
    await fixed(tmp_path, trials, slow(cause=decided))
    assert trials.tried == []


async def test_no_more_than_three_are_tried(tmp_path: Path) -> None:
    trials = FakeTrials(trial())
    unknown, last = slow(cause=None, regions=("r8",)), slow(regions=("r9",))
    found = await fixed(tmp_path, trials, unknown, slow(), slow(), slow(), last)
    assert [each.fix is not None for each in found] == [False, True, True, True, False]


def apart(expected: Interval = TWICE) -> tuple[Judged, Judged]:
    """Two groups of one operator each; the second takes ``expected`` times the other side's."""
    first, second = judged(), judged(expected)
    return (
        replace(first, group=Group((0,), (0,), (0,))),
        replace(second, group=Group((1,), (1,), (1,))),
    )


async def test_what_a_fix_puts_right_too_is_one_finding_with_it(tmp_path: Path) -> None:
    other = finding(cause=None, regions=("r1",), location=location(line=7))
    found = await fixed(tmp_path, FakeTrials(trial()), slow(), other, groups=apart())
    (one,) = found
    assert (one.regions, one.count, one.cause and one.cause.name) == (("r0", "r1"), 2, "mode")
    assert isinstance(one.saving_j, Quantity)
    assert one.saving_j.value == 0.8  # 0.4 J of each
    assert (one.evidence[-1].text, one.evidence[-1].location) == (
        'pass mode="fast" puts this right too',
        location(line=7),
    )


@pytest.mark.parametrize(
    ("change", "expected", "again"),
    [
        ({"cause": cause(confirmed=True)}, TWICE, 1.0),
        ({"wasteful_side": "b"}, TWICE, 1.0),
        ({"regions": ()}, TWICE, 1.0),
        # It leaves half of the difference, in logarithms, or does so in the second trial.
        ({}, Interval(4.0, 3.9, 4.1), 1.0),
        ({}, Interval(2.0, 1.99, 2.01), 1.6),
    ],
)
async def test_what_a_fix_does_not_put_right_stays(
    tmp_path: Path, change: dict[str, Any], expected: Interval, again: float
) -> None:
    other = finding(**{"cause": None, "regions": ("r1",)} | change)
    trials = FakeTrials(trial(), trial(again))
    assert len(await fixed(tmp_path, trials, slow(), other, groups=apart(expected))) == 2


async def test_a_fix_need_not_put_right_what_the_cause_costs_the_other_side(tmp_path: Path) -> None:
    own, theirs = apart(Interval(0.5, 0.49, 0.51))
    trials, groups = FakeTrials(trial()), (own, replace(theirs, wasteful="b"))
    (found,) = await fixed(tmp_path, trials, slow(regions=("r0", "r1")), groups=groups)
    assert trials.tried[0][1] == [0]
    assert found.cause is not None
    assert found.cause.confirmed
