"""Where a program sets the setting that a finding comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import FindSetting, FoundSetting
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import SideName

from ..analysis.diagnosis import operands
from ..analysis.diagnosis.facts import Explanation, Facts, Followed, Note, SideFacts
from ..analysis.diagnosis.followed import decided, remedy_of
from ..analysis.settings import as_held
from .side import Side


class Decides(Protocol):
    """Tells what decides on a setting, as an explainer does."""

    async def set_by(self, paths: tuple[Sequence[Frame], Sequence[Frame]]) -> Followed | None: ...

    async def made_so(self, operators: tuple[Operator, Operator]) -> Followed | None: ...


async def placed(
    found: Explanation | None,
    facts: Facts,
    runners: Mapping[SideName, Side],
    is_user: Callable[[Frame], bool],
    explainer: Decides | None = None,
) -> Explanation | None:
    """``found``, where it names a setting without a place, with the innermost of the user's lines
    that gives it its value on the wasteful side; without one where the program leaves it alone.

    Where that line only passes on what was decided elsewhere, or only the other side sets it, what
    decides that, as ``explainer`` can tell.
    """
    side = runners[facts.wasteful.name]
    if found is not None and (position := operands.position_of(found, facts)) is not None:
        live = not any(runners[each.name].taken for each in (facts.wasteful, facts.efficient))
        return await _made(found, facts, position, explainer) if explainer and live else found
    if found is None or found.kind != "setting" or found.frame is not None or side.taken:
        return found
    frames = await _frames(found.name, facts.wasteful, runners)
    frame = next((each for each in frames if is_user(each)), None)
    where = "is set here" if frame is not None else "is as it was when the program started"
    if frame is None and frames:
        where = "is set by a library"
    note = Note("set", f"{found.name} {where} on side {side.name}", frame)
    there = replace(found, frame=frame, evidence=(*found.evidence, note))
    if explainer is None or (frame is None and frames):
        return there
    if frame is None and runners[facts.efficient.name].taken:
        return there
    others = await _frames(found.name, facts.efficient, runners)
    if not (frames or any(is_user(each) for each in others)):
        return there
    origin = await explainer.set_by((frames, others))
    if origin is None or (frame is not None and _is_there(origin, frame)):
        return there
    return decided(there, origin, f"let {origin.name} be {origin.efficient_value}")


async def _made(found: Explanation, facts: Facts, position: int, explainer: Decides) -> Explanation:
    """``found``, which names an operand of the operators at ``position``, with what decides on how
    it was made, where that is found."""
    x, y = (side.operators[position] for side in (facts.wasteful, facts.efficient))
    origin = await explainer.made_so((x, y))
    return found if origin is None else decided(found, origin, remedy_of(origin))


async def _frames(
    name: str, facts: SideFacts, runners: Mapping[SideName, Side]
) -> tuple[Frame, ...]:
    request = FindSetting(as_held(name, facts.settings))
    return (await runners[facts.name].ask(request, FoundSetting)).frames


def _is_there(origin: Followed, frame: Frame) -> bool:
    """Whether what decides lies where the setting is set."""
    place = origin.place
    return (place.path, place.line) == (frame.path, frame.line)
