"""The places on a way back, and which of them is the one to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.location import Frame

from .hops import Hop


@dataclass(frozen=True)
class Point:
    """One place on the way: ``name`` is what the value is called, told from the wasteful side;
    ``tensor`` says that it is one, which as such nobody decides on, ``alike`` that the other side
    has the same there: it was only passed through. ``there`` is where the efficient side's value
    is given, and what called that."""

    hop: Hop
    name: str
    place: Frame
    wasteful_value: str
    efficient_value: str
    tensor: bool = False
    alike: bool = False
    there: tuple[Frame, ...] = ()


def user_end(points: Sequence[Point], is_user: Callable[[Frame], bool]) -> Point | None:
    """The last of ``points`` that a developer can change: the user's, where there is one. None
    where both programs have the same in all of them."""
    points = [each for each in points if not each.alike]
    for point in sorted(reversed(points), key=lambda each: each.tensor):
        callers = (point.place, *point.hop.callers)
        user = next((frame for frame in callers if is_user(frame)), None)
        if user is not None:
            there = next((frame for frame in point.there if is_user(frame)), None)
            return replace(point, place=user, there=(there,) if there is not None else ())
    return points[-1] if points else None
