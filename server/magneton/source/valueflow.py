"""The value-flow graph: what each value is made of, as far as it has been followed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

import networkx as nx

T = TypeVar("T", bound=Hashable)


class ValueFlow(Generic[T]):
    """Values, with an edge from each to those that it is made of; starts with ``start``."""

    def __init__(self, start: T) -> None:
        self._start = start
        self._graph: nx.DiGraph[T] = nx.DiGraph()
        self._graph.add_node(start)

    def add(self, value: T, sources: Iterable[T]) -> None:
        """``value`` is made of ``sources``."""
        self._graph.add_edges_from((value, source) for source in sources)

    def way(self, origin: T) -> list[T]:
        """The shortest way from the start to ``origin``, both included."""
        return list(nx.shortest_path(self._graph, self._start, origin))
