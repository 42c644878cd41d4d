"""Where two programs part: the expressions of a common function that may decide it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Visit

from ...source.definitions import guards, loops
from ...source.program import ProgramText, Scope, same_syntax
from .deciding import looked_at
from .hops import Spot

Reached = tuple[Scope, Frame, Visit]
"""A function, the place in it from which a path goes on, and a call that came there."""


@dataclass(frozen=True)
class Parting:
    """Expressions of both sides; ``decides`` says that the executed lines part by them."""

    pair: tuple[Spot, Spot]
    decides: bool


def parting(
    text: ProgramText, reached: tuple[Reached, Reached], came: bool = True
) -> list[Parting]:
    """What may decide that two calls of a function go on differently, the likeliest first: the
    branch at which the executed lines part; what is called, and with what; the conditions and the
    loops around. Whether the other side ``came`` to the place at all may not be known: then the
    conditions count wherever it is."""
    x, y = (_Side(text, *each) for each in reached)
    branch, inner, parts, around = (
        _paired(x, y, mine, theirs)
        for mine, theirs in zip(_candidates(x, y, came), _candidates(y, x, came), strict=True)
    )
    return [
        *(Parting(pair, decides=True) for pair in branch),
        *(Parting(pair, decides=False) for pair in (*parts, *inner, *around)),
    ]


def entered(text: ProgramText, reached: tuple[Reached, Reached]) -> list[tuple[Spot, Spot]]:
    """What both sides go on from, where that is written alike: what they call may give each
    something else."""
    x, y = (_Side(text, *each) for each in reached)
    if x.expression is None or y.expression is None or not _same_place(x, y):
        return []
    return [(x.spot(x.expression), y.spot(y.expression))]


def _paired(
    x: _Side, y: _Side, mine: Sequence[ast.expr], theirs: Sequence[ast.expr]
) -> list[tuple[Spot, Spot]]:
    """The expressions of either side with those of the other: where both functions are written
    alike, the very same; else one by one, where they are as many."""
    nodes = [list(ast.walk(side.scope.node)) for side in (x, y)]
    if not same_syntax(x.scope.node, y.scope.node):
        pairs = list(zip(mine, theirs, strict=False)) if len(mine) == len(theirs) else []
    else:
        numbers = [nodes[0].index(each) for each in mine if each in nodes[0]]
        numbers += [nodes[1].index(each) for each in theirs if each in nodes[1]]
        pairs = [(nodes[0][i], nodes[1][i]) for i in dict.fromkeys(numbers)]  # type: ignore[misc]
    return [each for one, other in pairs for each in _both(x.text, x.spot(one), y.spot(other))]


def _both(text: ProgramText, x: Spot, y: Spot) -> list[tuple[Spot, Spot]]:
    """A pair of conditions; of two ``match`` statements what both look at."""
    return list(zip(looked_at(text, x), looked_at(text, y), strict=False))


def passes_on(text: ProgramText, spot: Spot) -> bool:
    """Whether the spot's expression is a mapping whose entries are a call's arguments."""
    around = list(text.around(spot.scope.path, spot.expression))[1:2]
    return any(isinstance(each, ast.keyword) and each.arg is None for each in around)


def choosing(text: ProgramText, x: Spot, y: Spot) -> list[tuple[Spot, Spot]]:
    """The conditions that one function, written alike on both sides, goes by to come to two
    different expressions of it; none where they are not."""
    if x.at is None or y.at is None or not same_syntax(x.scope.node, y.scope.node):
        return []
    nodes = [list(ast.walk(each.scope.node)) for each in (x, y)]
    if x.at not in nodes[0] or y.at not in nodes[1] or nodes[0].index(x.at) == nodes[1].index(y.at):
        return []
    numbers = [
        found.index(test)
        for found, spot in zip(nodes, (x, y), strict=True)
        for test in guards(text, spot.scope.path, spot.at or spot.expression)
        if test in found
    ]
    pairs = [(nodes[0][i], nodes[1][i]) for i in dict.fromkeys(numbers)]
    return [
        each
        for one, other in pairs
        if isinstance(one, ast.expr) and isinstance(other, ast.expr)
        for each in _both(text, _at(text, x, one), _at(text, y, other))
    ]


def _at(text: ProgramText, spot: Spot, expression: ast.expr) -> Spot:
    at = text.statement(spot.scope.path, expression)
    return Spot(spot.moment, spot.scope, expression, at)


class _Side:
    def __init__(self, text: ProgramText, scope: Scope, frame: Frame, visit: Visit) -> None:
        self.scope, self.visit = scope, visit
        self.expression = text.expression(frame)
        self.statement = (
            text.statement(scope.path, self.expression)
            if self.expression is not None
            else _statement_at(scope, frame.line)
        )
        self.node: ast.AST | None = self.expression or self.statement
        self.text = text

    def spot(self, expression: ast.expr) -> Spot:
        at = self.text.statement(self.scope.path, expression) or self.statement
        return Spot(self.visit.moment, self.scope, expression, at)

    @property
    def first(self) -> int:
        return getattr(self.scope.node, "lineno", 1)


def _candidates(side: _Side, other: _Side, came: bool) -> tuple[list[ast.expr], ...]:
    branch = _branch(side, other)
    path, node = side.scope.path, side.node
    same = _same_place(side, other)
    return (
        [branch] if branch is not None else [],
        guards(side.text, path, node)[::-1] if node is not None and not (same and came) else [],
        _parts(side.expression) if same else [],
        loops(side.text, path, node) if node is not None else [],
    )


def _same_place(side: _Side, other: _Side) -> bool:
    """Whether both go on from expressions that are written alike."""
    x, y = side.expression, other.expression
    return x is not None and y is not None and ast.dump(x) == ast.dump(y)


def _branch(side: _Side, other: _Side) -> ast.expr | None:
    """The condition of the last line that both ran before their lines part."""
    mine = [line - side.first for line in side.visit.lines]
    theirs = [line - other.first for line in other.visit.lines]
    pairs = enumerate(zip(mine, theirs, strict=False))
    parted = next((number for number, (x, y) in pairs if x != y), None)
    if parted is None or parted == 0:
        return None
    statement = _statement_at(side.scope, side.visit.lines[parted - 1])
    if isinstance(statement, ast.If | ast.While):
        return statement.test
    if isinstance(statement, ast.For | ast.AsyncFor):
        return statement.iter
    return statement.subject if isinstance(statement, ast.Match) else None


def _statement_at(scope: Scope, line: int) -> ast.stmt | None:
    """The innermost statement of the function that holds ``line``."""
    found = None
    for node in _inside(scope.node):
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            found = node
    return found


def _inside(node: ast.AST) -> Iterator[ast.stmt]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.stmt) and inner is not node:
            yield inner


def _parts(node: ast.expr | None) -> list[ast.expr]:
    """What an expression computes with: the callee first."""
    if node is None:
        return []
    if isinstance(node, ast.Call):
        words = [each.value for each in node.keywords]
        plain = [each for each in node.args if not isinstance(each, ast.Starred)]
        return [node.func, *plain, *words]
    return [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
