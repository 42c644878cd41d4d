"""Sampling: in turn, until it is enough or time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from magneton.analysis.complete import known
from magneton.engine.prepare import Prepared
from magneton.engine.request import Options, Progress
from magneton.engine.schedule import BLOCKS, Schedule
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError
from magneton_agent.schema.messages import (
    Checked,
    Measure,
    Measured,
    Sample,
    Time,
    Timed,
    names_digest,
)
from magneton_agent.schema.meters import MissingMeter
from magneton_agent.schema.result import Outputs, SideName
from tests.analysis.steps import operator, recording, timed
from tests.engine.fake_runners import FakeRunner

pytestmark = pytest.mark.asyncio

RECORDING = recording([operator("mul"), operator("add")])
STEADY = Sample(1, 0.1, 0.05, None)
STEP = timed((0.01, 0.02))
CHECKED = Checked("outputs", ("output",), 0, (), (), step_s=0.01)


def side(
    name: SideName = "a", order: list[str] | None = None, samples: Sequence[Sample] = (STEADY,)
) -> FakeRunner:
    """A side whose windows give ``samples`` again and again, and whose timed steps are steady."""
    taken: list[Sample] = []

    def measure(request: Measure) -> Measured:
        taken.append(samples[len(taken) % len(samples)])
        return Measured((taken[-1],), ())

    return FakeRunner(
        {Measure: measure, Time: lambda request: Timed((STEP,) * request.steps, 0)}, name, order
    )


def prepared(sides: int, step_s: float = 0.01) -> Prepared:
    outputs = Outputs("outputs", True, 0.0)
    return Prepared((replace(CHECKED, step_s=step_s),) * sides, (RECORDING,) * sides, outputs, ())


def schedule(*sides: FakeRunner, step_s: float = 0.01, budget_s: float = 1000.0) -> Schedule:
    return Schedule(sides, prepared(len(sides), step_s), Options(time_budget_s=budget_s))


def ignore(progress: Progress) -> None:
    pass


async def test_sides_are_taken_in_turn_abba() -> None:
    order: list[str] = []
    await schedule(side("a", order), side("b", order)).sample(ignore)
    assert order[:2] == ["a Measure", "b Measure"]  # warming up
    round_ab = ["a Measure", "a Time", "b Measure", "b Time"]
    round_ba = ["b Measure", "b Time", "a Measure", "a Time"]
    assert order[2:] == [*round_ab, *round_ba] * (BLOCKS // 2)


async def test_the_warming_step_does_not_count() -> None:
    found = schedule(side())
    await found.sample(ignore)
    assert len(found.series[0].samples) == BLOCKS
    assert found.series[0].side.loaded.meter == "model"


async def test_noise_is_measured_longer() -> None:
    noisy = side(samples=[STEADY, replace(STEADY, duration_s=0.2)])
    found = schedule(noisy)
    await found.sample(ignore)
    assert len(found.series[0].samples) == 60


async def test_noise_in_cpu_time_too() -> None:
    found = schedule(side(samples=[STEADY, replace(STEADY, cpu_s=0.1)]))
    await found.sample(ignore)
    assert len(found.series[0].samples) == 60


async def test_one_noisy_side_keeps_both_at_it() -> None:
    noisy = side("b", samples=[STEADY, replace(STEADY, duration_s=0.2)])
    found = schedule(side("a"), noisy)
    await found.sample(ignore)
    assert [len(each.samples) for each in found.series] == [60, 60]


async def test_when_time_is_up_there_are_still_enough_for_an_interval() -> None:
    noisy = side(samples=[STEADY, replace(STEADY, duration_s=0.2)])
    found = schedule(noisy, budget_s=1e-9)
    await found.sample(ignore)
    assert len(found.series[0].samples) == 6
    assert len(found.series[0].blocks) == BLOCKS


@pytest.mark.parametrize(
    ("step_s", "steps"),
    [
        (0.01, 10),  # 0.2 * 60 s / 16 blocks = 0.75 s a block: 75 steps, of which 10 will do
        (0.3, 2),
        (5.0, 1),
    ],
)
async def test_steps_a_block(step_s: float, steps: int) -> None:
    runner = side()
    await schedule(runner, step_s=step_s, budget_s=60.0).sample(ignore)
    requests = [each for each in runner.asked if isinstance(each, Time)]
    assert {each.steps for each in requests} == {steps}
    assert {each.names for each in requests} == {names_digest(["aten::mul", "aten::add"])}


async def test_on_a_gpu_blocks_are_shorter() -> None:
    runner = side().load(device="cuda:0")
    await schedule(runner, step_s=0.01, budget_s=60.0).sample(ignore)
    assert {each.steps for each in runner.asked if isinstance(each, Time)} == {4}


def sensed(name: SideName, *energies_j: float) -> FakeRunner:
    samples = [replace(STEADY, energy_j=each) for each in energies_j]
    return side(name, samples=samples).load(meter="nvml", device="cuda:0")


def windows_and_blocks(found: Schedule) -> list[tuple[int, int]]:
    return [(len(each.samples), len(each.blocks)) for each in found.series]


async def test_windows_of_a_counter_end_with_a_clear_difference_and_blocks_go_on() -> None:
    found = schedule(sensed("a", 6.05, 5.95), sensed("b", 1.0))
    await found.sample(ignore)
    assert windows_and_blocks(found) == [(4, BLOCKS), (4, BLOCKS)]
    assert found.step_error == pytest.approx(0.0179, abs=1e-4)


async def test_equal_sides_end_as_early() -> None:
    found = schedule(sensed("a", 1.005, 0.995), sensed("b", 1.0))
    await found.sample(ignore)
    assert windows_and_blocks(found) == [(4, BLOCKS), (4, BLOCKS)]


async def test_near_the_threshold_windows_go_on() -> None:
    found = schedule(sensed("a", 1.11, 1.12, 1.13, 1.10, 1.09), sensed("b", 1.0, 1.01, 0.99))
    await found.sample(ignore)
    assert windows_and_blocks(found) == [(16, BLOCKS), (16, BLOCKS)]
    assert found.step_error == pytest.approx(0.05)


async def test_short_windows_go_on_with_the_blocks_and_end_with_them_where_all_is_clear() -> None:
    uneven = [replace(STEADY, duration_s=each) for each in (0.105, 0.094, 0.102, 0.099)]
    fast = side("b", samples=[replace(STEADY, duration_s=0.01, cpu_s=0.005)])
    found = schedule(side("a", samples=uneven), fast)
    await found.sample(ignore)
    assert windows_and_blocks(found) == [(BLOCKS, BLOCKS), (BLOCKS, BLOCKS)]
    assert not found.series[0].narrow()


@pytest.mark.parametrize(("meter", "window_s"), [("model", 0.2), ("nvml", 1.0)])
async def test_a_window_fits_its_meter(meter: str, window_s: float) -> None:
    runner = side(samples=[replace(STEADY, energy_j=5.0)]).load(meter=meter)
    await schedule(runner).sample(ignore)
    requests = [each for each in runner.asked if isinstance(each, Measure)]
    assert requests[0] == Measure(1, 0.0)
    assert set(requests[1:]) == {Measure(1, window_s)}


def losing(name: SideName, windows: int) -> FakeRunner:
    """A side whose board is lost after so many windows."""
    runner = sensed(name, 1.1, 1.12, 1.13)
    left = [5.0] * (windows + 1)  # and the step to warm up

    def measure(request: Measure) -> Measured:
        if left:
            return Measured((replace(STEADY, energy_j=left.pop()),), ())
        return Measured((STEADY,), ("the board has fallen off the bus",))

    runner.answers[Measure] = measure
    return runner


@pytest.mark.parametrize("windows", [0, 3])
async def test_a_lost_sensor_leaves_both_sides_to_the_model(windows: int) -> None:
    found = schedule(sensed("a", 1.0, 1.3), losing("b", windows))
    await found.sample(ignore)
    reason = (
        f"the energy of side b was read in {windows} of 60 windows: "
        "the board has fallen off the bus"
    )
    for each in found.series:
        loaded = each.side.loaded
        assert (loaded.meter, loaded.meter_absent, loaded.idle_power_w) == ("model", reason, None)
        assert loaded.missing[-1] == MissingMeter("nvml", reason)
        assert f"{reason}. Energy is modelled instead" in each.notes()
    assert [len(each.blocks) for each in found.series] == [60, 60]


async def test_what_was_read_until_a_sensor_was_lost_counts_where_it_is_enough() -> None:
    found = schedule(sensed("a", 5.0, 6.5), losing("b", 5))
    await found.sample(ignore)
    assert [each.side.loaded.meter for each in found.series] == ["nvml", "nvml"]
    assert "the board has fallen off the bus" in found.series[1].notes()


async def test_sides_that_were_never_read_in_the_same_rounds_are_left_to_the_model() -> None:
    sides = (side("a", samples=[STEADY] * 2), side("b", samples=[STEADY] * 2))
    for number, runner in enumerate(sides):
        runner.load(meter="nvml", device="cuda:0")
        answers = iter(range(61))

        def measure(
            request: Measure, mine: int = number, taken: Iterator[int] = answers
        ) -> Measured:
            read = next(taken) % 2 == mine
            return Measured((replace(STEADY, energy_j=5.0 if read else None),), ())

        runner.answers[Measure] = measure
    found = schedule(*sides)
    await found.sample(ignore)
    reason = "the energy of both sides was read together in 0 of 16 rounds"
    assert [each.side.loaded.meter for each in found.series] == ["model", "model"]
    assert f"{reason}. Energy is modelled instead" in found.series[0].notes()


async def test_a_counter_that_answers_now_and_then_will_do() -> None:
    runner = side(samples=[STEADY, replace(STEADY, energy_j=5.0)]).load(meter="nvml")
    found = schedule(runner)
    await found.sample(ignore)
    assert [each.side.loaded.meter for each in found.series] == ["nvml"]
    assert known(found.series[0].windows_j())[:2] == [5.0, 5.0]


async def test_a_script_that_does_much_between_its_steps_is_told() -> None:
    apart = replace(STEADY, energy_j=5.0, gaps_s=0.3, between_j=1.0)
    (found,) = schedule(side(samples=[apart]).load(meter="rapl")).series
    await found.measure()
    assert found.notes() == [
        "75% of the time in which energy was read lies between the steps of side a: the "
        "device is taken to idle then, and intervals reach down to where it draws as much as in a "
        "step. For a figure that does not need this put the step into a factory: its steps follow "
        "each other"
    ]


async def test_a_short_time_between_steps_is_not_told() -> None:
    close = replace(STEADY, energy_j=5.0, gaps_s=0.004, between_j=0.1)
    (found,) = schedule(side(samples=[close]).load(meter="rapl")).series
    await found.measure()
    assert found.notes() == []


async def test_steps_of_other_operators_are_dropped_and_told() -> None:
    answers = iter([Timed((), 3), *[Timed((STEP, STEP), 1)] * (BLOCKS - 1)])
    runner = side("b")
    runner.answers[Time] = lambda request: next(answers)
    found = schedule(side("a"), runner)
    await found.sample(ignore)
    assert [len(each.blocks) for each in found.timings] == [BLOCKS - 1, BLOCKS - 1]
    assert found.series[0].notes() == []
    assert found.series[1].notes() == [
        "18 of 48 timed steps ran other operators than the recorded one and do not count: the "
        "step does not always do the same work"
    ]


async def test_a_dropped_block_leaves_the_others_with_their_own_pairs() -> None:
    sides = side("a"), side("b")
    for number, (runner, dropped) in enumerate(zip(sides, ({2}, {7, 8}), strict=True)):
        blocks = iter(range(BLOCKS))

        def answer(
            request: Time,
            blocks: Iterator[int] = blocks,
            dropped: set[int] = dropped,
            number: int = number,
        ) -> Timed:
            block = next(blocks)
            step = timed((0.1 * number + block, 1.0))
            return Timed(() if block in dropped else (step,), int(block in dropped))

        runner.answers[Time] = answer
    found = schedule(*sides)
    await found.sample(ignore)
    a, b = ([block[0].duration_s[0] for block in each.blocks] for each in found.timings)
    # Round 3 was B A, as 1 was: it goes with 2, and drifts cancel. 7 and 8 take no others along.
    assert a == [0, 1, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15]
    assert b == [each + 0.1 for each in a]


async def test_too_few_blocks_to_bound_anything_are_told() -> None:
    few = (
        "only 3 blocks of timed steps are left, too few to bound what operators take: "
        "intervals from 0 to about twice a figure say no more than that"
    )
    assert few in await notes_of_one_with(3)
    assert few.replace("3", "4") not in await notes_of_one_with(4)


async def notes_of_one_with(blocks: int) -> list[str]:
    """What is told of a side with so many blocks left."""
    answers = iter([Timed((STEP,), 0)] * blocks + [Timed((), 1)] * (BLOCKS - blocks))
    runner = side()
    runner.answers[Time] = lambda request: next(answers)
    found = schedule(runner)
    await found.sample(ignore)
    return found.series[0].notes()


def every_other(first: int) -> Callable[[Time], Timed]:
    turns = iter([first, 1 - first] * BLOCKS)
    return lambda request: Timed((STEP,) * next(turns), 0)


async def test_sides_that_never_repeat_themselves_in_one_round() -> None:
    sides = side("a"), side("b")
    sides[0].answers[Time], sides[1].answers[Time] = every_other(0), every_other(1)
    found = schedule(*sides)
    await found.sample(ignore)
    with pytest.raises(MagnetonError) as caught:
        _ = found.timings
    assert caught.value.cause == "in no round all sides ran the operators of the recorded one"


async def test_a_side_that_never_repeats_itself_is_an_error() -> None:
    runner = side("b")
    runner.answers[Time] = lambda request: Timed((), request.steps)
    found = schedule(side("a"), runner)
    await found.sample(ignore)
    with pytest.raises(MagnetonError) as caught:
        _ = found.timings
    assert caught.value.fact == "side b runs other operators in every step"
    assert caught.value.exit_status == EXIT_SIDE_FAILED


async def test_windows_far_outside_are_told() -> None:
    samples = [replace(STEADY, duration_s=each) for each in [0.1] * 15 + [0.3]]
    found = schedule(side(samples=samples), budget_s=1000.0)
    await found.sample(ignore)
    assert found.series[0].notes() == [
        "1 of 16 windows of whole steps took far longer or shorter than the others (300 ms a step, "
        "where the middle one took 100 ms): something else may have run; they are kept, and widen "
        "the intervals"
    ]


async def test_energies_far_outside_are_told_too() -> None:
    """Somebody else on the board for one window: the step takes as long, and its energy is more."""
    samples = [replace(STEADY, energy_j=each) for each in [50.0] * 15 + [75.0]]
    (found,) = schedule(side(samples=samples).load(meter="nvml")).series
    for _ in samples:
        await found.measure()
    assert found.notes() == [
        "1 of 16 windows of whole steps took far more or less energy than the others (75 J a step, "
        "where the middle one took 50 J): something else may have run; they are kept, and widen "
        "the intervals"
    ]


async def test_warnings_of_the_agent_are_told_once() -> None:
    runner = side()
    runner.answers[Measure] = lambda request: Measured((STEADY,), ("a short window",))
    found = schedule(runner)
    await found.sample(ignore)
    assert found.series[0].notes() == ["a short window"]


async def test_more_blocks_go_on_in_turn() -> None:
    order: list[str] = []
    found = schedule(side("a", order), side("b", order))
    heard: list[Progress] = []
    await found.time_blocks(heard.append, Progress("time", 0.5, "again"), 0.1)
    assert order[:4] == ["a Time", "b Time", "b Time", "a Time"]
    assert [len(each.blocks) for each in found.timings] == [BLOCKS, BLOCKS]
    assert [each.fraction for each in heard] == pytest.approx(
        [0.5 + 0.1 * i / 16 for i in range(16)]
    )


async def test_progress_never_goes_back() -> None:
    heard: list[Progress] = []
    await schedule(side(samples=[STEADY, replace(STEADY, duration_s=0.2)])).sample(heard.append)
    fractions = [each.fraction for each in heard]
    assert fractions == sorted(fractions)
    assert 0.3 < fractions[0] < fractions[-1] <= 0.7
    assert {each.phase for each in heard} == {"measure"}
