"""What is tried of the settings in which two sides differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from magneton.analysis.diagnosis.facts import Explanation, Facts, SideFacts
from magneton.analysis.regions import Cut, RegionPair
from magneton.analysis.statistics import Interval
from magneton.engine import confirming as module
from magneton.engine.change import Change
from magneton.engine.confirming import Confirmer, Suspected, flip_of, started_with
from magneton.engine.request import Options, Progress
from magneton.engine.stage import Stage
from magneton.engine.trial import Trial, Trials, Untried
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs
from tests.analysis.diagnosis.findings import side
from tests.analysis.steps import blocks, cost, operator, recording

pytestmark = pytest.mark.asyncio

BENCHMARK, TF32 = "torch.backends.cudnn.benchmark", "torch.backends.cudnn.allow_tf32"
HALF = Interval(2.0, 1.9, 2.1)
EQUAL = Outputs("outputs", True, 0.0)


class FakeTrials:
    """Trials in which only ``moving`` settings count: with them each of two operators takes
    ``seconds`` instead of 2, in one pair of processes after the other; the last holds for more.
    ``tried`` keeps what was asked for; ``deaf`` settings stay as they are."""

    def __init__(
        self,
        moving: Sequence[str] = (),
        deaf: Sequence[str] = (),
        outputs: Outputs = EQUAL,
        cut: Cut | None = None,
        seconds: Sequence[float] = (1.0,),
    ) -> None:
        self.moving, self.deaf, self.tried = moving, deaf, list[Change]()
        self.outputs, self.cut, self.seconds = outputs, cut, list(seconds)
        self.afresh = list[Change]()

    async def try_change(
        self, change: Change, wanted: Sequence[int], afresh: bool
    ) -> Trial | Untried:
        (self.afresh if afresh else self.tried).append(change)
        (name,) = change.settings
        seconds = 2.0
        if name in self.moving:
            seconds = self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0]
        held = {} if name in self.deaf else change.settings
        sure = Interval(1.0, 1.0, 1.0)
        return Trial(
            change=change,
            outputs=self.outputs,
            recordings=(made({}), made(held)),
            costs=(
                cost(blocks(*[(2.0, 2.0)] * 6), (1.0, 1.0), energy_j=4.0),
                cost(blocks(*[(seconds, seconds)] * 6), (1.0, 1.0), energy_j=2 * seconds),
            ),
            energy_ratio=sure,
            time_ratio=sure,
            options=Options(),
            cut=self.cut,
        )


def made(settings: dict[str, str]) -> Recording:
    return replace(recording([operator("mul"), operator("add")]), settings=settings)


def confirmer(trials: FakeTrials) -> Confirmer:
    return Confirmer({"a": cast(Trials, trials)}, {}, 0.1)


def suspected(sides: tuple[SideFacts, SideFacts], *operators: int) -> Suspected:
    """A finding of ``operators``, which take twice the other side's energy."""
    each = cost(blocks(*[(2.0, 2.0)] * 6), (1.0, 1.0), energy_j=4.0)
    return Suspected(sides, (made({}), made({})), (each, each), operators, HALF)


def sides(**more: str) -> tuple[SideFacts, SideFacts]:
    """Two settings differ, and ``more`` variables of the environment."""
    variables = {f"os.environ[{name!r}]": value for name, value in more.items()}
    return (
        side("a", settings={BENCHMARK: "False", TF32: "False"}),
        side("b", settings={BENCHMARK: "True", TF32: "True"} | variables),
    )


