"""The line of a file of options from which a value was read."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Described
from magneton_agent.schema.option_files import SUFFIXES

from ...source.data_files import find_value
from .asking import Asker, text_of
from .hops import Hop, Spot

_LOADS = frozenset(("load", "loads", "safe_load", "full_load"))
_PARSES = _LOADS | {"literal_eval"}
_PARSER = "configparser."
_GETTERS = frozenset(("get", "getint", "getfloat", "getboolean"))


async def loaded_entry(asker: Asker, spot: Spot) -> Hop | None:
    """The line of a JSON, YAML or TOML file from which the spot's item was read."""
    keys: list[str | int] = []
    node: ast.expr = spot.expression
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        keys.insert(0, node.slice.value)  # type: ignore[arg-type]
        node = node.value
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in _LOADS:
        return None
    return await _line(asker, spot, keys)


async def parsed_text(asker: Asker, spot: Spot) -> Spot | None:
    """The text that a library's function at ``spot`` parses."""
    call = spot.expression
    name = ast.unparse(call.func).rpartition(".")[2] if isinstance(call, ast.Call) else ""
    if not isinstance(call, ast.Call) or name not in _PARSES or not call.args:
        return None
    told = await asker.value(replace(spot, expression=call.func))
    if told is None or (told.defined is not None and told.defined.path in asker.files):
        return None  # it may do anything
    given = replace(spot, expression=call.args[0])
    return given if text_of(await asker.value(given)) is not None else None


async def parsed_entry(asker: Asker, spot: Spot) -> Hop | None:
    """The line of an INI file from which the spot's option was read: ``parser[section][option]``,
    ``parser.get(section, option)``, ``section.getint(option)``."""
    node = spot.expression
    if isinstance(node, ast.Subscript):
        base, given = node.value, [node.slice]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in _GETTERS:
            return None
        base, given = node.func.value, node.args[:2]
    else:
        return None
    held = await asker.value(replace(spot, expression=base))
    if held is None or not held.type.startswith(_PARSER) or not given:
        return None
    if is_section(held):
        own = [base.slice] if isinstance(base, ast.Subscript) else []
        given = [*(own or [ast.Attribute(base, "name", ast.Load())]), given[0]]
    chosen = tuple(replace(spot, expression=each) for each in given)
    keys = [text_of(await asker.value(each)) for each in chosen]
    if len(keys) < 2 or None in keys:
        return None
    found = await _line(asker, spot, [str(each) for each in keys], await _made(asker, spot, base))
    deciding = tuple(
        each
        for each, written in zip(chosen, given, strict=True)
        if not isinstance(written, ast.Constant)
    )
    return replace(found or Hop(), conditions=deciding)


def is_section(held: Described | None) -> bool:
    """Whether this is a section of an INI file."""
    return held is not None and held.type == f"{_PARSER}SectionProxy"


async def _made(asker: Asker, spot: Spot, base: ast.expr) -> int | None:
    """The call in which the parser was made that ``base`` is of."""
    for node in (base, ast.Attribute(base, "parser", ast.Load())):
        held = await asker.value(replace(spot, expression=node))
        if held is not None and held.builders and not is_section(held):
            site = await asker.caller(held.builders[0])
            return site.moment if site is not None else None
    return None


async def _line(
    asker: Asker, spot: Spot, keys: Sequence[str | int], made: int | None = None
) -> Hop | None:
    names = await _strings(asker, spot.moment)
    names += await _strings(asker, made) if made is not None else []
    place = find_value(asker.folders, names, keys)
    if place is None:
        return None
    path, line, column, end = place
    return Hop((), str(keys[-1]), Frame(path, "", line, line, column, line, end))


async def _strings(asker: Asker, start: int) -> list[str]:
    """The texts and paths that are at hand where a file was read, and in the calls around."""
    found: list[str] = []
    moment: int | None = start
    while moment is not None and len(found) < 200:
        found += await asker.texts(moment)
        scope = await asker.scope(moment)
        found += [
            node.value
            for node in (ast.walk(scope.node) if scope is not None else ())
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.endswith(SUFFIXES)
        ]
        outer = await asker.caller(moment)
        moment = outer.moment if outer is not None else None
    return found
