"""Disjoint sets over the integers 0 … n - 1."""

from __future__ import annotations


class Unions:
    """Union-find; the smallest member stands for its set, so results do not depend on order."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def find(self, item: int) -> int:
        """The smallest member of the set of ``item``."""
        parents = self._parents
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    def join(self, a: int, b: int) -> None:
        """Make one set of those of ``a`` and ``b``."""
        a, b = self.find(a), self.find(b)
        self._parents[max(a, b)] = min(a, b)

    def sets(self) -> list[list[int]]:
        """All sets, each ascending, in ascending order of their smallest members."""
        parents = self._parents
        members: dict[int, list[int]] = {}
        for item, parent in enumerate(parents):
            if parent == item:
                members[item] = [item]
            else:  # smaller, so its own parent is the root by now
                parents[item] = parents[parent]
                members[parents[item]].append(item)
        return list(members.values())
