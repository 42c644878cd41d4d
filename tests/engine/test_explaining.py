"""What two programs are asked, and what is made of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from magneton.analysis.paths import Divergence
from magneton.engine.explaining import Answer, Explainer, Question
from magneton.source.dataflow import SourceReader
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import (
    Argument,
    Described,
    Inspect,
    Inspected,
    Probe,
    Probed,
    SiteValues,
)
from tests.engine.fake_runners import FakeRunner

pytestmark = pytest.mark.asyncio

LIBRARY = """\
class Block:
    def __init__(self, config):
        self.act = ACTS[config.act]

    def forward(self, x):
        return self.act(x)


def attend(x, y, fused=False, scale=1):
    if fused:
        return fast(x)
    return slow(x, scale)
"""
USER = """\
config = Config(3, size=4)
config = Config(size=4)
attend(x, y)
attend(x, y, True)
attend(x, *more)
attend(x, y, fused=False)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib.py").write_text(LIBRARY)
    (tmp_path / "user.py").write_text(USER)
    return tmp_path


def frame(folder: Path, text: str, function: str, first_line: int, file: str = "lib.py") -> Frame:
    """The frame that runs the expression ``text``."""
    source = (folder / file).read_text()
    line = source[: source.index(text)].count("\n") + 1
    column = source.split("\n")[line - 1].index(text)
    return Frame(str(folder / file), function, first_line, line, column, line, column + len(text))


def described(
    expression: str, value: str | None = None, kind: str = "str", **more: Any
) -> Described:
    given: dict[str, Any] = {"token": None, "defined": None, "built": (), **more}
    return Described(expression, value, kind, **given)


def side(values: SiteValues, looked_up: dict[str, Described] | None = None) -> FakeRunner:
    """A program whose every site shows ``values``, and whose constructors hold ``looked_up``."""

    def inspect(request: Inspect) -> Inspected:
        return Inspected((looked_up or {}).get(request.expression), None)

    return FakeRunner(
        {Probe: lambda request: Probed((values,) * len(request.sites)), Inspect: inspect}
    )


async def answer(wasteful: FakeRunner, efficient: FakeRunner, question: Question) -> Answer:
    def is_user(found: Frame) -> bool:
        return found.path.endswith("user.py")

    return await Explainer(wasteful, efficient, SourceReader(), is_user).answer(question)


def block(folder: Path, act: str, first_line: int) -> SiteValues:
    """Block.forward, whose ``self.act`` is of a class written at ``first_line``."""
    definition = Frame(str(folder / "lib.py"), "Block", 1, 1, 0, 6, 0)
    written = Frame(str(folder / "acts.py"), act, first_line, first_line, 0, first_line + 9, 0)
    owner = described("self", None, "lib.Block", token=5, defined=definition)
    return SiteValues(
        True, (owner, described("self.act", None, f"acts.{act}", defined=written)), ()
    )


def parted_at_act(folder: Path) -> Divergence:
    forward = frame(folder, "self.act(x)", "Block.forward", 5)
    callees = [
        Frame(str(folder / "acts.py"), f"{name}.forward", line + 2, line + 3, 0, line + 3, 9)
        for name, line in (("Slow", 10), ("Fast", 30))
    ]
    return Divergence(((forward, forward),), callees[0], callees[1], same_place=True)


def config(folder: Path, act: str, call: str) -> dict[str, Described]:
    inner = Frame("/lib/site-packages/x.py", "wrap", 1, 2, 0, 2, 5)
    built = (inner, frame(folder, call, "<module>", 1, "user.py"))
    return {
        "config.act": described("config.act", f"'{act}'"),
        "config": described("config", None, "lib.Config", token=6, built=built),
    }


@pytest.mark.parametrize(
    ("call", "given"), [("Config(3, size=4)", None), ("Config(size=4)", False)]
)
async def test_a_callee_is_followed_to_the_users_call(
    folder: Path, call: str, given: bool | None
) -> None:
    found = await answer(
        side(block(folder, "Slow", 10), config(folder, "slow", call)),
        side(block(folder, "Fast", 30), config(folder, "fast", call)),
        Question(parted_at_act(folder), None),
    )
    fact = found.callee
    assert fact is not None
    assert (fact.expression, fact.wasteful_callee, fact.efficient_callee) == (
        "self.act",
        "Slow",
        "Fast",
    )
    assert (fact.set_from, fact.set_in and fact.set_in.line) == ("ACTS[config.act]", 3)
    origin = fact.origin
    assert origin is not None
    assert (origin.name, origin.wasteful_value, origin.efficient_value) == (
        "act",
        "'slow'",
        "'fast'",
    )
    assert (origin.owner, origin.call, origin.given) == (
        "Config",
        frame(folder, call, "<module>", 1, "user.py"),
        given,
    )


