"""What is written in one program and not in the other."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable

from magneton_agent.schema.location import Frame

from ...source.program import ProgramText
from ...source.statements import SCOPES
from .asking import Asker

_MODULE = "<module>"
Written = tuple[str, str]
"""The function or class that a statement is in, and its syntax without the statements in it."""


class Changes:
    """Tells what the text of one program has that the text of the ``other`` has not."""

    def __init__(self, text: ProgramText, own: Asker, other: Asker) -> None:
        self._text, self._own, self._other = text, own, other

    def has(self, places: Iterable[Frame]) -> bool:
        """Whether the statement at the first of ``places`` that is in the user's files is written
        nowhere so in the other program's function of that name; true of a file that is no program.
        """
        for place in places:
            if self._text.tree(place.path) is None:
                return True
            if place.path in self._own.files:
                return self._is_new(place)
        return False

    def _is_new(self, place: Frame) -> bool:
        around = [
            node
            for node in self._statements(place.path)
            if node.lineno <= place.line <= (node.end_lineno or node.lineno)
            and not (node.lineno == place.end_line and node.col_offset >= place.end_column > 0)
        ]
        # The last that begins is the innermost.
        return bool(around) and self._written(place.path, around[-1]) not in self._others

    @functools.cached_property
    def _others(self) -> frozenset[Written]:
        return frozenset(
            self._written(path, node)
            for path in self._other.files
            for node in self._statements(path)
        )

    def _statements(self, path: str) -> list[ast.stmt]:
        tree = self._text.tree(path)
        found = ast.walk(tree) if tree is not None else ()
        statements = [node for node in found if isinstance(node, ast.stmt)]
        return sorted(statements, key=lambda node: (node.lineno, node.col_offset))

    def _written(self, path: str, node: ast.stmt) -> Written:
        outer = list(self._text.around(path, node))[1:]
        inside = next((each.name for each in outer if isinstance(each, SCOPES)), _MODULE)
        inner = (ast.stmt, ast.excepthandler, ast.match_case)
        own = [ast.dump(x) for x in ast.iter_child_nodes(node) if not isinstance(x, inner)]
        return inside, "".join((type(node).__name__, *own))
