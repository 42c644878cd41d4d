"""The pairs found so far, while matching."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Pairing:
    """A growing 1:1 relation; ``of_a`` and ``of_b`` give the number of a matched group's pair."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    of_a: dict[int, int] = field(default_factory=dict)
    of_b: dict[int, int] = field(default_factory=dict)

    def add(self, group_a: int, group_b: int) -> None:
        """Pair two groups that have no partner yet."""
        self.of_a[group_a] = self.of_b[group_b] = len(self.pairs)
        self.pairs.append((group_a, group_b))
