"""What a rule may know of data that is moved."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.location import Frame

from ..copies import Kind


@dataclass(frozen=True)
class Move:
    """One place that moves data, ``times`` a step by operators called ``name``.

    ``does`` says what, of that ``kind``; ``frame`` is the user's innermost one, where ``text`` is
    written; ``only`` says that this expression computes nothing besides. ``undone`` is what is
    written where the type or layout is given back, at ``back``, if it is.
    """

    kind: Kind
    does: str
    name: str
    times: int
    frame: Frame | None
    text: str | None
    only: bool = True
    undone: str | None = None
    back: Frame | None = None


@dataclass(frozen=True)
class MoveFact:
    """What one side moves that the other does not, the costliest first; ``share`` is the part of
    the difference in energy that moving makes."""

    moves: tuple[Move, ...]
    share: float
