"""What a class has from its bases, as far as the files of a program tell."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from .callees import last_name
from .own import Module

_FURTHEST = 6  # bases of bases
T = TypeVar("T")


class Bases:
    """The classes of ``modules`` by their last names. Of two of one name neither is known."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._classes = defaultdict[str, list[ast.ClassDef]](list)
        for module in modules:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ClassDef):
                    self._classes[node.name].append(node)

    def inherited(self, node: ast.ClassDef, has: Callable[[ast.ClassDef], T | None]) -> T | None:
        """What the first of its bases, in order, ``has``; None where none does, or one that is not
        known may."""
        return self._inherited((node,), has)[0]

    def _inherited(
        self, below: tuple[ast.ClassDef, ...], has: Callable[[ast.ClassDef], T | None]
    ) -> tuple[T | None, bool]:
        """That of the last of ``below``, each a base of the one before, and whether all that was
        asked is known."""
        for base in below[-1].bases:
            found = [each for each in self._classes[last_name(base)] if each not in below]
            if len(found) != 1 or len(below) > _FURTHEST:
                return None, False
            value = has(found[0])
            if value is not None:
                return value, True
            value, known = self._inherited((*below, found[0]), has)
            if value is not None or not known:
                return value, known
        return None, True