async def test_a_callee_whose_construction_was_not_seen(folder: Path) -> None:
    found = await answer(
        side(block(folder, "Slow", 10)),
        side(block(folder, "Fast", 30)),
        Question(parted_at_act(folder), None),
    )
    assert found.callee is not None
    assert found.callee.origin is None


async def test_another_visit_of_the_place_explains_nothing(folder: Path) -> None:
    # The probe saw classes written elsewhere than the functions that the region runs.
    found = await answer(
        side(block(folder, "First", 50)),
        side(block(folder, "Other", 70)),
        Question(parted_at_act(folder), None),
    )
    assert found.callee is None


async def test_one_name_in_two_places_is_told_apart(folder: Path) -> None:
    both = [block(folder, "Act", line) for line in (10, 30)]
    owner, act = both[0].values
    mine = SiteValues(True, (owner, Described(**{**vars(act), "type": "mine.Act"})), ())
    found = await answer(side(mine), side(both[1]), Question(parted_at_act(folder), None))
    assert found.callee is not None
    assert (found.callee.wasteful_callee, found.callee.efficient_callee) == ("mine.Act", "acts.Act")


async def test_equal_callees_explain_nothing(folder: Path) -> None:
    values = block(folder, "Slow", 10)
    found = await answer(side(values), side(values), Question(parted_at_act(folder), None))
    assert found == Answer(None, ())


async def test_a_place_that_was_not_reached_explains_nothing(folder: Path) -> None:
    nothing = side(SiteValues(False, (), ()))
    found = await answer(nothing, nothing, Question(parted_at_act(folder), None))
    assert found == Answer(None, ())


def entered(**values: str | None) -> SiteValues:
    """A function entered with scalars, or with objects where a value is None."""
    return SiteValues(
        True,
        (),
        tuple(Argument(name, described(name, value, "list")) for name, value in values.items()),
    )


def attend(folder: Path, caller: str | None, same_place: bool = False) -> Question:
    slow = frame(folder, "slow(x, scale)", "attend", 9)
    fast = slow if same_place else frame(folder, "fast(x)", "attend", 9)
    found = frame(folder, caller, "<module>", 1, "user.py") if caller is not None else None
    return Question(Divergence(((slow, fast),), None, None, same_place), found)


async def test_the_argument_that_chose_the_path(folder: Path) -> None:
    # scale differs too, but only goes into the call.
    found = await answer(
        side(entered(x=None, y=None, fused="False", scale="1")),
        side(entered(x=None, y=None, fused="True", scale="2")),
        attend(folder, "attend(x, y)"),
    )
    assert [(each.name, each.wasteful_value, each.efficient_value) for each in found.arguments] == [
        ("fused", "False", "True")
    ]
    assert found.arguments[0].distance == 0
    assert found.callee is None


async def test_where_the_path_is_one_the_argument_that_goes_in(folder: Path) -> None:
    found = await answer(
        side(entered(x="1", y="1", fused="False", scale="1")),
        side(entered(x="1", y="2", fused="False", scale="2")),
        attend(folder, "attend(x, y)", same_place=True),
    )
    # y does not reach the call.
    assert [each.name for each in found.arguments] == ["scale"]


@pytest.mark.parametrize(
    ("caller", "given"),
    [
        ("attend(x, y)", False),
        ("attend(x, y, True)", None),
        ("attend(x, *more)", None),
        ("attend(x, y, fused=False)", True),
        (None, None),
    ],
)
async def test_whether_an_argument_was_left_at_its_default(
    folder: Path, caller: str | None, given: bool | None
) -> None:
    found = await answer(
        side(entered(self=None, x=None, y=None, fused="False")),
        side(entered(self=None, x=None, y=None, fused="True")),
        attend(folder, caller),
    )
    assert [each.given for each in found.arguments] == [given]


async def test_objects_are_not_compared(folder: Path) -> None:
    found = await answer(
        side(entered(x=None, fused=None)),
        side(entered(x=None, fused=None)),
        attend(folder, "attend(x, y)"),
    )
    assert found.arguments == ()


async def test_a_scalar_against_an_object(folder: Path) -> None:
    found = await answer(
        side(entered(fused=None)), side(entered(fused="True")), attend(folder, "attend(x, y)")
    )
    assert [(each.wasteful_value, each.efficient_value) for each in found.arguments] == [
        ("list", "True")
    ]
