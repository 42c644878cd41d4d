"""Both sides as one: operators numbered through, values named by the pair they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.recording import Phase

from .flow import Flow


@dataclass(frozen=True)
class Joint:
    """Two flows and the pairs between them.

    A *node* is an operator of either side: A's keep their ids, B's follow from ``split`` on.
    ``pairs`` are numbered by position; ``of`` gives, by side, the number of a matched group's
    pair. ``phases``, ``reads`` and ``writes`` (numbers of pairs) are by node; ``moves`` are the
    nodes that only move data.
    """

    flows: tuple[Flow, Flow]
    pairs: tuple[tuple[int, int], ...]
    of: tuple[dict[int, int], dict[int, int]]
    split: int
    phases: tuple[Phase, ...]
    reads: tuple[tuple[int, ...], ...]
    writes: tuple[tuple[int, ...], ...]
    moves: frozenset[int]

    def node(self, side: int, operator: int) -> int:
        return operator + side * self.split

    def side(self, node: int) -> int:
        """0 for A, 1 for B."""
        return 1 if node >= self.split else 0

    def operator(self, node: int) -> int:
        return node - self.split if node >= self.split else node

    def read(self, nodes: Iterable[int]) -> frozenset[int]:
        """The pairs that any of ``nodes`` reads."""
        return frozenset().union(*map(self.reads.__getitem__, nodes))

    def written(self, nodes: Iterable[int]) -> frozenset[int]:
        """The pairs of which any of ``nodes`` produces a member."""
        return frozenset().union(*map(self.writes.__getitem__, nodes))


def numbered(pairs: Iterable[tuple[int, int]]) -> tuple[dict[int, int], dict[int, int]]:
    """By side: group -> the number of its pair, the first one where it is in several; the parts
    of one whole have its number."""
    of_a: dict[int, int] = {}
    of_b: dict[int, int] = {}
    for number, (a, b) in enumerate(pairs):
        known = of_a.get(a, of_b.get(b, number))
        of_a.setdefault(a, known)
        of_b.setdefault(b, known)
    return of_a, of_b


def joint_of(
    a: Flow,
    b: Flow,
    pairs: tuple[tuple[int, int], ...],
    numbers: tuple[dict[int, int], dict[int, int]],
) -> Joint:
    """Join two flows by the matched ``pairs`` of their groups, numbered by :func:`numbered`."""
    of_a, of_b = numbers
    split = len(a.operators)
    return Joint(
        flows=(a, b),
        pairs=pairs,
        of=(of_a, of_b),
        split=split,
        phases=tuple([operator.phase for flow in (a, b) for operator in flow.operators]),
        reads=(*_numbers(a.reads, of_a), *_numbers(b.reads, of_b)),
        writes=(*_numbers(a.writes, of_a), *_numbers(b.writes, of_b)),
        moves=a.moves.union([split + move for move in b.moves]),
    )


def _numbers(
    by_operator: tuple[tuple[int, ...], ...], pair_of: dict[int, int]
) -> list[tuple[int, ...]]:
    return [
        tuple([pair_of[group] for group in groups if group in pair_of]) if groups else ()
        for groups in by_operator
    ]
