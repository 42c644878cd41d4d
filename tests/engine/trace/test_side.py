"""A trace in the place of a running program: in preparing, sampling and explaining."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from magneton.engine.prepare import Prepared, prepare
from magneton.engine.request import Options, Progress, SideRequest
from magneton.engine.schedule import BLOCKS, Schedule
from magneton.engine.side import Side
from magneton.engine.trace.format import Trace
from magneton.engine.trace.side import TraceSide
from magneton_agent.outputs import Leaf, save
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import (
    Check,
    Checked,
    Measure,
    Measured,
    OutputCheck,
    Record,
    Time,
    Timed,
)
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import SideName
from tests.analysis.steps import loaded
from tests.engine.fake_runners import FakeRunner
from tests.engine.trace.traces import CREATED, RECORDING, SAMPLES, STEP, read_back, taken, trace

pytestmark = pytest.mark.asyncio

REQUEST = SideRequest("a.magneton-trace", "python")
TRACED = f"traced earlier ({CREATED}, Example CPU, 2 threads)"


def side(
    folder: Path,
    made: Trace | None = None,
    name: SideName = "a",
    again: bool = False,
    alone: bool = False,
) -> TraceSide:
    return TraceSide(name, REQUEST, Options(), read_back(folder, made or trace()), again, alone)


def live(name: SideName = "b", steps: int = 10) -> FakeRunner:
    """A running program that returns what the trace did."""

    def check(request: Check) -> Checked:
        save(request.folder, [Leaf("output[0]", torch.tensor([[1.0], [2.0]]))])
        against = () if request.compare_with is None else (OutputCheck("x", True, 0.0, None),)
        return Checked("outputs", ("output[0]",), 0, (), against, 0.05)

    return FakeRunner(
        {
            Check: check,
            Record: lambda request: RECORDING,
            Measure: lambda request: Measured(SAMPLES[:1], ()),
            Time: lambda request: Timed((STEP,) * min(steps, request.steps), 0),
        },
        name,
    ).load(parameters=trace().loaded.parameters)


def ignore(progress: Progress) -> None:
    pass


async def prepared(*sides: Side) -> Prepared:
    return await prepare(sides, ignore)


async def test_it_answers_what_was_answered(tmp_path: Path) -> None:
    found = side(tmp_path)
    assert (found.name, found.target, found.one_shot) == ("a", "a.py:build", False)
    assert found.loaded == trace().loaded
    assert await found.ask(Record(), Recording) == RECORDING
    assert found.taken == trace().first
    assert side(tmp_path, again=True).taken == trace().second


async def test_a_live_program_is_checked_against_its_outputs(tmp_path: Path) -> None:
    seen: list[list[float]] = []
    other = live()
    answer = other.answers[Check]

    def check(request: Check) -> object:
        assert request.compare_with is not None
        data = (Path(request.compare_with) / "0").read_bytes()
        seen.append(list(memoryview(data).cast("f")))
        return answer(request)

    other.answers[Check] = check
    assert (await prepared(side(tmp_path), other)).outputs.equal is True
    assert seen == [[1.0, 2.0]]


async def test_it_is_checked_against_a_live_program(tmp_path: Path) -> None:
    found = await prepared(live("a"), side(tmp_path, name="b"))
    assert (found.outputs.equal, found.outputs.max_relative_error) == (True, 0.0)
    other = live("a")

    def check(request: Check) -> Checked:
        save(request.folder, [Leaf("output[0]", torch.tensor([[1.0], [2.5]]))])
        return Checked("outputs", ("output[0]",), 0, (), (), 0.05)

    other.answers[Check] = check
    differing = (await prepared(other, side(tmp_path, name="b"))).outputs
    assert differing.equal is False
    assert differing.first_difference == "output[0]: elements differ by up to 0.2 of their size"


async def test_two_traces_are_compared(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    found = await prepared(side(tmp_path / "a"), side(tmp_path / "b", name="b"))
    assert found.outputs.equal is True
    assert found.warnings[:2] == (
        f"side a was {TRACED}: drift between then and now is in the difference",
        f"side b was {TRACED}: drift between then and now is in the difference",
    )


async def test_what_stands_for_outputs_must_be_the_same(tmp_path: Path) -> None:
    made = trace(checked=replace(trace().checked, kind="parameters"))
    found = (await prepared(live("a"), side(tmp_path, made, "b"))).outputs
    assert (found.compared, found.equal) == ("none", None)


async def test_other_machines_are_told(tmp_path: Path) -> None:
    made = trace(loaded=replace(trace().loaded, cpu="Other CPU", threads=8))
    found = await prepared(side(tmp_path, made), live())
    assert found.warnings[:2] == (
        f"side a was traced earlier ({CREATED}, Other CPU, 8 threads): drift between then and now "
        "is in the difference",
        "the sides ran on different machines (side a on Other CPU, 8 threads, side b on Example "
        "CPU, 2 threads): compare ratios with care",
    )


async def test_two_programs_that_run_now_are_not_warned_of() -> None:
    found = await prepared(live("a"), live().load(threads=8))
    assert [each for each in found.warnings if "torch.compile" not in each] == []


async def test_alone_there_is_no_difference_to_drift(tmp_path: Path) -> None:
    found = await prepared(side(tmp_path, alone=True))
    assert found.warnings[0] == f"the program was {TRACED}"


async def test_a_board_against_a_model_is_refused(tmp_path: Path) -> None:
    made = trace(loaded=loaded(meter="nvml", device="cuda:0"))
    with pytest.raises(MagnetonError) as caught:
        await prepared(side(tmp_path, made), live())
    assert caught.value.fact == "a GPU's counter cannot be compared with a CPU's power model"


@pytest.mark.parametrize(
    ("request_", "options", "fact"),
    [
        (
            replace(REQUEST, arguments=("--size", "3")),
            Options(),
            "side a: a.magneton-trace takes no arguments",
        ),
        (
            REQUEST,
            Options(meter="nvml"),
            "side a: a.magneton-trace was not measured with --meter nvml",
        ),
        (
            REQUEST,
            Options(record_masks=True),
            "side a: the random numbers of a.magneton-trace cannot be recorded or replaced",
        ),
    ],
)
async def test_what_a_finished_run_cannot_give_is_refused(
    request_: SideRequest, options: Options, fact: str, tmp_path: Path
) -> None:
    with pytest.raises(MagnetonError) as caught:
        TraceSide("a", request_, options, read_back(tmp_path, trace()))
    assert caught.value.fact == fact
    TraceSide("a", REQUEST, Options(meter="model"), read_back(tmp_path, trace()))


async def scheduled(*sides: Side) -> Schedule:
    found = Schedule(sides, await prepared(*sides), Options(time_budget_s=1000.0))
    await found.sample(ignore)
    return found


async def test_only_the_live_side_is_sampled(tmp_path: Path) -> None:
    other = live()
    found = await scheduled(side(tmp_path), other)
    assert [type(each) for each in other.asked[2:5]] == [Measure, Measure, Time]
    assert [len(each.samples) for each in found.series] == [2, BLOCKS]
    assert [len(each.blocks) for each in found.timings] == [2, 2]  # as many as the trace has
    assert found.series[0].notes() == [
        "a short window",
        "1 of 4 timed steps ran other operators than the recorded one and do not count: the step "
        "does not always do the same work",
        "only 2 blocks of timed steps are left, too few to bound what operators take: intervals "
        "from 0 to about twice a figure say no more than that",
    ]


async def test_blocks_of_both_sides_have_the_same_number_of_steps(tmp_path: Path) -> None:
    short, long = trace(first=taken(3, 3)), trace(first=taken(40, 40))
    other = live()
    found = await scheduled(side(tmp_path, short), other)
    assert {each.steps for each in other.asked if isinstance(each, Time)} == {3}
    found = await scheduled(side(tmp_path, long), live())
    assert [{len(block) for block in each.blocks} for each in found.timings] == [{10}, {10}]


async def test_two_traces_are_not_sampled(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    a = side(tmp_path / "a", trace(first=taken(40, 40, 40)))
    found = await scheduled(a, side(tmp_path / "b", trace(first=taken(20, 20)), "b"))
    assert [[len(block) for block in each.blocks] for each in found.timings] == [[20, 20]] * 2


async def test_nothing_more_can_be_had_of_a_trace(tmp_path: Path) -> None:
    assert (await scheduled(side(tmp_path), live())).extensible is False
    assert (await scheduled(live("a"), live())).extensible is True
