"""What following a value goes through: spots in a program that ran, and hops between them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.result import CauseKind

from ...source.program import Scope


@dataclass(frozen=True)
class Spot:
    """An expression, where one call ran it.

    ``at`` is the statement whose names it reads, None for the names that the call left;
    ``entered`` says that its names are the arguments as they came. ``chosen`` is what
    the expression is the callee of, a call or a decoration, where it was come by so.
    """

    moment: int
    scope: Scope
    expression: ast.expr
    at: ast.stmt | None
    entered: bool = False
    chosen: ast.expr | None = None


@dataclass(frozen=True)
class Hop:
    """Where a spot's value came from.

    ``spots`` are what it is made of, ``conditions`` what chose that. ``name`` is what the value is
    called there, None where it keeps its name, and ``place`` where it is given so, None where that
    is no place to change. ``given`` is false where ``place`` is a call that leaves argument
    ``name`` at its default; ``owner`` is what is called there, ``callers`` the places from which
    that call was come to. ``left_out`` are the mappings that could have given the value of ``key``
    and did not, the first to be asked first. ``lasting`` names are kept further back. ``stored``
    says that a statement outside of the object gave it the value, which may not have run.
    ``handed_in`` is what the library's function was given that made the value, ``default`` is where
    that of argument ``name`` is written.
    """

    spots: tuple[Spot, ...] = ()
    name: str | None = None
    place: Frame | None = None
    kind: CauseKind = "argument"
    given: bool | None = None
    owner: str | None = None
    callers: tuple[Frame, ...] = ()
    conditions: tuple[Spot, ...] = ()
    left_out: tuple[Spot, ...] = ()
    key: str = ""
    lasting: bool = False
    stored: bool = False
    handed_in: tuple[Spot, ...] = ()
    default: Frame | None = None

    @property
    def every(self) -> tuple[Spot, ...]:
        """All to go on from, what decides first."""
        return (*self.conditions, *self.spots)


NOWHERE = Hop()


def item(base: ast.expr, key: object) -> ast.Subscript:
    """``base[key]``, in the place of ``base``."""
    node = ast.Subscript(base, ast.Constant(key), ast.Load())  # type: ignore[arg-type]  # any key
    return ast.copy_location(node, base)
