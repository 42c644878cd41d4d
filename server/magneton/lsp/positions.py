"""Code points to the client's units and back. The only place that knows the client's encoding."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.workspace import PositionCodec

from magneton_agent.schema.location import Position


def to_client(codec: PositionCodec, lines: Sequence[str], position: Position) -> types.Position:
    """``position`` in ``lines`` as the client counts: 0-based lines, UTF-16, -8 or -32 units.

    A column beyond its line becomes the line's end.
    """
    line = position.line - 1
    text = lines[line] if line < len(lines) else ""
    return types.Position(line, codec.client_num_units(text[: position.column]))


def to_client_range(
    codec: PositionCodec, lines: Sequence[str], start: Position, end: Position
) -> types.Range:
    return types.Range(to_client(codec, lines, start), to_client(codec, lines, end))


def from_client(codec: PositionCodec, lines: Sequence[str], position: types.Position) -> Position:
    """The client's ``position`` in code points; beyond the text it becomes the text's end."""
    if position.line >= len(lines):
        return Position(max(len(lines), 1), len(lines[-1]) if lines else 0)
    units, column = 0, 0
    for character in lines[position.line]:
        units += codec.client_num_units(character)
        if units > position.character:
            break
        column += 1
    return Position(position.line + 1, column)
