"""Which functions and classes of two programs stand for each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Inspect

from ...analysis.paths import same_code
from ...source.program import ProgramText, Scope, same_syntax
from ..side import Side
from .asking import Asker

_LAMBDA = "<lambda>"


class Counterparts:
    """Pairs what two sides run. Files that only one of them imports may be two versions of one
    file: what is called alike in them corresponds."""

    def __init__(self, text: ProgramText, sides: tuple[Side, Side]) -> None:
        self._text = text
        files = [
            {str(side.locator.workspace / file) for file in side.loaded.files} for side in sides
        ]
        self._files = files
        self._private = (files[0] - files[1], files[1] - files[0])

    def alike(self, x: Frame, y: Frame) -> Literal["same", "corresponding"] | None:
        """How the functions (or classes) at ``x`` and ``y``, one a side, are alike."""
        if same_code(x, y) and (_own_name(x) != _LAMBDA or self._text.same_text(x, y)):
            return "same"
        if _own_name(x) != _own_name(y):
            return None
        if self._text.same_text(x, y):
            return "same"
        private = x.path in self._private[0] and y.path in self._private[1]
        if not private or x.function != y.function:
            return None
        # Functions of one name in one function may be several, chosen between.
        return "corresponding" if self._text.number(x) == self._text.number(y) else None

    async def ran_too(
        self, path: Sequence[Frame], other: Asker, side: int = 0
    ) -> list[tuple[Frame, Frame]]:
        """The functions of ``path``, a ``side``'s, that the other ran too, each in the same
        place."""
        found = []
        for frame in path:
            for there in (
                *self._written_alike(frame, other, side),
                *self._named_alike(frame, other, side),
            ):
                if (await other.ask(Inspect("running", 0, place=there))).moments:
                    found.append((frame, there))
                    break
        return found

    def _written_alike(self, frame: Frame, other: Asker, side: int) -> Iterator[Frame]:
        """The same place in the other side's functions of the same name and syntax."""
        own = self._text.scope(frame)
        if own is None or frame.path not in self._files[side]:
            return
        for scope in self._scopes(other):
            if scope.name == frame.function and same_syntax(scope.node, own.node):
                first = scope.frame(scope.node).first_line
                lines = first - frame.first_line
                yield replace(
                    frame,
                    path=scope.path,
                    first_line=first,
                    line=frame.line + lines,
                    end_line=frame.end_line + lines,
                )

    def _named_alike(self, frame: Frame, other: Asker, side: int) -> Iterator[Frame]:
        """The one expression in the function that stands for the frame's, which is written as the
        frame's is."""
        node = self._text.expression(frame)
        if node is None:
            return
        for scope in self._scopes(other):
            there = scope.frame(scope.node)
            pair = (frame, there) if side == 0 else (there, frame)
            if scope.name != frame.function or self.alike(*pair) != "corresponding":
                continue
            found = [each for each in ast.walk(scope.node) if _same(each, node)]
            if len(found) == 1:
                yield scope.frame(found[0])

    def _scopes(self, asker: Asker) -> dict[Scope, None]:
        return {each: None for file in asker.files for each, _ in self._text.scoped(file)}


def _same(one: ast.AST, other: ast.expr) -> bool:
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)


def _own_name(frame: Frame) -> str:
    return frame.function.rpartition(".")[2]
