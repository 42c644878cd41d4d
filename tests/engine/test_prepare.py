"""First steps: what is warned of, and how the outputs compare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from magneton.engine.prepare import Prepared, prepare
from magneton.engine.request import Progress
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import (
    Check,
    Checked,
    CpuPower,
    NamedSketch,
    OutputCheck,
    Record,
)
from magneton_agent.schema.result import Outputs, SideName
from tests.analysis.recordings import sketch
from tests.analysis.steps import recording
from tests.engine.fake_runners import FakeRunner

pytestmark = pytest.mark.asyncio

EQUAL = OutputCheck("output", True, 1e-6, None)
SHAPE = OutputCheck("output[1]", False, None, "output[1]: shape (2, 3) against (2, 4)")
VALUE = OutputCheck("output[2]", False, 0.5, "output[2]: elements differ by up to 0.5")
CHECKED = Checked("outputs", ("output",), 0, (), (), 0.01)
RECORDING = recording([])


def side(name: SideName = "a", checked: Checked = CHECKED, **changes: Any) -> FakeRunner:
    answers = {Check: lambda _: checked, Record: lambda _: replace(RECORDING, **changes)}
    return FakeRunner(answers, name)


def ignore(progress: Progress) -> None:
    pass


async def of(*sides: FakeRunner) -> Prepared:
    return await prepare(sides, ignore)


async def compared(**changes: Any) -> Outputs:
    """The outputs of two sides, the second of which was checked with ``changes``."""
    return (await of(side("a"), side("b", replace(CHECKED, **changes)))).outputs


async def test_the_second_side_is_checked_against_the_first() -> None:
    a, b = side("a"), side("b")
    await of(a, b)
    first, second = a.asked[0], b.asked[0]
    assert isinstance(first, Check)
    assert isinstance(second, Check)
    assert first.compare_with is None
    assert second.compare_with == first.folder != second.folder
    assert not Path(first.folder).exists()


async def test_equal_outputs() -> None:
    found = await compared(against=(EQUAL, replace(EQUAL, max_relative_error=1e-3)))
    assert found == Outputs("outputs", True, 1e-3, None)


async def test_the_first_output_that_differs_is_named() -> None:
    found = await compared(against=(EQUAL, VALUE, SHAPE))
    assert found == Outputs("outputs", False, None, VALUE.difference)
    assert await compared(against=(EQUAL, VALUE)) == Outputs(
        "outputs", False, 0.5, VALUE.difference
    )


async def test_a_step_without_outputs_is_not_compared() -> None:
    nothing = replace(CHECKED, kind="none", names=())
    assert (await of(side("a", nothing), side("b", nothing))).outputs == Outputs("none", None, None)


async def test_written_parameters_stand_for_outputs() -> None:
    found = replace(CHECKED, kind="parameters", against=(EQUAL,))
    assert (await of(side("a", found), side("b", found))).outputs == Outputs(
        "parameters", True, 1e-6
    )


async def test_outputs_against_parameters_are_not_compared() -> None:
    assert await compared(kind="parameters", against=(SHAPE,)) == Outputs(
        "none", None, None, "side a is judged by its outputs, side b by its parameters"
    )


async def test_outputs_against_none_are_not_compared() -> None:
    assert await compared(kind="none", names=()) == Outputs(
        "none", None, None, "side b's step returns and writes nothing, the other's does"
    )


async def test_one_side_alone_has_nothing_to_compare_with() -> None:
    found = await of(side("a"))
    assert found.outputs == Outputs("outputs", None, None)
    assert found.warnings == ()


async def test_two_runs_that_differ_name_the_output() -> None:
    unsteady = replace(CHECKED, repeat=(EQUAL, SHAPE, VALUE))
    found = await of(side("a"), side("b", unsteady))
    assert found.warnings == (
        "two runs of side b from the same seeds differ (output[1]: shape (2, 3) against (2, 4)): "
        "its figures are of work that changes; let the step start from the same state, or seed "
        "what it draws from",
    )


def weights(*values: float) -> tuple[NamedSketch, ...]:
    return tuple(NamedSketch(str(value), (2,), sketch([value, 1.0])) for value in values)


@pytest.mark.parametrize(
    ("a", "b", "warning"),
    [
        ((1, 2), (1, 2), None),
        ((1, 2), (1, 3), None),
        ((1, 2, 3), (1, 4, 5), "1 of 3 parameters and inputs agree"),
        ((1,), (1, 4, 5), "1 of 3 parameters and inputs agree"),
        ((1, 2), (3, 4), "0 of 2 parameters and inputs agree"),
        ((), (3, 4), None),
    ],
)
async def test_few_equal_parameters_come_first(
    a: tuple[float, ...], b: tuple[float, ...], warning: str | None
) -> None:
    unsteady = replace(CHECKED, repeat=(VALUE,))
    found = await of(
        side("a", unsteady).load(parameters=weights(*a)), side("b").load(parameters=weights(*b))
    )
    assert "two runs of side a" in found.warnings[-1]
    expected = [f"{warning}: load the same weights into both"] if warning else []
    assert list(found.warnings[:-1]) == expected


async def test_few_equal_parameters_are_said_at_once() -> None:
    heard: list[str] = []
    a, b = side("a").load(parameters=weights(1, 2)), side("b").load(parameters=weights(3, 4))
    await prepare((a, b), lambda progress: heard.append(progress.message))
    assert heard[0] == "0 of 2 parameters and inputs agree: load the same weights into both"


async def test_compiled_functions_are_told() -> None:
    found = await of(side("a", compiled=("Net.forward", "step")))
    assert found.warnings == (
        "side a runs Net.forward, step under torch.compile: operators are the eager program's, "
        "time and energy the compiled step's",
    )


async def test_unlike_coefficients_cannot_be_compared() -> None:
    fitted = side("a").load(cpu_power=CpuPower(20.0, 5.0))
    with pytest.raises(MagnetonError) as caught:
        await of(fitted, side("b"))
    assert "modelled by different coefficients" in caught.value.fact
    assert fitted.asked == []
    alike = side("b").load(cpu_power=CpuPower(20.0, 5.0))
    assert (await of(fitted, alike)).outputs.equal is True


async def test_a_board_and_a_model_cannot_be_compared() -> None:
    board = side("a").load(meter="nvml", device="cuda:0")
    with pytest.raises(MagnetonError) as caught:
        await of(board, side("b"))
    assert caught.value.fact == "a GPU's counter cannot be compared with a CPU's power model"
    assert caught.value.cause == "side a runs on cuda:0 (nvml), side b runs on cpu (model)"
    assert caught.value.remedy == "run both sides on one device"
    assert board.asked == []


async def test_no_room_for_the_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(MagnetonError) as caught:
        await of(side("a"))
    assert caught.value.fact == "the outputs of a side could not be kept for comparison"
    assert caught.value.cause.startswith(f"{tmp_path / 'none'}/magneton-")
    assert caught.value.cause.endswith(": No such file or directory")
    assert "TMPDIR" in caught.value.remedy
