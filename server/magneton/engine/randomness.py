"""Says where two sides part because they drew other random numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Operator, Recording, Sketch

from .assemble import Sites
from .prepare import Prepared

Draw = tuple[Sketch | None, ...]
_ADVICE = (
    "the two sides drew other numbers, and what is computed from them cannot match: draw in the "
    "same order, put dropout to rest (eval), or use --record-masks"
)


def warnings(prepared: Prepared, sites: Sequence[Sites]) -> tuple[str, ...]:
    """Where the outputs of two sides differ: the first draw of each side that the other has not."""
    if prepared.outputs.equal is not False:
        return ()
    drawn = [Counter(_draw(each, one) for one in _random(each)) for each in prepared.recordings]
    places = []
    for number, name in enumerate(("a", "b")):
        recording, other = prepared.recordings[number], drawn[1 - number]
        own = [one for one in _random(recording) if _draw(recording, one) not in other]
        if own:
            places.append(f"side {name} with {own[0].name} at {_place(own[0], sites[number])}")
    if not places:
        return ()
    return (f"random numbers are drawn by {' and by '.join(places)}; {_ADVICE}",)


def _random(recording: Recording) -> list[Operator]:
    return [operator for operator in recording.operators if operator.random]


def _draw(recording: Recording, operator: Operator) -> Draw:
    """What tells draws apart: the sketches of a mask where there is one, else of all results."""
    values = [recording.values[value] for value in operator.outputs]
    masks = [value for value in values if value.kind == "bool"]
    return tuple(recording.values[value.group].sketch for value in masks or values)


def _place(operator: Operator, sites: Sites) -> str:
    frame = sites.user_frame(operator.id)
    return "no line of the workspace" if frame is None else _line(sites, frame)


def _line(sites: Sites, frame: Frame) -> str:
    location = sites.location(frame)
    return f"{location.path}:{location.start.line}"
