"""Where a value stands in a JSON, YAML, TOML or INI file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from magneton_agent.schema.option_files import JSON, SUFFIXES, YAML

from .text import read_lines

Key = str | int
Place = tuple[str, int, int, int]
"""Path, line (1-based), first and last column (UTF-8 bytes) of a key with its value."""
_Range = tuple[int, int, int]
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


def entries(path: str, lines: Sequence[str]) -> Iterator[tuple[tuple[Key, ...], _Range]]:
    """The keys of every entry of the file at ``path``, outer ones first, and the range of the last
    with its value, as far as that is on its line."""
    if path.endswith(JSON):
        yield from _json_entries(lines)
    elif path.endswith(YAML):
        yield from _yaml_entries(lines)
    else:
        for header, key, place in _section_entries(lines):
            yield (*_parts(header), key), place


def _reader(name: str) -> Callable[[Sequence[str], Sequence[Key]], _Range | None]:
    if name.endswith(JSON):
        return _in_json
    return _in_yaml if name.endswith(YAML) else _in_sections


def _in_sections(lines: Sequence[str], keys: Sequence[Key]) -> _Range | None:
    """TOML or INI: a section's name may have dots that divide nothing, and so may a key."""
    wanted = [str(key) for key in keys]
    for header, key, place in _section_entries(lines):
        section = [header] if [header] == wanted[:1] else _parts(header)
        if [*section, key] == wanted or [*section, *_parts(key)] == wanted:
            return place
    return None


def _section_entries(lines: Sequence[str]) -> Iterator[tuple[str, str, _Range]]:
    """Settings below the names of sections, those of TOML with dots; ``[[x]]`` is an item of a
    list."""
    section, counts = "", Counter[str]()
    for number, line in enumerate(lines, 1):
        header = _SECTION.match(line)
        if header is not None:
            section = header["name"]
            if header["listed"]:
                section = f"{section}.{counts[section]}"
                counts[header["name"]] += 1
            continue
        entry = _SETTING.match(line.strip())
        if entry is not None:
            key = entry["key"].strip().strip("\"'")
            start = len(line) - len(line.lstrip())
            yield section, key, (number, _bytes(line, start), _bytes(line, len(line.rstrip())))


def _parts(name: str) -> list[str]:
    return [each.strip().strip("\"'") for each in name.split(".")] if name else []


def _in_json(lines: Sequence[str], keys: Sequence[Key]) -> _Range | None:
    return next((place for found, place in _json_entries(lines) if found == tuple(keys)), None)


def _json_entries(lines: Sequence[str]) -> Iterator[tuple[tuple[Key, ...], _Range]]:
    """Walks the tokens; the stack holds the key (or index) within each open container."""
    stack: list[Key | None] = []
    found = None
    for number, line in enumerate(lines, 1):
        for token in _TOKEN.finditer(line):
            text = token.group()
            if found is not None and text != ":":
                keys, place = found
                yield keys, (*place, _bytes(line, token.end()))
                found = None
            if text in "{[":
                stack.append(None if text == "{" else 0)
            elif text in "}]":
                stack = stack[:-1]
            elif text == "," and stack:
                last = stack[-1]
                stack[-1] = last + 1 if isinstance(last, int) else None
            elif text.startswith('"') and stack and stack[-1] is None:
                stack[-1] = text[1:-1]
                keys = tuple(key for key in stack if key is not None)
                found = keys, (number, _bytes(line, token.start()))


def _in_yaml(lines: Sequence[str], keys: Sequence[Key]) -> _Range | None:
    return next((place for found, place in _yaml_entries(lines) if found == tuple(keys)), None)


def _yaml_entries(lines: Sequence[str]) -> Iterator[tuple[tuple[Key, ...], _Range]]:
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
        start = entry.start("quote")
        place = number, _bytes(line, start), _bytes(line, len(line.rstrip()))
        yield tuple(key for _, key in stack), place


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
