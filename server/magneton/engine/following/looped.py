"""What a loop handed on in one of its turns; of its names only the last turn's are kept."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from magneton_agent.schema.messages import Described, Inspect

from ...source.program import Comprehension
from .asking import Asker
from .hops import Spot, item

_MOST = 64  # items of one list that are looked at
_ENTRIES, _VALUES = "items", "values"


async def looped_entry(asker: Asker, given: Spot, held: Described) -> Spot | None:
    """The item that ``held`` is, where a call was ``given`` the name of a loop around it; None
    where it was not, or several items may be. A list of plain values is followed as a whole.
    """
    source = await _source(asker, given)
    keys: list[object] = list(await asker.keys(source)) if source is not None else []
    if source is None or not (keys or held.value is None):
        return None
    items = _items(asker, source, keys or range(_MOST))
    found = [each async for each in items if await asker.value(each) == held]
    return found[0] if len(found) == 1 or (found and held.token is not None) else None


async def _source(asker: Asker, given: Spot) -> Spot | None:
    """What the innermost loop goes through whose name is ``given``."""
    name, scope = given.expression, given.scope
    if not isinstance(name, ast.Name):
        return None
    if isinstance(scope.node, Comprehension):
        outer = (await asker.ask(Inspect("enclosing", given.moment, name.id))).moments
        around = await asker.scope(outer[0]) if outer else None
        found = (_gone_through(each, name.id) for each in scope.node.generators)
        source = next((each for each in found if each is not None), None)
        if around is None or source is None:
            return None
        return Spot(outer[0], around, source, asker.text.statement(scope.path, scope.node))
    for outside in asker.text.around(scope.path, name):
        if isinstance(outside, ast.For):
            source = _gone_through(outside, name.id)
            if source is not None:
                return replace(given, expression=source, at=outside)
        if outside is scope.node:
            break
    return None


def _gone_through(loop: ast.For | ast.comprehension, name: str) -> ast.expr | None:
    """What ``loop`` goes through with ``name``, of the entries of a mapping the mapping."""
    target, source = loop.target, loop.iter
    function = source.func if isinstance(source, ast.Call) and not source.args else None
    listed = function.attr if isinstance(function, ast.Attribute) else ""
    if listed == _ENTRIES and isinstance(target, ast.Tuple):
        target = target.elts[-1]
    if not (isinstance(target, ast.Name) and target.id == name):
        return None
    mapped = isinstance(function, ast.Attribute) and listed in (_ENTRIES, _VALUES)
    return function.value if isinstance(function, ast.Attribute) and mapped else source


async def _items(asker: Asker, source: Spot, keys: Iterable[object]) -> AsyncIterator[Spot]:
    for key in keys:
        entry = replace(source, expression=item(source.expression, key))
        if await asker.value(entry) is None:
            return
        yield entry
