"""What decides where gradients are recorded: the user's statements that say so."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator

from magneton_agent.schema.messages import Visit

from ...source.program import ProgramText, Scope
from .asking import Asker
from .counterparts import Counterparts
from .hops import Hop, Spot
from .start import parting
from .stores import moments_of, nodes
from .walk import Pair, Walk, parts_of

_CALLED, _SET = "requires_grad_", "requires_grad"
_WITHOUT = ("detach", "no_grad", "inference_mode", "set_grad_enabled")
_ON = ast.Constant(True)


async def parted_gradients(
    walk: Walk, text: ProgramText, askers: tuple[Asker, Asker], counterparts: Counterparts
) -> AsyncIterator[Pair]:
    """What differs between the sides of how the statements come to run, and of what they give."""
    for side, asker in enumerate(askers):
        for scope, node, value in _statements(asker):
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


def _statements(asker: Asker) -> Iterator[tuple[Scope, ast.expr, ast.expr]]:
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
