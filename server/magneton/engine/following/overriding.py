"""Methods by which a class of one program alone chooses what a base of it goes by."""

from __future__ import annotations

import ast
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Inspect

from ...source.program import Function, is_method
from .asking import Asker
from .changes import Changes
from .hops import Hop, Spot


class Overridden:
    """Finds methods of a base that a class of the asked program overrides by no more than a return
    that the other program has nowhere. What it returns is the place to change then, not the class
    that has it."""

    def __init__(self, asker: Asker, changes: Changes) -> None:
        self._asker, self._changes = asker, changes

    async def returns(self, callee: Spot) -> Frame | None:
        """The return statement of the method that is looked up at ``callee``, if it is such one."""
        node = callee.expression
        told = await self._asker.value(callee) if isinstance(node, ast.Attribute) else None
        place = told.defined if told is not None else None
        scope = self._asker.text.scope(place) if place is not None else None
        returns = _only_return(scope.node) if scope is not None else None
        if scope is None or returns is None or not is_method(scope.name):
            return None
        found = scope.frame(returns)
        new = self._changes.has((found,))
        return found if new and await self._has_base(callee, scope.name) else None

    async def _has_base(self, callee: Spot, method: str) -> bool:
        """Whether another class of the object has a method of the name."""
        node, text = callee.expression, self._asker.text
        base = node.value if isinstance(node, ast.Attribute) else node
        owner = await self._asker.value(replace(callee, expression=base, chosen=None))
        if owner is None or owner.token is None:
            return False
        own, _, name = method.rpartition(".")
        classes = (await self._asker.ask(Inspect("classes", owner.token))).places
        bodies = [text.class_scope(each) for each in classes if each.function != own]
        methods = [each for body in bodies if body for each in getattr(body.node, "body", [])]
        return any(isinstance(each, Function) and each.name == name for each in methods)

    async def calls(self, callees: tuple[Spot, Spot]) -> list[tuple[Spot, Spot]]:
        """The calls of ``callees``, one a side, of which the first is looked up so."""
        x, y = (self._called(each) for each in callees)
        if x is None or y is None or callees[0].chosen is not None:
            return []
        return [(x, y)] if await self.returns(callees[0]) is not None else []

    async def named(self, call: Spot, hop: Hop) -> Hop:
        """The ``hop`` back from a call; of such a method it is named as the method is."""
        node = call.expression
        if hop.name is not None or not isinstance(node, ast.Call):
            return hop
        place = await self.returns(replace(call, expression=node.func))
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        return replace(hop, name=name, place=place) if place is not None else hop

    def _called(self, callee: Spot) -> Spot | None:
        around = list(self._asker.text.around(callee.scope.path, callee.expression))[1:2]
        outer = around[0] if around else None
        if not isinstance(outer, ast.Call) or outer.func is not callee.expression:
            return None
        return replace(callee, expression=outer)


def _only_return(function: ast.AST) -> ast.Return | None:
    """The statement of a function that does nothing but to return something."""
    body = list(function.body) if isinstance(function, Function) else []
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return body[0] if len(body) == 1 and isinstance(body[0], ast.Return) else None
