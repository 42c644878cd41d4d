"""The expression, where an operator is called, that holds an operand."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Visit
from magneton_agent.schema.recording import Value

from ...source.program import ProgramText, is_lookup
from .asking import Asker
from .hops import Spot

Visits = tuple[Visit, ...]


async def holding(
    askers: tuple[Asker, Asker],
    text: ProgramText,
    places: tuple[Frame, Frame],
    visits: tuple[Visits, Visits],
    operands: tuple[Value, Value],
) -> tuple[Spot, Spot] | None:
    """The spots of both sides at ``places`` that hold ``operands``, in the first calls in which
    both do; where several could, those that are written alike."""
    for both in zip(*visits, strict=False):
        x, y = [
            await _spots(asker, text, place, visit, operand)
            for asker, place, visit, operand in zip(askers, places, both, operands, strict=True)
        ]
        alike = ((one, other) for one in x for other in y if _written(one) == _written(other))
        if x and y:
            return next(alike, (x[0], y[0]))
    return None


async def _spots(
    asker: Asker, text: ProgramText, place: Frame, visit: Visit, operand: Value
) -> list[Spot]:
    scope, expression = text.scope(place), text.expression(place)
    if scope is None or expression is None:
        return []
    at = text.statement(place.path, expression)
    wanted = _said(operand)
    found = []
    for each in _lookups(expression):
        told = await asker.looked_up(visit.moment, each)
        if told is not None and told.value == wanted:
            found.append(Spot(visit.moment, scope, each, at))
    return found


def _lookups(expression: ast.expr) -> Iterator[ast.expr]:
    """What an expression looks up, the outermost first."""
    for node in ast.walk(expression):
        if isinstance(node, ast.expr) and is_lookup(node):
            yield node


def _said(value: Value) -> str:
    """A tensor, as a worker describes one."""
    return f"torch.{value.dtype} {list(value.shape)} strides {list(value.strides)}"


def _written(spot: Spot) -> str:
    return ast.unparse(spot.expression)
