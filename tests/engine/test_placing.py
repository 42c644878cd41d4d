"""The place of a setting that is a cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from magneton.analysis.diagnosis import operands
from magneton.analysis.diagnosis.facts import Followed
from magneton.analysis.diagnosis.settings import untried
from magneton.engine.placing import placed
from magneton.engine.side import Side
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import FindSetting, FoundSetting
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import SideName
from tests.analysis.diagnosis.findings import facts, side
from tests.analysis.steps import frame, operator
from tests.engine.fake_runners import FakeRunner

pytestmark = pytest.mark.asyncio


LIBRARY, USER = frame("configure", path="/lib/l.py"), frame("build", 5)


@dataclass
class Origin:
    """Tells ``found`` of whatever set a setting."""

    found: Followed | None
    paths: tuple[Sequence[Frame], Sequence[Frame]] = ((USER,), ())

    async def set_by(self, paths: tuple[Sequence[Frame], Sequence[Frame]]) -> Followed | None:
        assert paths == self.paths
        return self.found

    async def made_so(self, operators: tuple[Operator, Operator]) -> Followed | None:
        assert [each.name for each in operators] == ["aten::exp", "aten::exp"]
        return self.found


THREADS = "torch.get_num_threads()"
FACTS = facts(side("a", settings={THREADS: "8"}), side("b", settings={THREADS: "1"}))


def is_user(found: Frame) -> bool:
    return found.path.startswith("/w/")


@pytest.mark.parametrize(
    ("frames", "place", "text"),
    [
        ((LIBRARY, USER, frame("main", 9)), USER, f"{THREADS} is set here on side a"),
        ((LIBRARY,), None, f"{THREADS} is set by a library on side a"),
        ((), None, f"{THREADS} is as it was when the program started on side a"),
    ],
)
async def test_the_users_innermost_line(
    frames: tuple[Frame, ...], place: Frame | None, text: str
) -> None:
    runner = FakeRunner({FindSetting: lambda request: FoundSetting(frames)})
    found = await placed(untried(FACTS), FACTS, {"a": runner}, is_user)
    assert found is not None
    assert found.frame == place
    assert (found.evidence[-1].kind, found.evidence[-1].text) == ("set", text)
    assert runner.asked == [FindSetting({THREADS: "8"})]


async def test_other_causes_have_places_of_their_own() -> None:
    known = untried(FACTS)
    assert known is not None
    call = replace(known, kind="call")
    runner = FakeRunner({})
    assert await placed(call, FACTS, {"a": runner}, is_user) == call
    assert await placed(None, FACTS, {"a": runner}, is_user) is None


async def test_what_decides_on_the_setting_takes_its_place() -> None:
    origin = Followed(
        USER, "argument", "exact", "True", "False", frame("main", 9), True, "build", ()
    )
    runners: dict[SideName, Side] = {
        "a": FakeRunner({FindSetting: lambda _: FoundSetting((USER,))}),
        "b": FakeRunner({FindSetting: lambda _: FoundSetting(())}),
    }
    found = await placed(untried(FACTS), FACTS, runners, is_user, Origin(origin))
    assert found is not None
    assert (found.kind, found.name, found.frame) == ("argument", "exact", frame("main", 9))
    assert (found.wasteful_value, found.efficient_value) == ("True", "False")
    assert found.message == (
        f"`exact` is True, which makes {THREADS} 8; with 1 the same work costs less"
    )
    there = await placed(
        untried(FACTS), FACTS, runners, is_user, Origin(replace(origin, place=USER))
    )
    assert there is not None
    assert (there.kind, there.frame) == ("setting", USER)


LAID = facts(
    side("a", operators=(operator("exp"),), inputs=(("float32 [8, 4] strides [1, 8]",),)),
    side("b", operators=(operator("exp"),), inputs=(("float32 [8, 4] strides [4, 1]",),)),
)


async def test_what_decides_on_an_operand_takes_its_place() -> None:
    origin = Followed(USER, "argument", "order", "'F'", "'C'", frame("main", 9), True, "build", ())
    known = operands.untried(LAID)
    assert known is not None
    runners: dict[SideName, Side] = {"a": FakeRunner({}), "b": FakeRunner({})}
    found = await placed(replace(known, confirmed=True), LAID, runners, is_user, Origin(origin))
    assert found is not None
    assert (found.kind, found.name, found.frame) == ("argument", "order", frame("main", 9))
    assert (found.wasteful_value, found.efficient_value) == ("'F'", "'C'")
    assert found.confirmed  # how the operand lies was tried
    assert found.message == (
        "`order` is 'F', which makes the input of aten::exp float32 [8, 4] strides [1, 8]; with "
        "float32 [8, 4] strides [4, 1] the same work costs less"
    )
    assert found.evidence[-1].text == "`order` decides on the input of aten::exp"
    assert await placed(known, LAID, runners, is_user, Origin(None)) == known


async def test_what_only_the_other_side_sets_is_followed_from_there() -> None:
    origin = Followed(
        USER, "argument", "exact", "True", "False", frame("main", 9), True, "build", ()
    )
    runners: dict[SideName, Side] = {
        "a": FakeRunner({FindSetting: lambda _: FoundSetting(())}),
        "b": FakeRunner({FindSetting: lambda _: FoundSetting((LIBRARY, USER))}),
    }
    explainer = Origin(origin, ((), (LIBRARY, USER)))
    found = await placed(untried(FACTS), FACTS, runners, is_user, explainer)
    assert found is not None
    assert (found.name, found.frame) == ("exact", frame("main", 9))
    runners["b"] = FakeRunner({FindSetting: lambda _: FoundSetting((LIBRARY,))})
    left = await placed(untried(FACTS), FACTS, runners, is_user, explainer)
    assert left is not None
    assert (left.name, left.frame) == (THREADS, None)
