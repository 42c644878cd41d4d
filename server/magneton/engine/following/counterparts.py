"""Which functions and classes of two programs stand for each other."""

from __future__ import annotations

from typing import Literal

from magneton_agent.schema.location import Frame

from ...analysis.paths import same_code
from ...source.program import ProgramText
from ..side import Side

_LAMBDA = "<lambda>"


class Counterparts:
    """Pairs what two sides run. Files that only one of them imports may be two versions of one
    file: what is called alike in them corresponds."""

    def __init__(self, text: ProgramText, sides: tuple[Side, Side]) -> None:
        self._text = text
        files = [
            {str(side.locator.workspace / file) for file in side.loaded.files} for side in sides
        ]
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


def _own_name(frame: Frame) -> str:
    return frame.function.rpartition(".")[2]
