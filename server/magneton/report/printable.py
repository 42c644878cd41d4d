"""Text from programs and files, made safe to show."""

from __future__ import annotations

import re
from typing import TypeVar

from magneton_agent.schema import codec
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Comparison

Result = TypeVar("Result", bound=Comparison | Measurement)

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_JOINERS = "\u200c\u200d"  # no letter shows of them, but words and emoji are written with them


def printable(text: str) -> str:
    """``text`` on one line, without escape sequences, and with ``�`` for every other character that
    a terminal, browser or editor would obey: controls, marks that turn the direction of writing,
    halves of surrogate pairs."""
    if text.isprintable():
        return text
    return "".join(map(_shown, _ESCAPE_SEQUENCE.sub("", text)))


def printable_result(result: Result) -> Result:
    """``result`` with every text of it printable."""
    return codec.from_json(type(result), _cleaned(codec.to_json(result)))


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else "�"


def _cleaned(data: codec.Json) -> codec.Json:
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, list):
        return [_cleaned(item) for item in data]
    if isinstance(data, dict):
        return {printable(key): _cleaned(item) for key, item in data.items()}
    return data
