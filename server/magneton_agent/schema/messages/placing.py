"""Finding where a program sets a setting."""

from __future__ import annotations

from dataclasses import dataclass

from ..location import Frame


@dataclass(frozen=True)
class FindSetting:
    """Say where the program gave the first of ``settings`` that it set the value that it has there;
    one step is run where loading did not."""

    settings: dict[str, str]


@dataclass(frozen=True)
class FoundSetting:
    """The stack, innermost frame first, from which a setting was set; empty where none was."""

    frames: tuple[Frame, ...]
