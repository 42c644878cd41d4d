"""Asks both programs what decides that one of them repeats work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Location
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import SideName

from ..analysis.diagnosis.facts import Followed
from ..analysis.redundancy import Repetition, times_in
from ..source.program import ProgramText
from .explaining import Explainer, Subject
from .merging import Decision
from .redundant import Suspect
from .side import Side

_MOST = 4  # repetitions of a side: each takes two steps of both programs
_PLACES = 3  # of one repetition


async def why_repeated(
    suspect: Suspect, other: Suspect, sides: Mapping[SideName, Side]
) -> dict[int, Followed]:
    """What decides that ``suspect`` repeats what the ``other`` side computes less often, by the
    costliest operator of each repetition; nothing of what was not found. ``sides`` were loaded
    with their construction traced; of a trace nothing can be asked."""
    live = (sides[suspect.side], sides[other.side])
    if any(each.taken is not None for each in live):
        return {}
    found: dict[int, Followed] = {}
    recordings = suspect.sites.recording, other.sites.recording
    for repetition, main in list(zip(suspect.repetitions, suspect.mains, strict=True))[:_MOST]:
        own = next(each for each in repetition.classes if main in each)
        if times_in(recordings[1], recordings[0], main) >= len(own):
            continue
        subjects = [
            Subject(side, recording, (), operator)
            for side, recording, operator in zip(live, recordings, (main, 0), strict=True)
        ]
        explainer = Explainer(subjects[0], subjects[1], ProgramText(), suspect.sites.is_user)
        try:
            why = await _seldom(explainer, _lines(recordings[0], own, main))
        except MagnetonError:  # it ended while it was looked into: what was measured stands
            return found
        if why is not None:
            found[main] = why
    return found


def as_often(suspect: Suspect, other: Suspect) -> frozenset[int]:
    """The :attr:`mains` of the repetitions that the ``other`` side computes as often."""
    mains = zip(suspect.repetitions, suspect.mains, strict=True)
    return frozenset(main for each, main in mains if _is_as_often(suspect, other, each))


def _is_as_often(suspect: Suspect, other: Suspect, repetition: Repetition) -> bool:
    recordings = other.sites.recording, suspect.sites.recording
    return all(times_in(*recordings, each[0]) >= len(each) for each in repetition.classes)


async def _seldom(explainer: Explainer, operators: Sequence[int]) -> Followed | None:
    """What decides that the other side comes to one of ``operators`` less often."""
    for operator in operators:
        if (why := await explainer.seldom(operator)) is not None:
            return why
    return None


def _lines(recording: Recording, own: Sequence[int], main: int) -> list[int]:
    """One of each place that computes what ``main`` does, ``main`` first: any may be the one that
    the other side leaves out, whichever ran first."""
    by_stack = {recording.operators[i].stack: i for i in (*reversed(own), main)}
    return sorted(by_stack.values(), key=lambda i: (i != main, i))[:_PLACES]


def decided_there(
    suspects: tuple[Suspect, Suspect], why: Mapping[int, Followed]
) -> dict[Decision, Location]:
    """Where the second of ``suspects`` gives its values of what decides, as :func:`why_repeated`
    found it, that the first repeats work."""
    own, other = suspects
    return {
        (
            own.side,
            (each.name, each.wasteful_value, each.efficient_value),
            own.sites.location(each.place),
        ): other.sites.location(each.there)
        for each in why.values()
        if each.there is not None
    }
