"""The parts of two programs' files that only one of them has."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..nesting import nests_too_deep
from ..text import read_lines

_UNREADABLE = (SyntaxError, tokenize.TokenError, UnicodeError, RecursionError, ValueError)


@dataclass(frozen=True)
class Module:
    """A parsed file; ``part`` is what of it is the program's own, None where nothing is."""

    path: str
    text: str
    tree: ast.Module
    part: ast.AST | None

    def own(self) -> Iterator[ast.AST]:
        """Every node of the program's own."""
        return ast.walk(self.part) if self.part is not None else iter(())

    def source(self, node: ast.AST) -> str:
        """What is written at ``node``; a number as Python prints it."""
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return repr(value)
        return ast.get_source_segment(self.text, node) or ast.unparse(node)


@dataclass(frozen=True)
class Program:
    """The files below ``folder`` that a program runs, by path relative to it with their SHA-256;
    ``entry`` is the file that its target names, relative too, and the name in it."""

    folder: Path
    files: Mapping[str, str]
    entry: tuple[str, str | None] | None

    def modules(self, other: Program) -> list[Module]:
        """Its files. Those that the ``other`` runs too are no program's own, but for the function
        that a target names in one file, where the two are different ones."""
        found = (self._module(path, other) for path in self.files)
        return [each for each in found if each is not None]

    def _module(self, path: str, other: Program) -> Module | None:
        lines = read_lines(self.folder / path)
        if lines is None:
            return None
        text = "\n".join(lines)
        try:
            tree = None if nests_too_deep(text) else ast.parse(text)
        except _UNREADABLE:
            return None
        if tree is None:
            return None
        part: ast.AST | None = tree
        if other.files.get(path) == self.files[path]:
            part = self._entered(path, tree) if self.entry != other.entry else None
        return Module(str(self.folder / path), text, tree, part)

    def _entered(self, path: str, tree: ast.Module) -> ast.AST | None:
        """The function or class at the top level that the target names."""
        if self.entry is None or self.entry[0] != path or self.entry[1] is None:
            return None
        name = self.entry[1].partition(".")[0]
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        found = (each for each in tree.body if isinstance(each, kinds) and each.name == name)
        return next(found, None)
