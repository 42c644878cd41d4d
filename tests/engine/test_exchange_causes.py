"""In which order what two programs give otherwise is tried, and what of it is one decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from magneton.engine.assemble import Sites
from magneton.engine.exchange_causes import Order, is_mirrored
from magneton.source.exchanges.exchange import Exchange
from magneton.source.exchanges.words import Words
from magneton.source.positions import Locator
from magneton_agent.schema.location import Frame
from tests.analysis.steps import operator, recording
from tests.builders import finding

SITES = Sites(recording([operator("mul")]), Locator(Path("/w")))


def exchange(path: str, name: str, wasteful: str, efficient: str, rank: int = 1) -> Exchange:
    place = Frame(path, "", 1, 1, 0, 1, 9)
    return Exchange(Words("argument", name, wasteful, efficient), place, None, path, "", rank)


def test_what_a_file_holds_is_tried_before_the_whole_file() -> None:
    file = exchange("/w/a.py", "options", '"fast.toml"', '"slow.toml"')
    entry = exchange("/w/slow.toml", "size", "8", "2")
    other = exchange("/w/fast.toml", "size", "2", "8", 4)
    said = finding(message="`options` is fast.toml")
    ordered = sorted((file, other), key=Order([file, other], [said], SITES).of)
    assert ordered == [other, file]
    # Of a file that nothing is changed in, the name is as good as any: it is spoken of.
    ordered = sorted((entry, file), key=Order([file, entry], [said], SITES).of)
    assert ordered == [file, entry]


def test_what_a_call_is_given_is_tried_before_it_is_left_out() -> None:
    place = Frame("/w/a.py", "", 1, 1, 0, 1, 9)
    words = Words("call", "in_chunks", "in_chunks(rows=32)", "not given")
    call = Exchange(words, place, None, "/w/a.py", "", 1)
    given = replace(exchange("/w/a.py", "rows", "32", "256"), owner="in_chunks")
    said = finding(message="in_chunks(rows=32) costs more")
    known = [call, given]
    assert sorted(known, key=Order(known, [said], SITES).of) == [given, call]
    assert Order([call], [said], SITES).of(call) == (True, False, False, 1)


@pytest.mark.parametrize(
    ("own", "other", "mirrored"),
    [
        (("size", "8", "2"), ("size", "2", "8"), True),
        (("cache", "true", "false"), ("cache", "False", "True"), True),
        (("mode", "'slow'", '"fast"'), ("mode", "fast", "slow"), True),
        (("size", "8", "2"), ("size", "8", "2"), False),
        (("size", "8", "2"), ("width", "2", "8"), False),
    ],
)
def test_what_both_sides_give_by_one_name(
    own: tuple[str, str, str], other: tuple[str, str, str], mirrored: bool
) -> None:
    assert is_mirrored(Words("argument", *own), Words("argument", *other)) is mirrored
