"""Regions: pairs of operator sets, one a side, that compute the same values from the same values.

Cut along matched values: operators that exchange unmatched values belong together, and so do
the operators of A and of B that produce the same value.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from magneton_agent.schema.recording import Phase, Recording

from .cutting import pieces
from .flow import Flow, flow_of
from .joint import Joint, joint_of, numbered
from .leftovers import Regions, assign_leftovers
from .matching import Matching
from .movement import assign_moves
from .rearranging import without_rearranging
from .through_host import with_host


@dataclass(frozen=True)
class RegionPair:
    """Operator ids of both sides, ascending, all of one phase.

    ``inputs`` are the matched groups (A, B) that either side reads and neither produces,
    ``outputs`` those that both produce.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]
    phase: Phase
    inputs: tuple[tuple[int, int], ...]
    outputs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Cut:
    """Every operator is in exactly one region or in ``unmatched_a`` or ``unmatched_b``.

    Regions are in execution order of A.
    """

    regions: tuple[RegionPair, ...]
    unmatched_a: tuple[int, ...]
    unmatched_b: tuple[int, ...]


def cut(a: Recording, b: Recording, matching: Matching) -> Cut:
    """Cut two recordings into regions along the values that ``matching`` pairs."""
    return cut_flows(flow_of(a), flow_of(b), matching)


def cut_flows(a: Flow, b: Flow, matching: Matching) -> Cut:
    """Cut two flows into regions along the values that ``matching`` pairs."""
    numbers = numbered(matching.pairs)
    a, b = map(without_rearranging, (a, b), numbers)
    a, b = with_host(a, b, numbers)
    joint = joint_of(a, b, matching.pairs, numbers)
    regions = Regions(joint)
    leftovers = []
    for piece in pieces(joint):
        if piece[0] < joint.split <= piece[-1]:
            regions.add(piece)
        else:
            leftovers.append(piece)
    assign_leftovers(regions, leftovers)
    assign_moves(regions)
    return Cut(
        regions=tuple(_ordered(regions)),
        unmatched_a=tuple([i for i in range(joint.split) if i not in regions.of]),
        unmatched_b=tuple(
            [i - joint.split for i in range(joint.split, len(joint.phases)) if i not in regions.of]
        ),
    )


def _ordered(regions: Regions) -> Iterator[RegionPair]:
    both = zip(regions.members, regions.carried, strict=True)
    for nodes, members in sorted([(sorted(members + moves), members) for members, moves in both]):
        yield _region(regions.joint, nodes, members)


def _region(joint: Joint, nodes: list[int], members: list[int]) -> RegionPair:
    """The region of all ``nodes``, ascending; ``members`` are those that tell what it reads and
    makes."""
    split = bisect_left(nodes, joint.split)
    read: set[int] = set()
    written: tuple[set[int], set[int]] = set(), set()
    for node in members:
        read.update(joint.reads[node])
        written[node >= joint.split].update(joint.writes[node])
    return RegionPair(
        a=tuple(nodes[:split]),
        b=tuple([node - joint.split for node in nodes[split:]]),
        phase=joint.phases[nodes[0]],
        inputs=tuple([joint.pairs[pair] for pair in sorted(read.difference(*written))]),
        outputs=tuple([joint.pairs[pair] for pair in sorted(written[0] & written[1])]),
    )
