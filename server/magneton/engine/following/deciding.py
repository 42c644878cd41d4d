"""What chose between several statements of one function."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from ...source.definitions import guards, returned
from ...source.patterns import examined
from ...source.program import Function, ProgramText, Scope
from .hops import NOWHERE, Hop, Spot

_CONSTRUCTOR = "__init__"


def conditions(
    text: ProgramText, moment: int, scope: Scope, statements: Iterable[ast.stmt]
) -> tuple[Spot, ...]:
    """The conditions on which each of ``statements`` runs."""
    found: dict[ast.expr, None] = {}
    for each in statements:
        found.update(dict.fromkeys(guards(text, scope.path, each)))
    tests = (Spot(moment, scope, test, text.statement(scope.path, test)) for test in found)
    return tuple(each for test in tests for each in looked_at(text, test))


def looked_at(text: ProgramText, spot: Spot) -> list[Spot]:
    """The spot; of the subject of a ``match`` what its cases look at in it, and what they also ask
    for."""
    outer = next(iter(list(text.around(spot.scope.path, spot.expression))[1:2]), None)
    if not isinstance(outer, ast.Match) or outer.subject is not spot.expression:
        return [spot]
    found = [replace(spot, expression=each) for each in examined(outer)]
    for case in outer.cases:  # what asks reads the names that the case gives
        found += [replace(spot, expression=case.guard, at=case.body[0])] if case.guard else []
    return found or [spot]


def returned_by(text: ProgramText, moment: int, scope: Scope) -> Hop:
    """What the function of ``moment`` returned, with what chose between several."""
    if not isinstance(scope.node, Function):
        return NOWHERE
    values = returned(scope)
    if len(values) == 1 and isinstance(values[0][1], ast.Constant):
        at, value = values[0]
        return Hop((Spot(moment, scope, value, at),), scope.node.name, scope.frame(at))
    several = scope.node.name != _CONSTRUCTOR and len(values) > 1
    chosen = conditions(text, moment, scope, [at for at, _ in values]) if several else ()
    return Hop(tuple(Spot(moment, scope, value, at) for at, value in values), conditions=chosen)
