"""What chose between several statements of one function."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ...source.definitions import guards, returned
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
    return tuple(Spot(moment, scope, test, text.statement(scope.path, test)) for test in found)


def returned_by(text: ProgramText, moment: int, scope: Scope) -> Hop:
    """What the function of ``moment`` returned, with what chose between several."""
    if not isinstance(scope.node, Function):
        return NOWHERE
    values = returned(scope)
    several = scope.node.name != _CONSTRUCTOR and len(values) > 1
    chosen = conditions(text, moment, scope, [at for at, _ in values]) if several else ()
    return Hop(tuple(Spot(moment, scope, value, at) for at, value in values), conditions=chosen)
