"""What two programs' files of options give otherwise, one entry at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from magneton_agent.schema.location import Frame

from ..data_files import Key, entries
from ..text import read_lines
from .exchange import CHOSEN, Exchange
from .words import NOT_GIVEN, Words

_OPENING = ("{", "[")


@dataclass(frozen=True)
class _Entry:
    line: int
    start: int
    end: int
    text: str  # the key with its value

    @property
    def value(self) -> str:
        """What follows the key."""
        cuts = [at for at in (self.text.find(":"), self.text.find("=")) if at >= 0]
        return self.text[min(cuts, default=-1) + 1 :].strip()


def data_exchanges(
    folders: tuple[Path, Path], files: tuple[Mapping[str, str], Mapping[str, str]]
) -> list[Exchange]:
    """What can be exchanged of the first program's files of options for what the second's have.
    ``files`` are those that each reads, by path relative to its folder, with their SHA-256."""
    own, others = (
        {path: digest for path, digest in each.items() if other.get(path) != digest}
        for each, other in (files, files[::-1])
    )
    found = []
    for path in own:
        there = _counterpart(path, list(others))
        if there is not None:
            found += list(_exchanged(folders[0] / path, folders[1] / there))
    return found


def _counterpart(path: str, others: Sequence[str]) -> str | None:
    """The file of the other program by that name, else the only one of that kind."""
    if path in others:
        return path
    kind = PurePath(path).suffix
    found = [each for each in others if PurePath(each).suffix == kind]
    return found[0] if len(found) == 1 else None


def _exchanged(own: Path, other: Path) -> Iterator[Exchange]:
    lines, others = read_lines(own), read_lines(other)
    if lines is None or others is None:
        return
    mine, theirs = _entries(str(own), lines), _entries(str(other), others)
    for keys, entry in mine.items():
        there = theirs.get(keys)
        if there is not None and there.value == entry.value:
            continue
        text = there.text if there is not None else _renamed(entry)
        value = there.value if there is not None else NOT_GIVEN
        place = Frame(str(own), "", entry.line, entry.line, entry.start, entry.line, entry.end)
        name = str(keys[-1])
        changed = _with(lines, entry, text)
        words = Words("argument", name, entry.value, value)
        yield Exchange(words, place, None, str(own), changed, CHOSEN)


def _entries(path: str, lines: Sequence[str]) -> dict[tuple[Key, ...], _Entry]:
    """Those that give one value."""
    found = {}
    for keys, (line, start, end) in entries(path, lines):
        text = lines[line - 1].encode()[start:end].decode()
        entry = _Entry(line, start, end, text)
        if entry.value and not entry.value.endswith(_OPENING):
            found[keys] = entry
    return found


def _renamed(entry: _Entry) -> str:
    """Nobody asks for a key by such a name: it is as if it were not there."""
    quote = entry.text[0] if entry.text[0] in "\"'" else ""
    return f"{quote}_magneton_{entry.text[len(quote) :]}"


def _with(lines: Sequence[str], entry: _Entry, text: str) -> str:
    line = lines[entry.line - 1].encode()
    changed = (line[: entry.start] + text.encode() + line[entry.end :]).decode()
    return "\n".join([*lines[: entry.line - 1], changed, *lines[entry.line :]])
