"""Values that are written in place: an entry of a dictionary, a keyword, an option, a file."""

from __future__ import annotations

import ast
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Described

from ...source.data_files import find_value
from .asking import Asker
from .hops import Hop, Spot, item

_NAMESPACE = "argparse.Namespace"
_PARTIAL = "partial"
_AS_DICTIONARY = frozenset(("vars", "asdict"))
_LOADS = frozenset(("load", "loads", "safe_load", "full_load"))


async def entry_hop(asker: Asker, spot: Spot, held: Described | None) -> Hop | None:
    """What ``spot`` looks up where its value is written, as far as ``spot`` shows that."""
    node = spot.expression
    if isinstance(node, ast.Attribute):
        if held is not None and held.type == _NAMESPACE:
            return _option(asker, node.attr)
        if isinstance(node.value, ast.Call):
            return _keyword(spot, node.value, node.attr)
        return None
    assert isinstance(node, ast.Subscript)
    base, key = node.value, node.slice
    assert isinstance(key, ast.Constant)
    if isinstance(base, ast.Dict):
        return await _entry(asker, spot, base, key.value)
    if isinstance(base, ast.Tuple | ast.List) and isinstance(key.value, int):
        return Hop(tuple(replace(spot, expression=each) for each in base.elts[key.value :][:1]))
    if (attribute := _attribute_behind(base, str(key.value))) is not None:
        return Hop((replace(spot, expression=attribute),))
    made = isinstance(base, ast.Call) and ast.unparse(base.func) == "dict"
    if made and (found := _keyword(spot, base, str(key.value))) is not None:
        return found
    if isinstance(base, ast.Attribute) and base.attr == "keywords":
        call = base.value
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(_PARTIAL):
            return _keyword(spot, call, str(key.value))
    return await _in_file(asker, spot)


def _attribute_behind(base: ast.expr, key: str) -> ast.expr | None:
    """``x.key`` for ``vars(x)[key]``."""
    if not isinstance(base, ast.Call) or len(base.args) != 1:
        return None
    if ast.unparse(base.func).rpartition(".")[2] not in _AS_DICTIONARY:
        return None
    return ast.copy_location(ast.Attribute(base.args[0], key, ast.Load()), base)


async def _entry(asker: Asker, spot: Spot, written: ast.Dict, key: object) -> Hop | None:
    for each, value in zip(reversed(written.keys), reversed(written.values), strict=True):
        if isinstance(each, ast.Constant) and each.value == key:
            found = replace(spot, expression=value)
            return Hop((found,), str(key), spot.scope.frame(value))
    for each, value in zip(reversed(written.keys), reversed(written.values), strict=True):
        inner = replace(spot, expression=item(value, key))
        if each is None and await asker.value(inner) is not None:
            return Hop((inner,))
    return None


def _keyword(spot: Spot, call: ast.expr, key: str) -> Hop | None:
    """The keyword ``key`` of a call that keeps what it is given: ``dict(…)``, ``partial(…)``."""
    for word in call.keywords if isinstance(call, ast.Call) else ():
        if word.arg == key:
            found = replace(spot, expression=word.value)
            assert isinstance(call, ast.Call)
            owner = ast.unparse(call.func)
            return Hop((found,), key, spot.scope.frame(call), given=True, owner=owner)
    return None


def _option(asker: Asker, destination: str) -> Hop | None:
    """Where the command line's option is defined that sets ``destination``."""
    for path in asker.files:
        module = asker.text.module(path)
        for node in ast.walk(module.node) if module is not None else ():
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(
                ".add_argument"
            ):
                continue
            named = [each.value for each in node.args if isinstance(each, ast.Constant)]
            flags = [str(each) for each in named]
            if destination == _destination(node, flags) and module is not None:
                flag = next((each for each in flags if each.startswith("--")), destination)
                return Hop((), flag, module.frame(node), "argument")
    return None


def _destination(call: ast.Call, flags: list[str]) -> str:
    for word in call.keywords:
        if word.arg == "dest" and isinstance(word.value, ast.Constant):
            return str(word.value.value)
    long = [each for each in flags if each.startswith("--")] or flags
    return long[0].lstrip("-").replace("-", "_") if long else ""


async def _in_file(asker: Asker, spot: Spot) -> Hop | None:
    """The line of a JSON or YAML file from which the value was read."""
    keys: list[str | int] = []
    node: ast.expr = spot.expression
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        keys.insert(0, node.slice.value)  # type: ignore[arg-type]
        node = node.value
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in _LOADS:
        return None
    names = await _strings(asker, spot, node)
    place = find_value(asker.folders, names, keys)
    if place is None:
        return None
    path, line, column, end = place
    frame = Frame(path, "", line, line, column, line, end)
    return Hop((), str(keys[-1]), frame)


async def _strings(asker: Asker, spot: Spot, call: ast.Call) -> list[str]:
    """The texts and paths that are at hand where a file was read, and in the calls around."""
    found: list[str] = []
    moment: int | None = spot.moment
    while moment is not None and len(found) < 200:
        found += await asker.texts(moment)
        outer = await asker.caller(moment)
        moment = outer.moment if outer is not None else None
    return found
