"""Where a value stands in a JSON or YAML file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
    for number, line in enumerate(lines, 1):
        entry = _ENTRY.match(line)
        if entry is None:
            continue
        indent = len(entry["indent"])
        if entry["dash"]:
            # The items of a list may begin in the column of its key.
            within = [(at, key) for at, key in stack if at < indent or _is_key(at, key, indent)]
            items = [key for at, key in stack if at == indent and isinstance(key, int)]
            stack = [*within, (indent, items[0] + 1 if items else 0)]
            indent += len(entry["dash"])
        stack = [each for each in stack if each[0] < indent]
        stack.append((indent, entry["key"].strip()))
        if [key for _, key in stack] == list(keys):
            start = entry.start("quote")
            return number, _bytes(line, start), _bytes(line, len(line.rstrip()))
    return None


def _is_key(at: int, key: Key, indent: int) -> bool:
    return at == indent and isinstance(key, str)


def _bytes(line: str, column: int) -> int:
    return len(line[:column].encode())
