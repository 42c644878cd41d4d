"""Colour for terminals: a few roles, each an ANSI code, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["waste", "performance", "trade-off", "different", "note", "warning", "frame", "bold"]

_CODES: dict[Role, str] = {
    "waste": "1;31",
    "performance": "1;33",
    "trade-off": "1;35",
    "different": "1;31",
    "note": "1;32",
    "warning": "1;33",
    "frame": "34",
    "bold": "1",
}


@dataclass(frozen=True)
class Paint:
    """Paints if ``colour``; otherwise text passes unchanged."""

    colour: bool

    def __call__(self, text: str, role: Role) -> str:
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self.colour and text else text
