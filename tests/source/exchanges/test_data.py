"""Entries of files of options that two programs have otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.source.exchanges.data import data_exchanges
from magneton.source.exchanges.exchange import Exchange

# Both texts, what is told of each exchange, and the line that it changes.
FILES = {
    "one.json": (
        '{\n  "attn": "eager",\n  "size": {"a": 1, "b": 2}\n}\n',
        '{"size": {"b": 3, "a": 1}, "attn": "sdpa"}\n',
        [("attn", '"eager"', '"sdpa"', 2), ("b", "2", "3", 3)],
        ['  "attn": "sdpa",', '  "size": {"a": 1, "b": 3}'],
    ),
    "one.yaml": (
        "net:\n  storage: table\n  degree: 6\n",
        "net:\n  degree: 6\n  storage: rows\n",
        [("storage", "table", "rows", 2)],
        ["  storage: rows"],
    ),
    "one.toml": (
        "[net]\nblock = 1\nonly = true\n",
        "[net]\nblock = 64\n",
        [("block", "1", "64", 2), ("only", "true", "not given", 3)],
        ["block = 64", "_magneton_only = true"],
    ),
    "one.ini": (
        "[run]\nflush = no\n",
        "[run]\nflush = yes\n",
        [("flush", "no", "yes", 2)],
        ["flush = yes"],
    ),
}


def exchanged(folder: Path, name: str, own: str, other: str) -> list[Exchange]:
    (folder / name).write_text(own, encoding="utf-8")
    there = "other" + name
    (folder / there).write_text(other, encoding="utf-8")
    return data_exchanges((folder, folder), ({name: "1"}, {there: "2"}))


@pytest.mark.parametrize("name", FILES)
def test_entries_are_exchanged_one_at_a_time(name: str, tmp_path: Path) -> None:
    own, other, words, lines = FILES[name]
    found = exchanged(tmp_path, name, own, other)
    assert [
        (e.words.name, e.words.wasteful_value, e.words.efficient_value, e.place.line) for e in found
    ] == words
    assert [
        next(line for line in each.text.split("\n") if line not in own.split("\n"))
        for each in found
    ] == lines
    assert all(each.path == str(tmp_path / name) for each in found)


def test_a_file_that_both_read_has_nothing_to_exchange(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"a": 1}')
    assert data_exchanges((tmp_path, tmp_path), ({"one.json": "1"}, {"one.json": "1"})) == []


def test_files_are_paired_by_name_or_kind_and_else_not(tmp_path: Path) -> None:
    for name, value in (("x.json", 1), ("y.json", 2), ("z.json", 3)):
        (tmp_path / name).write_text(f'{{"a": {value}}}')
    several = data_exchanges(
        (tmp_path, tmp_path), ({"x.json": "1"}, {"y.json": "2", "z.json": "3"})
    )
    assert several == []
    (found,) = data_exchanges((tmp_path, tmp_path), ({"x.json": "1"}, {"z.json": "3"}))
    assert found.text == '{"a": 3}'
