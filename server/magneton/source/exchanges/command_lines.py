"""Arguments of a command line that a program's own text holds: what each option is given."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .own import Module
from .portable import Names

_LEAD = "--"
_DECLARES = "add_argument"
_SWITCHES = {"store_true": "True", "store_false": "False"}


@dataclass(frozen=True)
class CommandLine:
    """The words that ``node`` gives, each with what is written for it; where it is one text that is
    split, that whole text. ``inner`` are the arguments of a call."""

    module: Module
    node: ast.expr
    words: tuple[tuple[str, ast.expr], ...]
    inner: bool = False

    @property
    def options(self) -> dict[str, _Option]:
        """Options by their names as they are parsed."""
        found: dict[str, _Option] = {}
        for number, (word, _) in enumerate(self.words):
            if not word.startswith(_LEAD):
                continue
            name, given, value = word[len(_LEAD) :].partition("=")
            end = number + 1
            follows = end < len(self.words) and not self.words[end][0].startswith(_LEAD)
            if not given and follows:
                value, end = self.words[end][0], end + 1
            known = value if given or follows else None
            found[name.replace("-", "_")] = _Option(known, number, end)
        return found

    @property
    def place(self) -> ast.expr:
        """What gives the words."""
        return self.written(0, len(self.words)) if self.inner else self.node

    def written(self, begin: int, end: int) -> ast.expr:
        """What stands for the words from ``begin`` to ``end``."""
        first, last = self.words[begin][1], self.words[end - 1][1]
        found = ast.Tuple([first, last], ast.Load())
        found.lineno, found.col_offset = first.lineno, first.col_offset
        found.end_lineno, found.end_col_offset = last.end_lineno, last.end_col_offset
        return found

    def with_words(self, begin: int, end: int, words: Sequence[str]) -> str:
        """A list of all words, with others in the place of those from ``begin`` to ``end``."""
        own = [
            repr(word) if isinstance(each, ast.Constant) else self.module.source(each)
            for word, each in self.words
        ]
        listed = f"[{', '.join([*own[:begin], *map(repr, words), *own[end:]])}]"
        return f"*{listed}" if self.inner else listed


class _Option(NamedTuple):
    value: str | None
    begin: int
    end: int


def command_lines(module: Module, names: Names) -> Iterator[CommandLine]:
    """Those of the program's own part of a file, in which ``names`` stand for what they do."""
    for node in module.own():
        if isinstance(node, ast.expr) and is_command_line(node, names):
            words = tuple(_placed_words(module, _words(node, names)))
            yield CommandLine(module, node, words)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") != _DECLARES:
            words = tuple((_text(each), each) for each in node.args)
            if any(word.startswith(_LEAD) for word, _ in words) and not _is_starred(node):
                yield CommandLine(module, node, words, inner=True)


def is_command_line(node: ast.expr, names: Names) -> bool:
    """Whether an option is among the words."""
    return any(word.startswith(_LEAD) for word, _ in _words(node, names))


def _words(node: ast.AST, names: Names) -> tuple[tuple[str, ast.expr], ...]:
    if isinstance(node, ast.List | ast.Tuple):
        return tuple((_text(each), each) for each in node.elts)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ()
    split = node.func.attr == "split" and not node.keywords
    text = node.args[0] if node.args else node.func.value
    if (known := names.given(text)) is not None:
        text = known[1]
    if split and len(node.args) < 2 and isinstance(text, ast.Constant):
        return tuple((word, text) for word in _text(text).split())
    return ()


def _placed_words(
    module: Module, words: Sequence[tuple[str, ast.expr]]
) -> Iterator[tuple[str, ast.expr]]:
    """Words of a text that is split where each of them stands in it."""
    lines, after = module.text.split("\n"), (0, 0)
    for word, node in words:
        if not isinstance(node, ast.Constant) or node.value == word or not _is_one(module, node):
            yield word, node
            continue
        begin = max(after, (node.lineno - 1, node.col_offset))
        found = _find(lines, word, begin, (node.end_lineno or node.lineno) - 1)
        if found is None:  # as where it is written with escapes
            yield word, node
            continue
        line, column = found
        after = line, column + len(word.encode())
        yield (
            word,
            ast.Constant(
                word,
                lineno=line + 1,
                col_offset=column,
                end_lineno=line + 1,
                end_col_offset=after[1],
            ),
        )


def _is_one(module: Module, text: ast.Constant) -> bool:
    """Whether a text is written in one piece: between pieces there may be comments."""
    written = ast.get_source_segment(module.text, text) or ""
    try:
        tokens = [*tokenize.generate_tokens(io.StringIO(written).readline)]
    except (tokenize.TokenError, SyntaxError):
        return False
    return sum(each.type == tokenize.STRING for each in tokens) == 1


def _find(
    lines: Sequence[str], word: str, begin: tuple[int, int], last: int
) -> tuple[int, int] | None:
    """Line and column, in bytes, of the next ``word`` in ``lines`` up to the ``last``."""
    for line in range(begin[0], last + 1):
        at = lines[line].encode().find(word.encode(), begin[1] if line == begin[0] else 0)
        if at >= 0:
            return line, at
    return None


def _is_starred(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in call.args)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


class Declared:
    """What the parsers in the files of a program say of options."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._calls = {
            name: node
            for module in modules
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == _DECLARES
            for name in _names(node)
        }

    def value(self, name: str, option: _Option | None, absent: str) -> str:
        """What ``name`` is once it is parsed; ``absent`` where it is not given and nothing is known
        of it."""
        call = self._calls.get(name)
        said = {each.arg: each.value for each in call.keywords} if call is not None else {}
        switch = _SWITCHES.get(_text(said["action"])) if "action" in said else None
        if option is None:
            if "default" in said:
                return ast.unparse(said["default"])
            return {"True": "False", "False": "True"}.get(switch or "", absent)
        if option.value is None:
            return switch or "given"
        return _parsed(option.value, said.get("type")) if call is not None else option.value


def _names(call: ast.Call) -> Iterator[str]:
    for each in call.args:
        if _text(each).startswith(_LEAD):
            yield _text(each)[len(_LEAD) :].replace("-", "_")


def _parsed(text: str, kind: ast.expr | None) -> str:
    made = {"int": int, "float": float}.get(getattr(kind, "id", ""))
    try:
        return repr(made(text) if made is not None else text)
    except ValueError:
        return repr(text)
