"""Regions: pairs of operator sets, one a side, that compute the same values from the same values.

Cut along matched values: operators that exchange unmatched values belong together, and so do
the operators of A and of B that produce the same value.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from magneton_agent.schema.recording import Phase, Recording

from .cutting import pieces
from .flow import Flow, flow_of
from .joint import Joint, joint_of, numbered
from .leftovers import Regions, assign_leftovers
from .matching import Matching
from .movement import assign_moves
from .rearranging import without_rearranging


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
        regions=tuple(_region(joint, nodes) for nodes in sorted(map(sorted, regions.members))),
        unmatched_a=tuple(i for i in range(joint.split) if i not in regions.of),
        unmatched_b=tuple(
            i - joint.split for i in range(joint.split, len(joint.phases)) if i not in regions.of
        ),
    )


def _region(joint: Joint, nodes: list[int]) -> RegionPair:
    split = bisect_left(nodes, joint.split)
    a, b = nodes[:split], nodes[split:]
    written_a, written_b = joint.written(a), joint.written(b)
    inputs = joint.read(nodes) - written_a - written_b
    return RegionPair(
        a=tuple(a),
        b=tuple([node - joint.split for node in b]),
        phase=joint.phases[nodes[0]],
        inputs=tuple([joint.pairs[pair] for pair in sorted(inputs)]),
        outputs=tuple([joint.pairs[pair] for pair in sorted(written_a & written_b)]),
    )
