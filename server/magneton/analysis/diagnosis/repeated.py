"""What to say of work that is done more than once with the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Origin
from magneton_agent.schema.result import SideName

from .counted import times
from .facts import Explanation, Followed, Note
from .followed import parting, passing, remedy_of


@dataclass(frozen=True)
class Line:
    """One line of the repeated work: the ``names`` of its operators, how often it ran, and in which
    modules, in order."""

    frame: Frame | None
    text: str | None
    names: tuple[str, ...]
    times: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Repeated:
    """All that is known of one repetition.

    ``line`` is the costliest of its ``lines``; what it computes was computed so many ``times`` from
    so many ``sets`` of values. ``caller`` is
    what the user wrote that led to it, where a library did it. ``places`` are the user's innermost
    frames of the operators that give one and the same value, in order, each once. ``starts_from``
    says where the tensors come from that the work begins with.
    """

    line: Line
    lines: tuple[Line, ...]
    times: int
    sets: int
    caller: str | None
    places: tuple[Frame, ...]
    starts_from: frozenset[Origin]


def explain(facts: Repeated) -> Explanation:
    """Category ``redundant``, the repeated expression as its name, every line as evidence."""
    name = facts.line.text or ", ".join(facts.line.names)
    within = f"within `{facts.caller}`, " if facts.caller else ""
    return Explanation(
        category="redundant",
        kind="redundant",
        name=name,
        wasteful_value=times(facts.times),
        efficient_value=times(facts.sets),
        frame=None,
        evidence=tuple(_note(line, len(facts.places) > 1) for line in facts.lines),
        message=f"{within}`{name}` is computed {_from_what(facts)}",
        remedy=_remedy(facts),
    )


def explain_decided(facts: Repeated, why: Followed, side: SideName) -> Explanation:
    """As :func:`explain`, of work that the wasteful ``side`` alone repeats: what decides that it
    does is the cause."""
    found = explain(facts)
    other: SideName = "b" if side == "a" else "a"
    left = "" if why.given is not False else ", left at its default,"
    return replace(
        found,
        kind=why.kind,
        name=why.name,
        wasteful_value=why.wasteful_value,
        efficient_value=why.efficient_value,
        frame=why.place,
        evidence=(*found.evidence, parting(why), *passing(why, side, other)),
        message=f"{found.message}: `{why.name}`{left} is {why.wasteful_value}; with "
        f"{why.efficient_value} it is computed less often",
        remedy=remedy_of(why),
    )


def _from_what(facts: Repeated) -> str:
    often = times(facts.times)
    if facts.sets == 1:
        return f"{often} from the same values; once is enough"
    return f"{often} from {facts.sets} sets of values; once for each is enough"


def _remedy(facts: Repeated) -> str:
    if len(facts.places) > 1:
        return f"keep the result of line {facts.places[0].line} and use it again"
    if not facts.starts_from:
        return (
            "it depends on no tensor: compute it once, before the loop or in the constructor, and "
            "pass it on as an argument"
        )
    if facts.starts_from == {"parameter"}:
        return (
            "it depends on parameters and buffers alone: compute it once a step, before the loop, "
            "and pass it on as an argument"
        )
    return "compute it once, before the loop, and pass it on as an argument"


def _note(line: Line, placed: bool) -> Note:
    what = f"`{line.text}`" if line.text else "it"
    modules = f" in {_listed(line.modules)}" if line.modules else ""
    place = f" on line {line.frame.line}" if placed and line.frame else ""
    text = f"{what} ran {times(line.times)}{place}{modules}: {', '.join(line.names)}"
    return Note("repeated", text, line.frame)


def _listed(modules: Sequence[str]) -> str:
    """All of a few modules, the first and the last of many."""
    if len(modules) <= 2:
        return " and ".join(modules)
    return f"{modules[0]} to {modules[-1]} ({len(modules)} modules)"
