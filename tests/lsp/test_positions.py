"""Columns in every encoding that a client may choose."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from magneton.lsp.positions import from_client, to_client, to_client_range
from magneton_agent.schema.location import Position

LINES = ('x = "é😀", call(1)', "")
KINDS = types.PositionEncodingKind
CALL_COLUMNS = [(KINDS.Utf8, 14), (KINDS.Utf16, 11), (KINDS.Utf32, 10), (None, 11)]


@pytest.mark.parametrize(("encoding", "units"), CALL_COLUMNS)
def test_a_call_after_wide_characters(
    encoding: types.PositionEncodingKind | None, units: int
) -> None:
    codec = PositionCodec(encoding)
    assert LINES[0][10:] == "call(1)"
    assert to_client(codec, LINES, Position(1, 10)) == types.Position(0, units)
    assert from_client(codec, LINES, types.Position(0, units)) == Position(1, 10)


def test_a_range() -> None:
    found = to_client_range(PositionCodec(), LINES, Position(1, 10), Position(1, 17))
    assert found == types.Range(types.Position(0, 11), types.Position(0, 18))


def test_a_position_inside_a_surrogate_pair_is_the_characters_start() -> None:
    assert from_client(PositionCodec(), LINES, types.Position(0, 7)) == Position(1, 6)


def test_what_lies_beyond_the_text_is_its_end() -> None:
    codec = PositionCodec()
    assert from_client(codec, LINES, types.Position(0, 99)) == Position(1, 17)
    assert from_client(codec, LINES, types.Position(9, 9)) == Position(2, 0)
    assert from_client(codec, (), types.Position(3, 3)) == Position(1, 0)
    assert to_client(codec, LINES, Position(1, 99)) == types.Position(0, 18)
    assert to_client(codec, LINES, Position(9, 4)) == types.Position(8, 0)
