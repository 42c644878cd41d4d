"""Wishes about texts in which a range is marked: ``«f(x)»``."""

from __future__ import annotations

from typing import Any

from magneton.source.rewrites.module import SourceModule
from magneton.source.rewrites.wish import Place, Rewrite, Wish
from magneton.source.text import split_lines
from magneton_agent.schema.location import Location, Position


def place(marked: str, path: str = "a.py") -> Place:
    """The range between the marks, in the text without them."""
    start, _, rest = marked.partition("«")
    inside, _, behind = rest.partition("»")
    location = Location(path, None, _position(start), _position(start + inside))
    return Place(SourceModule(path, start + inside + behind), location)


def wish(**changes: Any) -> Wish:
    default: dict[str, Any] = {
        "kind": "argument",
        "name": "mode",
        "wasteful_value": "'slow'",
        "efficient_value": "'fast'",
        "deciding": None,
        "wasteful": None,
        "efficient": None,
        "entry": None,
    }
    return Wish(**default | changes)


def text_of(found: Rewrite | None) -> str | None:
    """The changed text."""
    return found.text if found is not None else None


def _position(text: str) -> Position:
    lines = split_lines(text)
    return Position(len(lines), len(lines[-1]))
