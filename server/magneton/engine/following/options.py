"""An option of the command line (argparse): where it is given, or defined."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

from magneton_agent.schema.messages import Described

from ...source.program import Scope
from .asking import Asker
from .hops import Hop, Spot
from .stores import moments_of, nodes

_ADD, _DEFAULTS = "add_argument", "set_defaults"
_PARSE = ("parse_args", "parse_known_args")


@dataclass(frozen=True)
class _Option:
    """A call of ``add_argument`` in the user's text."""

    scope: Scope
    call: ast.Call
    flags: tuple[str, ...]

    @property
    def name(self) -> str:
        return next((each for each in self.flags if each.startswith("--")), self.flags[0])

    @property
    def destination(self) -> str:
        given = _keyword(self.call, "dest")
        if isinstance(given, ast.Constant):
            return str(given.value)
        long = [each for each in self.flags if each.startswith("--")] or list(self.flags)
        return long[0].lstrip("-").replace("-", "_")

    def is_in(self, arguments: str) -> bool:
        """Whether a list of arguments, as text, gives the option."""
        return any(f"'{flag}'" in arguments or f"'{flag}=" in arguments for flag in self.flags)


async def option_hop(asker: Asker, spot: Spot, parsed: Described, destination: str) -> Hop | None:
    """What gave the ``parsed`` arguments their ``destination``: the list of arguments, where the
    program makes it; a default that is set or that the option has; else where that is defined."""
    option = next((each for each in _options(asker) if each.destination == destination), None)
    if option is None:
        return None
    given = await _given(asker, parsed)
    told = await asker.value(given) if given is not None else None
    if given is not None and told is not None and option.is_in(told.value or ""):
        place = given.scope.frame(given.at or given.expression)
        return Hop((given,), destination, place, lasting=True)
    left_out = (given,) if given is not None else ()
    place, value = option.scope.frame(option.call), _keyword(option.call, "default")
    hop = Hop(name=option.name, place=place, left_out=left_out, key=destination, lasting=True)
    held = await asker.value(spot)
    async for default in _defaults(asker, destination):
        if held is not None and (await asker.value(default)) == held:
            place = default.scope.frame(default.at or default.expression)
            return replace(hop, spots=(default,), place=place)
    for moment in await moments_of(asker, option.scope):
        at = asker.text.statement(option.scope.path, option.call)
        spots = (Spot(moment, option.scope, value, at),) if value is not None else ()
        return replace(hop, spots=spots)
    return hop


def _options(asker: Asker) -> Iterator[_Option]:
    for scope, node in nodes(asker):
        if isinstance(node, ast.Call) and _method(node) == _ADD:
            flags = tuple(str(each.value) for each in node.args if isinstance(each, ast.Constant))
            if flags:
                yield _Option(scope, node, flags)


async def _defaults(asker: Asker, destination: str) -> AsyncIterator[Spot]:
    """What ``set_defaults`` was given for it."""
    for scope, node in nodes(asker):
        if isinstance(node, ast.Call) and _method(node) == _DEFAULTS:
            value = _keyword(node, destination)
            for moment in await moments_of(asker, scope):
                if value is not None:
                    at = asker.text.statement(scope.path, node)
                    yield Spot(moment, scope, value, at)


async def _given(asker: Asker, parsed: Described) -> Spot | None:
    """The list of arguments that were ``parsed``, where the program makes it."""
    for scope, node in nodes(asker):
        if not isinstance(node, ast.Call) or _method(node) not in _PARSE:
            continue
        at = asker.text.statement(scope.path, node)
        for moment in await moments_of(asker, scope):
            made = await asker.value(Spot(moment, scope, node, at))
            if made is None or made.token != parsed.token:
                continue
            written = node.args[0] if node.args else _keyword(node, "args")
            if written is not None:
                return Spot(moment, scope, written, at)
    return await _argv(asker)


async def _argv(asker: Asker) -> Spot | None:
    """What the program puts into ``sys.argv`` itself."""
    found = None
    for scope, node in nodes(asker):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        owner = target.value if isinstance(target, ast.Subscript) else target
        if isinstance(node, ast.Assign) and owner is not None and ast.unparse(owner) == "sys.argv":
            for moment in await moments_of(asker, scope):
                found = Spot(moment, scope, node.value, node)
    return found


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)
