"""Pieces of one side only: attached to the region that they serve, or left unmatched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .joint import Joint


class Regions:
    """Regions while they grow: lists of nodes of one phase, and the region of each node.

    ``made_by_both`` are the pairs of which both sides make their member. ``carried`` are further
    nodes by region: moves that read nothing but what their region reads or makes anyway.
    """

    def __init__(self, joint: Joint) -> None:
        self.joint = joint
        nodes = range(len(joint.phases))
        self.made_by_both = joint.written(nodes[: joint.split]) & joint.written(
            nodes[joint.split :]
        )
        self.members: list[list[int]] = []
        self.carried: list[list[int]] = []
        self.of: dict[int, int] = {}

    def add(self, nodes: Sequence[int]) -> None:
        """A new region."""
        self.members.append([])
        self.carried.append([])
        self.attach(nodes, len(self.members) - 1)

    def attach(self, nodes: Sequence[int], region: int) -> None:
        """Add ``nodes`` to ``region``."""
        self.members[region] += nodes
        for node in nodes:
            self.of[node] = region

    def carry(self, move: int, region: int) -> None:
        """Add a move of one value, which an operator of ``region`` reads or makes."""
        self.carried[region].append(move)
        self.of[move] = region


def assign_leftovers(regions: Regions, leftovers: list[list[int]]) -> None:
    """Attach one-sided pieces to the one region that they feed, else to the smallest region
    that reads all that they read; pair those of A and B that feed the same regions."""
    readers = _readers(regions, {pair for piece in leftovers for pair in regions.joint.read(piece)})
    serving: dict[tuple[int, frozenset[int]], list[list[int]]] = {}
    for piece in sorted(leftovers, key=max, reverse=True):
        fed = _fed(regions, piece)
        if len(fed) == 1:
            regions.attach(piece, min(fed))
        elif (cover := _cover(regions, readers, piece)) is not None:
            regions.attach(piece, cover)
        elif fed:
            serving.setdefault((regions.joint.side(piece[0]), fed), []).append(piece)
    for (side, fed), pieces_a in serving.items():
        if side == 0 and (pieces_b := serving.get((1, fed))):
            _add_by_phase(regions, [*pieces_a, *pieces_b])


def _add_by_phase(regions: Regions, pieces: list[list[int]]) -> None:
    by_phase: dict[str, list[int]] = {}
    for piece in pieces:
        by_phase.setdefault(regions.joint.phases[piece[0]], []).extend(piece)
    for nodes in by_phase.values():
        if len({regions.joint.side(node) for node in nodes}) == 2:
            regions.add(nodes)


def _readers(regions: Regions, pairs: set[int]) -> dict[int, list[int]]:
    """By pair, of ``pairs``: the regions that read it and do not make it."""
    readers: dict[int, list[int]] = {}
    joint = regions.joint
    for region, nodes in enumerate(regions.members):
        if any([not pairs.isdisjoint(joint.reads[node]) for node in nodes]):
            for pair in (joint.read(nodes) & pairs) - joint.written(nodes):
                readers.setdefault(pair, []).append(region)
    return readers


def _fed(regions: Regions, piece: list[int]) -> frozenset[int]:
    """The regions of the same phase that read results of ``piece`` that are not made by the other
    side: without a partner, or with one that was there before the step."""
    joint = regions.joint
    found: set[int] = set()
    for node in piece:
        side = joint.side(node)
        flow, matched = joint.flows[side], joint.of[side]
        for group in flow.writes[joint.operator(node)]:
            known = matched.get(group) in regions.made_by_both
            consumers = () if known else flow.consumers.get(group, ())
            fed = (joint.node(side, consumer) for consumer in consumers)
            found.update(
                regions.of[other]
                for other in fed
                if other in regions.of and joint.phases[other] == joint.phases[node]
            )
    return frozenset(found)


def _cover(regions: Regions, readers: dict[int, list[int]], piece: list[int]) -> int | None:
    """The smallest region in the same module that reads every value that ``piece`` reads from
    outside.

    None where ``piece`` reads an unmatched result of others, reads nothing, or makes an output of
    the program: that is work of its own.
    """
    joint = regions.joint
    if _stands_alone(joint, piece):
        return None
    read = joint.read(piece) - joint.written(piece)
    if not read:
        return None
    rarest = min(read, key=lambda pair: (len(readers.get(pair, ())), pair))
    covering = [
        region
        for region in readers.get(rarest, ())
        if joint.phases[regions.members[region][0]] == joint.phases[piece[0]]
        and all(region in readers[pair] for pair in read)
        and not _modules(joint, piece).isdisjoint(_modules(joint, regions.members[region]))
    ]
    return min(covering, key=lambda region: (len(regions.members[region]), region), default=None)


def _modules(joint: Joint, nodes: Iterable[int]) -> set[tuple[int, str]]:
    """The modules that ran ``nodes``, with the side."""
    return {
        (side, joint.flows[side].operators[joint.operator(node)].module)
        for node in nodes
        for side in (joint.side(node),)
    }


def _stands_alone(joint: Joint, piece: list[int]) -> bool:
    side = joint.side(piece[0])
    flow, matched = joint.flows[side], joint.of[side]
    operators = [joint.operator(node) for node in piece]
    made = {group for operator in operators for group in flow.writes[operator]}
    read = {group for operator in operators for group in flow.reads[operator]} - made
    foreign = any(group in flow.producer and group not in matched for group in read)
    return foreign or any(group in flow.positions for group in made)