async def test_each_of_several_settings_is_tried_alone() -> None:
    trials = FakeTrials(moving=[BENCHMARK])
    found = await confirmer(trials).tried(suspected(sides(), 0, 1))
    assert [(each.difference.name, each.confirmed) for each in found] == [
        (TF32, False),
        (BENCHMARK, True),
    ]
    assert [each.settings for each in trials.tried] == [{TF32: "True"}, {BENCHMARK: "True"}]
    assert [each.effect.ratio.value for each in found if each.effect] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("seconds", "ratio", "confirmed", "afresh"),
    [
        ((1.0, 1.0), 2.0, True, 1),
        ((1.0, 2.0, 2.0), 1.0, False, 2),  # two of three: one process was slow
        ((1.0, 2.0, 1.0), 2.0, True, 2),
        ((1.5, 1.0, 1.0), 2.0, True, 2),
        ((1.5, 1.5), 4 / 3, False, 1),  # nearly half of the difference, twice
        ((1.7,), 2 / 1.7, False, 0),  # less than a third of it
    ],
)
async def test_what_may_be_the_cause_is_what_two_pairs_of_processes_agree_on(
    seconds: Sequence[float], ratio: float, confirmed: bool, afresh: int
) -> None:
    trials = FakeTrials(moving=[BENCHMARK], seconds=seconds)
    shared = confirmer(trials)
    for operators in ((0, 1), (0,)):  # two findings: every pair of processes serves both
        _, found = await shared.tried(suspected(sides(), *operators))
        assert found.effect is not None
        assert found.effect.ratio.value == pytest.approx(ratio)  # the last one's
        assert found.confirmed is confirmed
    assert trials.afresh == [Change({BENCHMARK: "True"})] * afresh


async def test_what_the_program_is_started_with_is_tried_as_often() -> None:
    trials = FakeTrials(moving=[WAY], seconds=(1.0, 2.0))
    flipped = await confirmer(trials).flipped(NAMED, suspected(sides(), 0, 1))
    assert flipped is not None
    assert not flipped.confirmed
    assert len(trials.afresh) == 2


async def test_intervals_hold_for_all_that_is_tried_of_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors: list[float] = []

    def effect(trial: Trial, operators: Sequence[int], ratio: Interval, error: float) -> None:
        errors.append(error)

    monkeypatch.setattr(module, "effect_of", effect)
    shared = confirmer(FakeTrials())
    await shared.tried(suspected(sides(M="'2'"), 0, 1))
    await shared.flipped(NAMED, suspected(sides(M="'2'"), 0, 1))
    assert errors == pytest.approx([0.05 / 3] * 3 + [0.05 / 4])


async def test_what_is_being_tried_is_told() -> None:
    said: list[Progress] = []
    stage = Stage(said.append, "diagnose", 0.0, 1.0)
    await confirmer(FakeTrials()).tried(suspected(sides(), 0, 1), stage)
    assert [(each.message, each.fraction) for each in said] == [
        (f"trying 1 of 2: {TF32}", 0.0),
        (f"trying 2 of 2: {BENCHMARK}", 0.5),
    ]


async def test_without_outputs_to_compare_nothing_is_confirmed() -> None:
    trials = FakeTrials(moving=(TF32,), outputs=Outputs("none", None, None))
    found = await confirmer(trials).tried(suspected(sides(), 0, 1))
    assert [each.confirmed for each in found] == [False, False]
    assert found[0].text.endswith("not known to be equal then (the step has none to compare)")


async def test_findings_share_a_trial() -> None:
    trials = FakeTrials()
    shared = confirmer(trials)
    await shared.tried(suspected(sides(), 0))
    await shared.tried(suspected(sides(), 1))
    assert len(trials.tried) == 2


async def test_what_was_tried_for_one_finding_tells_of_another_too() -> None:
    trials = FakeTrials(moving=[BENCHMARK])
    shared = confirmer(trials)
    found = await shared.tried(suspected(sides(), 0))
    known = Facts(*sides(), shared=True, tried=found)
    confirmed = replace(NAMED, name=BENCHMARK, confirmed=True)
    flip = flip_of(confirmed, known)
    assert flip is not None
    # No setting differs where the other one runs.
    other = await shared.too(flip, suspected((side("a"), side("b")), 1))
    assert (other.difference.name, other.confirmed) == (BENCHMARK, True)
    assert len(trials.tried) == 2
    assert len(trials.afresh) == 1
    assert flip_of(replace(confirmed, confirmed=False), known) is None
    assert flip_of(None, known) is None


