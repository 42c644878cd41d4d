"""One thing that two programs give otherwise."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from magneton_agent.schema.location import Frame

from .changed import span
from .choice import Choice
from .own import Module
from .words import Words

CHOSEN, LIBRARY, ELSE, BY_POSITION = 1, 2, 3, 4
"""Ranks: what developers choose by name, what they give to libraries, how they call things, what
libraries are given by position."""


@dataclass(frozen=True)
class Exchange:
    """What is told in ``words`` is given at ``place``; with ``text`` for the file at ``path`` the
    program has the other's value. ``owner`` is what has it as an argument. ``rank`` says how far it
    is from what developers choose. ``choice`` is what both programs give there, None where that is
    not a value of either."""

    words: Words
    place: Frame
    owner: str | None
    path: str
    text: str
    rank: int
    choice: Choice | None = field(default=None, compare=False)

    @property
    def has_name(self) -> bool:
        """Whether the text says what it is called."""
        return self.words.name.isidentifier()


def exchange(
    words: Words, module: Module, node: ast.AST, text: str, rank: int, owner: str | None = None
) -> Exchange:
    """One that is marked at ``node``."""
    line, column, end_line, end_column = span(node)
    place = Frame(module.path, "", line, line, column, end_line, end_column)
    return Exchange(words, place, owner, module.path, text, rank)
