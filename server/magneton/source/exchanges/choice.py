"""What each of two programs gives in one place, to be looked into."""

from __future__ import annotations

from dataclasses import dataclass

from .slots import Slot
from .texts import Texts


@dataclass(frozen=True)
class Choice:
    """Slots of the program that is to be changed and of the other, in their texts."""

    texts: Texts
    own: Slot
    other: Slot
