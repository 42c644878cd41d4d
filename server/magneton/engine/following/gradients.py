"""What decides where gradients are recorded, and how modules are laid out: the user's statements
that say so."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Callable, Iterator

from magneton_agent.schema.messages import Inspect, Visit

from ...source.program import ProgramText, Scope
from .asking import Asker
from .counterparts import Counterparts
from .hops import Hop, Spot
from .start import parting
from .stores import moments_of, nodes
from .walk import Pair, Walk, parts_of

_CALLED, _SET = "requires_grad_", "requires_grad"
_WITHOUT = ("detach", "no_grad", "inference_mode", "set_grad_enabled")
_CONVERTING = ("to", "type", "half", "bfloat16", "float", "double")
_MODULES = "torch/nn/modules/module.py"
_ON = ast.Constant(True)

PartedBy = Callable[[Walk, ProgramText, tuple[Asker, Asker], Counterparts], AsyncIterator[Pair]]
Statement = tuple[Scope, ast.expr, ast.expr]
"""Where it runs, the expression that does it, and what it gives."""


async def parted_gradients(
    walk: Walk, text: ProgramText, askers: tuple[Asker, Asker], counterparts: Counterparts
) -> AsyncIterator[Pair]:
    """What differs between the sides of where gradients are recorded."""
    found = tuple(list(_statements(each)) for each in askers)
    async for pair in _parted(walk, text, askers, counterparts, found):
        yield pair


async def parted_conversions(
    walk: Walk, text: ProgramText, askers: tuple[Asker, Asker], counterparts: Counterparts
) -> AsyncIterator[Pair]:
    """What differs between the sides of how modules are converted to another type or layout."""
    found = tuple([await _conversions(each) for each in askers])
    async for pair in _parted(walk, text, askers, counterparts, found):
        yield pair


async def _parted(
    walk: Walk,
    text: ProgramText,
    askers: tuple[Asker, Asker],
    counterparts: Counterparts,
    found: tuple[list[Statement], ...],
) -> AsyncIterator[Pair]:
    """What differs of how the statements come to run, and of what they give."""
    for side, asker in enumerate(askers):
        for scope, node, value in found[side]:
            moments = await moments_of(asker, scope)
            if not moments:
                continue
            frame = scope.frame(node)
            both = await counterparts.ran_too((frame,), askers[1 - side], side)
            if not both:
                at = text.statement(scope.path, node)
                hop = Hop((Spot(moments[-1], scope, value, at),), _SET, frame, stored=True)
                hops = (hop, Hop()) if side == 0 else (Hop(), hop)
                for pair in await walk.came(*hops):
                    yield pair
                continue
            there = both[0][1]
            other = text.scope(there)
            visits = await walk.earlier(1 - side, there)
            if other is None or not visits:
                continue
            reached = [(scope, frame, Visit(moments[-1], ())), (other, there, visits[0])]
            x, y = reached if side == 0 else reached[::-1]
            for each in parting(text, (x, y), came=False):
                for pair in (each.pair, *_given(each.pair)):
                    if await walk.differ(pair):
                        yield pair


def _given(pair: Pair) -> Iterator[Pair]:
    """What two calls are given: what they return may be gone through once, and tells nothing."""
    if all(isinstance(each.expression, ast.Call) for each in pair):
        yield from zip(*map(parts_of, pair), strict=False)


async def _conversions(asker: Asker) -> list[Statement]:
    found: list[Statement] = []
    for scope, node in nodes(asker):
        if not isinstance(node, ast.Call) or _called(node) not in _CONVERTING:
            continue
        if not isinstance(node.func, ast.Attribute):
            continue
        for moment in (await moments_of(asker, scope))[-1:]:
            at = asker.text.statement(scope.path, node)
            held = await asker.value(Spot(moment, scope, node, at))  # it gives the module again
            if held is None or held.token is None:
                continue
            kinds = (await asker.ask(Inspect("classes", held.token))).places
            if any(each.path.endswith(_MODULES) for each in kinds):
                words = [each.value for each in node.keywords]
                found.append((scope, node, next(iter([*node.args, *words]), _ON)))
    return found


def _statements(asker: Asker) -> Iterator[Statement]:
    """Each with what it gives; those about parameters first."""
    later = []
    for scope, node in nodes(asker):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            if node.targets[0].attr == _SET:
                yield scope, node.value, node.value
            continue
        name = _called(node)
        if isinstance(node, ast.Call) and name in (_CALLED, *_WITHOUT):
            words = [each.value for each in node.keywords]
            found = scope, node, next(iter([*node.args, *words]), _ON)
            if name == _CALLED:
                yield found
            else:
                later.append(found)
    yield from later


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
