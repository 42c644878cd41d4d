"""Values that are written in place: an entry of a dictionary, a keyword, an option, a file."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from magneton_agent.schema.messages import Described

from .asking import Asker
from .files import loaded_entry
from .hops import Hop, Spot, item
from .options import option_hop

_NAMESPACE = "argparse.Namespace"
_PARTIAL, _CHAIN = ("partial", "partialmethod"), "ChainMap"
_AS_DICTIONARY = frozenset(("vars", "asdict"))


async def entry_hop(asker: Asker, spot: Spot, held: Described | None) -> Hop | None:
    """What ``spot`` looks up where its value is written, as far as ``spot`` shows that."""
    node = spot.expression
    if isinstance(node, ast.Attribute):
        if held is not None and held.type == _NAMESPACE:
            return await option_hop(asker, spot, held, node.attr)
        if isinstance(node.value, ast.Call):
            found = await _keyword(asker, spot, node.value, node.attr)
            return found or _unchanged(spot, node.value, node.attr)
        return None
    assert isinstance(node, ast.Subscript)
    base, key = node.value, node.slice
    assert isinstance(key, ast.Constant)
    if isinstance(base, ast.Dict):
        return await _entry(asker, spot, base, key.value)
    if isinstance(base, ast.BinOp) and isinstance(base.op, ast.BitOr):
        return await _merged(asker, spot, (base.right, base.left), key.value)
    if isinstance(base, ast.Tuple | ast.List) and isinstance(key.value, int):
        given = base.elts[key.value :][:1]
        place = spot.scope.frame(given[0]) if given else None
        return Hop(tuple(replace(spot, expression=each) for each in given), place=place)
    if isinstance(base, ast.Call):
        return await _in_call(asker, spot, base, key.value)
    if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Call):
        return await _in_partial(asker, spot, base.value, base.attr, key.value)
    return await loaded_entry(asker, spot)


async def _in_call(asker: Asker, spot: Spot, call: ast.Call, key: object) -> Hop | None:
    """An entry of what a call of a known kind makes."""
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in _AS_DICTIONARY and len(call.args) == 1:
        attribute = ast.Attribute(call.args[0], str(key), ast.Load())  # `x.key` of `vars(x)[key]`
        return Hop((replace(spot, expression=ast.copy_location(attribute, call)),))
    if name == _CHAIN:
        return await _merged(asker, spot, call.args, key)
    if name == "dict" and (found := await _keyword(asker, spot, call, str(key))) is not None:
        return found
    return await loaded_entry(asker, spot)


async def _in_partial(
    asker: Asker, spot: Spot, call: ast.Call, kept: str, key: object
) -> Hop | None:
    """What ``partial(function, …)`` keeps for ``key``, a keyword or the number of an argument."""
    if not ast.unparse(call.func).endswith(_PARTIAL):
        return None
    if kept == "keywords":
        return await _keyword(asker, spot, call, str(key))
    given = [each for each in call.args if not isinstance(each, ast.Starred)][1:]
    if kept != "args" or not isinstance(key, int) or key >= len(given):
        return None
    place, owner = spot.scope.frame(call), ast.unparse(call.func)
    return Hop((replace(spot, expression=given[key]),), None, place, given=True, owner=owner)


async def _entry(asker: Asker, spot: Spot, written: ast.Dict, key: object) -> Hop | None:
    for each, value in zip(reversed(written.keys), reversed(written.values), strict=True):
        if isinstance(each, ast.Constant) and each.value == key:
            found = replace(spot, expression=value)
            return Hop((found,), str(key), spot.scope.frame(value))
    entries = zip(reversed(written.keys), reversed(written.values), strict=True)
    merged = [value for each, value in entries if each is None]
    if not merged and all(isinstance(each, ast.Constant) for each in written.keys):
        return Hop((), str(key), spot.scope.frame(written), given=False)
    return await _merged(asker, spot, merged, key)


async def _merged(
    asker: Asker, spot: Spot, mappings: Iterable[ast.expr], key: object
) -> Hop | None:
    """The first of ``mappings`` that has ``key``; those before it were given none."""
    without: list[Spot] = []
    for each in mappings:
        inner = replace(spot, expression=item(each, key))
        if isinstance(each, ast.Dict):
            found = await _entry(asker, inner, each, key)
            if found is not None and found.given is not False:
                return replace(found, left_out=(*without, *found.left_out), key=str(key))
        elif await asker.value(inner) is not None:
            return Hop((inner,), left_out=tuple(without), key=str(key))
        without.append(replace(spot, expression=each))
    return None


async def _keyword(asker: Asker, spot: Spot, call: ast.expr, key: str) -> Hop | None:
    """The keyword ``key`` of a call that keeps what it is given: ``dict(…)``, ``partial(…)``; also
    an entry of a mapping that it is given as keywords."""
    if not isinstance(call, ast.Call):
        return None
    place, owner = spot.scope.frame(call), ast.unparse(call.func)
    for word in call.keywords:
        if word.arg == key:
            found = replace(spot, expression=word.value)
            return Hop((found,), key, place, given=True, owner=owner)
    for word in call.keywords:
        entry = replace(spot, expression=item(word.value, key))
        if word.arg is None and await asker.value(entry) is not None:
            return Hop((entry,), key, place, given=True, owner=owner)
    return None


def _unchanged(spot: Spot, call: ast.Call, name: str) -> Hop | None:
    """What ``tuple._replace(…)`` leaves as it is."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "_replace":
        return None
    field = ast.copy_location(ast.Attribute(call.func.value, name, ast.Load()), call)
    return Hop((replace(spot, expression=field),), name, spot.scope.frame(call))
