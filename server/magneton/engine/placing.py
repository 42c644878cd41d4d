"""Where a program sets the setting that a finding comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import FindSetting, FoundSetting
from magneton_agent.schema.result import SideName

from ..analysis.diagnosis.facts import Explanation, Facts, Note
from ..analysis.settings import as_held
from .side import Side


async def placed(
    found: Explanation | None,
    facts: Facts,
    runners: Mapping[SideName, Side],
    is_user: Callable[[Frame], bool],
) -> Explanation | None:
    """``found``, where it names a setting without a place, with the innermost of the user's lines
    that gives it its value on the wasteful side; without one where the program leaves it alone."""
    side = runners[facts.wasteful.name]
    if found is None or found.kind != "setting" or found.frame is not None or side.taken:
        return found
    request = FindSetting(as_held(found.name, facts.wasteful.settings))
    frames = (await side.ask(request, FoundSetting)).frames
    frame = next((each for each in frames if is_user(each)), None)
    where = "is set here" if frame is not None else "is as it was when the program started"
    if frame is None and frames:
        where = "is set by a library"
    note = Note("set", f"{found.name} {where} on side {side.name}", frame)
    return replace(found, frame=frame, evidence=(*found.evidence, note))
