"""The pairs found so far, while matching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Pairing:
    """A growing relation, 1:1 but for sums; ``of_a`` and ``of_b`` give the number of a matched
    group's pair, of a whole and all its parts the same."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    of_a: dict[int, int] = field(default_factory=dict)
    of_b: dict[int, int] = field(default_factory=dict)

    def add(self, group_a: int, group_b: int) -> None:
        """Pair two groups that have no partner yet."""
        self.of_a[group_a] = self.of_b[group_b] = len(self.pairs)
        self.pairs.append((group_a, group_b))

    def add_parts(self, whole: int, parts: Sequence[int], *, whole_in_a: bool) -> None:
        """Pair a group of one side with several of the other that make it up together."""
        number = len(self.pairs)
        of_whole, of_part = (self.of_a, self.of_b) if whole_in_a else (self.of_b, self.of_a)
        of_whole[whole] = number
        for part in parts:
            of_part[part] = number
            self.pairs.append((whole, part) if whole_in_a else (part, whole))
