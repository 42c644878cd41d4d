"""Where a value stands in a JSON or YAML file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .text import read_lines

Key = str | int
Place = tuple[str, int, int, int]
"""Path, line (1-based), first and last column (UTF-8 bytes) of a key with its value."""
_JSON = ".json"
_YAML = (".yaml", ".yml")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_ENTRY = re.compile(
    r"""(?P<indent>\s*)(?P<dash>-\s+)?"""
    r"""(?P<quote>["']?)(?P<key>[^"':#]+)(?P=quote)\s*:(?=\s|$)"""
)
# What precedes the text of a block scalar: an item of a list, a key, or both.
_BLOCK_SCALAR = re.compile(
    r"""(?P<lead>\s*(?:-\s+)*)(?P<key>(?:"[^"]*"|'[^']*'|[^\s#"'-][^#]*?)\s*:\s+)?"""
    r"""(?:[!&]\S+\s+)*[|>][-+1-9]{0,2}(?:\s+\#.*)?\s*"""
)
_ITEM = re.compile(r"(?P<indent>\s*)(?P<dash>-)(?=\s|$)")


def find_value(folders: Sequence[Path], names: Iterable[str], keys: Sequence[Key]) -> Place | None:
    """The first of the files ``names``, as they are or in one of ``folders``, that holds
    ``keys``: the place of the last of them."""
    for name in dict.fromkeys(names):
        if not name.endswith((_JSON, *_YAML)):
            continue
        for path in (Path(name), *(folder / name for folder in folders)):
            lines = read_lines(path) if path.is_absolute() else None
            if lines is None:
                continue
            found = _in_json(lines, keys) if name.endswith(_JSON) else _in_yaml(lines, keys)
            if found is not None:
                return (str(path), *found)
    return None


def _in_json(lines: Sequence[str], keys: Sequence[Key]) -> tuple[int, int, int] | None:
    """Walks the tokens; the stack holds the key (or index) within each open container."""
    stack: list[Key | None] = []
    found = None
    for number, line in enumerate(lines, 1):
        for token in _TOKEN.finditer(line):
            text = token.group()
            if found is not None:
                if text != ":":
                    return (*found, _bytes(line, token.end()))
            elif text in "{[":
                stack.append(None if text == "{" else 0)
            elif text in "}]":
                stack = stack[:-1]
            elif text == "," and stack:
                last = stack[-1]
                stack[-1] = last + 1 if isinstance(last, int) else None
            elif text.startswith('"') and stack and stack[-1] is None:
                stack[-1] = text[1:-1]
                if stack == list(keys):
                    found = (number, _bytes(line, token.start()))
    return None


def _in_yaml(lines: Sequence[str], keys: Sequence[Key]) -> tuple[int, int, int] | None:
    """Walks block mappings by their indentation; ``-`` counts the items of a list."""
    stack: list[tuple[int, Key]] = []
    for number, line in _without_block_scalars(lines):
        entry = _ENTRY.match(line)
        item = entry or _ITEM.match(line)
        if item is None:
            continue
        indent = len(item["indent"])
        if item["dash"]:
            # The items of a list may begin in the column of its key.
            within = [(at, key) for at, key in stack if at < indent or _is_key(at, key, indent)]
            items = [key for at, key in stack if at == indent and isinstance(key, int)]
            stack = [*within, (indent, items[0] + 1 if items else 0)]
            indent += len(item["dash"])
        if entry is None:
            continue
        stack = [each for each in stack if each[0] < indent]
        stack.append((indent, entry["key"].strip()))
        if [key for _, key in stack] == list(keys):
            start = entry.start("quote")
            return number, _bytes(line, start), _bytes(line, len(line.rstrip()))
    return None


def _without_block_scalars(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without the text of block scalars (``|`` and ``>``): that goes
    as far as lines are further in than what it is the value of."""
    outer: int | None = None
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        if outer is not None and (not line.strip() or indent > outer):
            continue
        outer = None
        yield number, line
        found = _BLOCK_SCALAR.fullmatch(line)
        if found is not None and (found["key"] or "-" in found["lead"]):
            outer = len(found["lead"]) if found["key"] else found["lead"].rindex("-")


def _is_key(at: int, key: Key, indent: int) -> bool:
    return at == indent and isinstance(key, str)


def _bytes(line: str, column: int) -> int:
    return len(line[:column].encode())
