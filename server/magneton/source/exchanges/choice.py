"""What each of two programs gives in one place, to be looked into."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .own import Module
from .slots import Slot
from .texts import Texts
from .words import Words


@dataclass(frozen=True)
class Chosen:
    """A value in a ``module``; None where it is given elsewhere, as in a file of options."""

    value: ast.expr
    module: Module | None


@dataclass(frozen=True)
class Choice:
    """What the program that is to be changed gives and what the other does, in their texts."""

    texts: Texts
    own: Chosen
    other: Chosen

    @classmethod
    def of_slots(cls, texts: Texts, own: Slot, other: Slot) -> Choice:
        """What two slots give."""
        return cls(texts, Chosen(own.value, own.module), Chosen(other.value, other.module))

    @classmethod
    def of_words(cls, texts: Texts, words: Words) -> Choice:
        """What files of options say."""
        return cls(texts, _said(words.wasteful_value), _said(words.efficient_value))


def _said(text: str) -> Chosen:
    return Chosen(ast.Constant(text.strip("'\"")), None)
