"""Where a value stands in a JSON, YAML, TOML or INI file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from .text import read_lines

Key = str | int
Place = tuple[str, int, int, int]
"""Path, line (1-based), first and last column (UTF-8 bytes) of a key with its value."""
_Range = tuple[int, int, int]
_JSON = ".json"
_YAML = (".yaml", ".yml")
_TOML, _INI = ".toml", (".ini", ".cfg", ".conf")
SUFFIXES = (_JSON, *_YAML, _TOML, *_INI)
_SECTION = re.compile(r"\s*(?P<listed>\[)?\[\s*(?P<name>[^\]]+?)\s*\]")
_SETTING = re.compile(r"(?P<key>[^\s#;=:\[][^=:]*?)\s*[=:]")
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
        if not name.endswith(SUFFIXES):
            continue
        for path in (Path(name), *(folder / name for folder in folders)):
            lines = read_lines(path) if path.is_absolute() else None
            if lines is None:
                continue
            found = _reader(name)(lines, keys)
            if found is not None:
                return (str(path), *found)
    return None


def _reader(name: str) -> Callable[[Sequence[str], Sequence[Key]], _Range | None]:
    if name.endswith(_JSON):
        return _in_json
    return _in_yaml if name.endswith(_YAML) else _in_sections


def _in_sections(lines: Sequence[str], keys: Sequence[Key]) -> _Range | None:
    """TOML or INI: settings below the names of sections, those of TOML with dots; ``[[x]]`` is an
    item of a list."""
    wanted, section = [str(key) for key in keys], list[str]()
    counts: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        header = _SECTION.match(line)
        if header is not None:
            name = header["name"]
            section = [name] if [name] == wanted[:1] else _parts(name)
            if header["listed"]:
                section.append(str(counts[name]))
                counts[name] += 1
            continue
        entry = _SETTING.match(line.strip())
        if entry is None:
            continue
        key = entry["key"].strip().strip("\"'")
        if [*section, key] == wanted or [*section, *_parts(key)] == wanted:
            start = len(line) - len(line.lstrip())
            return number, _bytes(line, start), _bytes(line, len(line.rstrip()))
    return None


def _parts(name: str) -> list[str]:
    return [each.strip().strip("\"'") for each in name.split(".")]


def _in_json(lines: Sequence[str], keys: Sequence[Key]) -> _Range | None:
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


def _in_yaml(lines: Sequence[str], keys: Sequence[Key]) -> _Range | None:
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
