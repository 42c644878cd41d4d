"""Which functions and classes of two programs stand for each other."""

from __future__ import annotations

from collections.abc import Sequence
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
            for scope in self._written_alike(frame, other, side):
                place = scope.frame(scope.node)
                if (await other.ask(Inspect("running", 0, place=place))).moments:
                    lines = place.first_line - frame.first_line
                    there = replace(
                        frame,
                        path=scope.path,
                        first_line=place.first_line,
                        line=frame.line + lines,
                        end_line=frame.end_line + lines,
                    )
                    found.append((frame, there))
                    break
        return found

    def _written_alike(self, frame: Frame, other: Asker, side: int) -> list[Scope]:
        own = self._text.scope(frame)
        if own is None or frame.path not in self._files[side]:
            return []
        scopes = {each: None for file in other.files for each, _ in self._text.scoped(file)}
        return [
            each
            for each in scopes
            if each.name == frame.function and same_syntax(each.node, own.node)
        ]


def _own_name(frame: Frame) -> str:
    return frame.function.rpartition(".")[2]
