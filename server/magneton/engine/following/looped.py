"""What a loop handed on in one of its turns; of its names only the last turn's are kept."""

from __future__ import annotations

import ast
from dataclasses import replace

from .asking import Asker
from .hops import Spot, item

_VALUES = ("items", "values")


async def looped_entry(asker: Asker, moment: int, parameter: str, spot: Spot) -> Spot | None:
    """The entry of a mapping, all values of which a loop around ``spot`` goes through, that the
    call of ``moment`` got as its ``parameter``; None where ``spot`` is no such value."""
    mapping = _gone_through(asker, spot)
    held = await asker.looked_up(moment, ast.Name(parameter, ast.Load()), entered=True)
    if mapping is None or held is None or held.token is None:
        return None
    for key in await asker.keys(replace(spot, expression=mapping)):
        entry = replace(spot, expression=item(mapping, key))
        told = await asker.value(entry)
        if told is not None and told.token == held.token:
            return entry
    return None


def _gone_through(asker: Asker, spot: Spot) -> ast.expr | None:
    for outer in asker.text.around(spot.scope.path, spot.expression):
        if not isinstance(outer, ast.For) or not isinstance(outer.iter, ast.Call):
            continue
        target = outer.target
        last = target.elts[-1] if isinstance(target, ast.Tuple) else target
        listed = outer.iter.func
        if (
            isinstance(last, ast.Name)
            and isinstance(spot.expression, ast.Name)
            and last.id == spot.expression.id
            and isinstance(listed, ast.Attribute)
            and listed.attr in _VALUES
        ):
            return listed.value
    return None
