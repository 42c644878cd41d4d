"""The published method, as a yardstick: singular values of unfoldings, cuts at dominators.

Two tensors are equivalent if the singular values of their unfoldings agree within a tolerance.
Equivalent tensors that every path from the source to the sink passes, on both sides in the same
order, are cut points; what lies between two of them is a region. Only in this benchmark.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import networkx as nx
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from magneton.analysis.flow import Flow, flow_of
from magneton.analysis.regions import RegionPair

from .labels import INPUT, Label
from .programs import Program
from .scoring import Answer
from .truth import Known, kept_of

TOLERANCE = 1e-3
Spectrum = NDArray[np.float64]
Spectra = tuple[Spectrum, ...]
"""The singular values of every unfolding of a tensor, each descending."""
Invariants = dict[int, tuple[int, Spectra]]
"""Number of elements and spectra, by value group."""
Node = tuple[str, int]
"""An operator or a value, by its number."""
_SOURCE: Node = ("source", 0)
_SINK: Node = ("sink", 0)


def spectra(tensor: Tensor) -> Spectra:
    """The invariants of a tensor of any shape; infinities count as 0."""
    wide = torch.nan_to_num(tensor.detach().to(torch.float64), posinf=0.0, neginf=0.0)
    wide = wide.reshape([size for size in wide.shape if size > 1])
    if wide.dim() < 2:
        return (wide.norm().reshape(1).numpy(),)
    unfoldings = (wide.movedim(dimension, 0).flatten(1) for dimension in range(wide.dim()))
    return tuple(torch.linalg.svdvals(each).numpy() for each in unfoldings)


def invariants(program: Program) -> Invariants:
    """The invariants of every value of ``program``, run once more."""
    kept = kept_of(program, lambda tensor: (tensor.numel(), spectra(tensor)))[1].kept
    return {group: each for group, each in kept.items() if each[0]}


def answered(
    a: Known, b: Known, of_a: Invariants, of_b: Invariants, *, sorted_out: bool
) -> tuple[float, Answer]:
    """CPU seconds of comparing and cutting, without the invariants; and what came out.

    As described, every value is compared with every other. ``sorted_out`` is kinder than that: only
    with those of as many elements that are still free, up to the first that agrees.
    """
    graphs = _graph(a, flow_of(a.recording)), _graph(b, flow_of(b.recording))
    compare = _first_equivalent if sorted_out else _equivalent
    start = time.process_time()
    pairs = compare(of_a, of_b)
    regions = tuple(_cut(graphs, pairs))
    taken_s = time.process_time() - start
    return taken_s, Answer(tuple(sorted(pairs.items())), regions)


def _equivalent(a: Invariants, b: Invariants) -> dict[int, int]:
    """Every value of A with the first of its equivalents in B that is free."""
    equivalents = {
        number: [other for other, (_, found_b) in b.items() if _agree(found, found_b)]
        for number, (_, found) in a.items()
    }
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for number, others in equivalents.items():
        free = next((other for other in others if other not in used), None)
        if free is not None:
            pairs[number] = free
            used.add(free)
    return pairs


def _first_equivalent(a: Invariants, b: Invariants) -> dict[int, int]:
    """The same, of values with as many elements."""
    free: dict[int, list[tuple[int, Spectra]]] = {}
    for number, (elements, found) in b.items():
        free.setdefault(elements, []).append((number, found))
    pairs: dict[int, int] = {}
    for number, (elements, found) in a.items():
        candidates = free.get(elements, [])
        for place, (other, other_found) in enumerate(candidates):
            if _agree(found, other_found):
                pairs[number] = other
                del candidates[place]
                break
    return pairs


def _agree(a: Spectra, b: Spectra) -> bool:
    """Whether every unfolding of the tensor that has fewer is one of the other's."""
    fewer, more = sorted((a, b), key=len)
    return all(any(_close(one, two) for two in more) for one in fewer)


def _close(a: Spectrum, b: Spectrum) -> bool:
    if a.shape != b.shape or abs(a[0] - b[0]) > TOLERANCE * max(a[0], b[0]):
        return False
    return bool(np.abs(a - b).max() <= TOLERANCE * max(a[0], b[0]))


def _graph(side: Known, flow: Flow) -> nx.DiGraph:
    """Operators and values; from the source to the step's inputs, from its results to the sink."""
    graph = nx.DiGraph()
    for operator in flow.operators:
        for group in flow.reads[operator.id]:
            graph.add_edge(("value", group), ("operator", operator.id))
        for group in flow.writes[operator.id]:
            graph.add_edge(("operator", operator.id), ("value", group))
    inputs = [g for g, label in side.labels.values.items() if label == Label(None, INPUT)]
    graph.add_edges_from((_SOURCE, ("value", group)) for group in inputs)
    graph.add_edges_from((("value", group), _SINK) for group in flow.positions)
    return graph


def _cut(graphs: tuple[nx.DiGraph, nx.DiGraph], pairs: dict[int, int]) -> Iterator[RegionPair]:
    """Cut between source and sink, then again between any two neighbouring cut points."""
    pending = [((_SOURCE, _SINK), (_SOURCE, _SINK))]
    while pending:
        ends_a, ends_b = pending.pop()
        inside_a, inside_b = _between(graphs[0], *ends_a), _between(graphs[1], *ends_b)
        points = _cut_points(_chain(inside_a, *ends_a), _chain(inside_b, *ends_b), pairs)
        if not points:
            yield from _region(inside_a, inside_b)
        path_a = [ends_a[0], *[one for one, _ in points], ends_a[1]]
        path_b = [ends_b[0], *[two for _, two in points], ends_b[1]]
        if points:
            pending += zip(pairwise(path_a), pairwise(path_b), strict=True)


def _between(graph: nx.DiGraph, start: Node, end: Node) -> nx.DiGraph:
    """What lies on any path from ``start`` to ``end``, both included."""
    nodes = nx.descendants(graph, start) & nx.ancestors(graph, end)
    inside: nx.DiGraph = graph.subgraph(nodes | {start, end})
    return inside


def _chain(graph: nx.DiGraph, start: Node, end: Node) -> list[Node]:
    """The values that every path from ``start`` to ``end`` passes, in order."""
    above = nx.immediate_dominators(graph, start)
    chain = []
    node = above.get(end, start)
    while node != start:
        chain.append(node)
        node = above[node]
    return [node for node in reversed(chain) if node[0] == "value"]


def _cut_points(a: list[Node], b: list[Node], pairs: dict[int, int]) -> list[tuple[Node, Node]]:
    """Equivalent values of both chains, in the order of both."""
    places = {node: place for place, node in enumerate(b)}
    points: list[tuple[Node, Node]] = []
    last = -1
    for node in a:
        other = ("value", pairs.get(node[1], -1))
        if places.get(other, -1) > last:
            last = places[other]
            points.append((node, other))
    return points


def _region(inside_a: nx.DiGraph, inside_b: nx.DiGraph) -> Iterator[RegionPair]:
    ours, theirs = _operators(inside_a), _operators(inside_b)
    if ours and theirs:
        yield RegionPair(ours, theirs, "forward", (), ())


def _operators(inside: nx.DiGraph) -> tuple[int, ...]:
    return tuple(sorted(number for kind, number in inside if kind == "operator"))
