"""What a rewrite is asked for, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.location import Location
from magneton_agent.schema.result import CauseKind

from .module import SourceModule


@dataclass(frozen=True)
class Place:
    """A range of a parsed file; ``location`` says where in code points."""

    module: SourceModule
    location: Location


@dataclass(frozen=True)
class Wish:
    """A finding's cause, told from the side that is to be changed.

    ``deciding`` is where a developer can change it, ``wasteful`` what costs more, ``path`` the
    user's calls that lead there, innermost first, ``efficient`` what the other side does instead.
    ``moves`` are the expressions that move data on this side alone.
    ``entry`` is the file that the side's target names, with the
    name in it. A place that is not known, or whose file is not the user's, is None.
    """

    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str
    deciding: Place | None
    wasteful: Place | None
    efficient: Place | None
    entry: tuple[SourceModule, str | None] | None
    path: tuple[Place, ...] = ()
    moves: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Rewrite:
    """``text`` is all of the changed ``module``; ``title`` says what is done, as an order."""

    title: str
    module: SourceModule
    text: str