async def test_what_the_program_was_started_with_tells_of_another_too() -> None:
    flip = flip_of(replace(NAMED, confirmed=True), Facts(side("a"), side("b"), shared=True))
    assert flip is not None
    assert flip.change == Change({WAY: "'fast'"})
    # An operand was varied at its operator alone.
    operand = replace(NAMED, kind="dtype", name="the dtype of the inputs", confirmed=True)
    assert flip_of(operand, Facts(side("a"), side("b"), shared=True)) is None


async def test_a_setting_that_did_not_hold_was_not_tried() -> None:
    found = await confirmer(FakeTrials([TF32], deaf=[TF32])).tried(suspected(sides(), 0, 1))
    assert found[0].effect is None
    assert found[0].text == (
        "with True instead of False, not tried: the program does not let it be held"
    )


async def test_operators_that_are_not_found_again_confirm_nothing() -> None:
    # Operator 0 has no counterpart with the change; what it became may cost as much as before.
    pair = RegionPair((1,), (1,), "forward", (), ())
    trials = FakeTrials(moving=(TF32, BENCHMARK), cut=Cut((pair,), (0,), (0,)))
    found = await confirmer(trials).tried(suspected(sides(), 0, 1))
    assert {(each.confirmed, each.untried) for each in found} == {
        (False, "its operators were not found again")
    }
    (flipped,) = [await confirmer(trials).flipped(NAMED, suspected(sides(), 0))]
    assert flipped is not None
    assert not flipped.confirmed


async def test_a_trace_cannot_be_tried() -> None:
    found = await Confirmer({}, {}, 0.1).tried(suspected(sides(), 0))
    assert {each.untried for each in found} == {"it is a trace: a run that is over"}


async def test_no_more_than_four_are_tried() -> None:
    trials = FakeTrials()
    found = await confirmer(trials).tried(suspected(sides(M="'2'", N="'2'", O="'2'"), 0))
    assert len(trials.tried) == 4
    assert found[4].untried == "4 other settings were"


NAMED = Explanation(
    category="misconfiguration",
    kind="setting",
    name="EXAMPLE_WAY",
    wasteful_value="'slow'",
    efficient_value="'fast'",
    frame=None,
    evidence=(),
    message="",
    remedy="",
)
WAY = "os.environ['EXAMPLE_WAY']"


@pytest.mark.parametrize("moves", [True, False])
async def test_a_variable_that_the_program_reads_is_tried(moves: bool) -> None:
    trials = FakeTrials(moving=[WAY] if moves else [])
    found = await confirmer(trials).flipped(NAMED, suspected(sides(), 0, 1))
    assert found is not None
    assert found.confirmed is moves
    assert [each.settings for each in trials.tried] == [{WAY: "'fast'"}]
    (note,) = found.evidence
    assert note.text.startswith("tried on side a: with 'fast' instead of 'slow', these operators")


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [
        ("--way", "'fast'", ("--way", "fast")),
        ("--rows", "64", ("--rows", "64")),
        ("--fused", "True", ("--fused",)),
    ],
)
async def test_an_option_of_the_command_line(
    name: str, value: str, arguments: tuple[str, ...]
) -> None:
    option = replace(NAMED, kind="argument", name=name, efficient_value=value)
    assert started_with(option) == Change(arguments=arguments)


@pytest.mark.parametrize(
    "found",
    [
        None,
        replace(NAMED, kind="argument"),
        replace(NAMED, confirmed=True),
        replace(NAMED, name="torch.get_num_threads()"),
        replace(NAMED, efficient_value="None"),
        replace(NAMED, kind="argument", name="--fused", efficient_value="False"),
        replace(NAMED, kind="argument", name="--way", efficient_value="Way"),
    ],
)
async def test_what_a_program_is_not_started_with_is_not_tried(found: Explanation | None) -> None:
    trials = FakeTrials()
    assert await confirmer(trials).flipped(found, suspected(sides(), 0)) == found
    assert trials.tried == []
