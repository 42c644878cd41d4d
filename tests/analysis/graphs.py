"""Random programs as graphs of operators, and spellings of them that mean the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from magneton_agent.schema.recording import Phase, Recording, Value

from .recordings import Program

PHASES: tuple[Phase, ...] = ("forward", "backward", "optimizer")
DISTRIBUTIONS: dict[str, Callable[[random.Random], float]] = {
    "normal": lambda source: source.gauss(0.0, 1.0),
    "uniform": lambda source: source.uniform(-0.3, 1.0),
    "exponential": lambda source: source.expovariate(1.0),
    "sparse": lambda source: source.gauss(0.0, 1.0) if source.random() < 0.2 else 0.0,
}


@dataclass(frozen=True)
class Node:
    """An operator: the values it reads and those it makes, by number."""

    name: str
    phase: Phase
    reads: tuple[int, ...]
    writes: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Values 0 to ``leaves`` - 1 were there before the step; every second one is a parameter."""

    leaves: int
    nodes: tuple[Node, ...]
    numbers: tuple[list[float], ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Spelling:
    """How a graph is written down: values that no operator gives because their maker is fused
    with their reader; operators split into two; whether the order of operators, elements and
    dimensions is another. ``seed`` decides what else there is to decide."""

    fused: frozenset[int] = frozenset()
    split: frozenset[int] = frozenset()
    reordered: bool = False
    permuted: bool = False
    renamed: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Written:
    """A recording, and of every set of the graph's operators the operators that stand for it."""

    recording: Recording
    operators: dict[frozenset[int], tuple[int, ...]]


def numbers_of(source: random.Random, distribution: str, elements: int) -> list[float]:
    """Random numbers of one of :data:`DISTRIBUTIONS`."""
    return [DISTRIBUTIONS[distribution](source) for _ in range(elements)]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Programs of which every value is told from all others by its numbers."""
    leaves = draw(st.integers(1, 4))
    source = random.Random(draw(st.integers(0, 2**32)))
    numbers = [_drawn(draw, source) for _ in range(leaves)]
    phases = sorted(draw(st.lists(st.sampled_from(PHASES), min_size=1, max_size=14)), key=_order)
    nodes = []
    for phase in phases:
        values = st.integers(0, len(numbers) - 1)
        reads = draw(st.lists(values, min_size=1, max_size=3, unique=True))
        results = draw(st.sampled_from((1, 1, 1, 2)))
        writes = range(len(numbers), len(numbers) + results)
        numbers += [_drawn(draw, source) for _ in writes]
        nodes.append(Node(draw(st.sampled_from("fgh")), phase, tuple(reads), tuple(writes)))
    outputs = draw(st.lists(st.integers(leaves, len(numbers) - 1), max_size=3, unique=True))
    return Graph(leaves, tuple(nodes), tuple(numbers), tuple(outputs))


def _drawn(draw: st.DrawFn, source: random.Random) -> list[float]:
    distribution = draw(st.sampled_from(sorted(DISTRIBUTIONS)))
    return numbers_of(source, distribution, draw(st.sampled_from((48, 64, 96))))


def _order(phase: Phase) -> int:
    return PHASES.index(phase)


def fusible(graph: Graph) -> dict[int, int]:
    """By operator: the one of its phase that alone reads its results, where there is one."""
    found = {}
    for number, node in enumerate(graph.nodes):
        readers = {
            i for i, each in enumerate(graph.nodes) if not set(each.reads).isdisjoint(node.writes)
        }
        if len(readers) != 1 or not set(graph.outputs).isdisjoint(node.writes):
            continue
        (reader,) = readers
        if graph.nodes[reader].phase == node.phase:
            found[number] = reader
    return found


def write(graph: Graph, spelling: Spelling) -> Written:
    """Write ``graph`` down."""
    return _Writer(graph, spelling).written()


class _Writer:
    def __init__(self, graph: Graph, spelling: Spelling) -> None:
        self._graph, self._spelling = graph, spelling
        self._source = random.Random(spelling.seed)
        self._program = Program()
        self._values: dict[int, int] = {}  # of the graph -> of the recording

    def written(self) -> Written:
        graph = self._graph
        for leaf in self._shuffled(range(graph.leaves)):
            self._values[leaf] = self._leaf(leaf)
        operators = {}
        for members in self._ordered(self._sets()):
            operators[members] = self._operators(members)
        recording = self._program.recording(*(self._values[value] for value in graph.outputs))
        if self._spelling.permuted:
            values = tuple(_transposed(value) for value in recording.values)
            recording = replace(recording, values=values)
        return Written(recording, operators)

    def _sets(self) -> list[frozenset[int]]:
        """The graph's operators, those together that are fused."""
        readers = fusible(self._graph)
        sets: dict[int, set[int]] = {}
        for number in range(len(self._graph.nodes)):
            last = number
            while last in self._spelling.fused:
                last = readers[last]
            sets.setdefault(last, set()).add(number)
        return [frozenset(members) for _, members in sorted(sets.items())]

    def _ordered(self, sets: list[frozenset[int]]) -> Iterable[frozenset[int]]:
        """``sets`` in an order that they can run in, one phase after the other."""
        for phase in PHASES:
            waiting = [each for each in sets if self._graph.nodes[max(each)].phase == phase]
            while waiting:
                ready = [each for each in waiting if self._values.keys() >= self._reads(each)]
                chosen = self._source.choice(ready) if self._spelling.reordered else ready[0]
                yield chosen
                waiting.remove(chosen)

    def _reads(self, members: frozenset[int]) -> set[int]:
        nodes = [self._graph.nodes[member] for member in members]
        return {value for node in nodes for value in node.reads} - {
            value for node in nodes for value in node.writes
        }

    def _operators(self, members: frozenset[int]) -> tuple[int, ...]:
        """Write ``members`` down as one operator, or as two."""
        program, last = self._program, self._graph.nodes[max(members)]
        program.phase = last.phase
        first = len(program.operators)
        inputs = [self._values[value] for value in sorted(self._reads(members))]
        inputs = self._shuffled(inputs)
        name = f"other_{last.name}" if self._spelling.renamed else last.name
        if max(members) in self._spelling.split:
            between = [self._source.gauss(0.0, 1.0) for _ in range(64)]
            inputs[: self._source.randint(1, len(inputs))] = [
                program.op("half", inputs[: self._source.randint(1, len(inputs))], between)
            ]
        results = program.ops(name, inputs, [self._numbers(value) for value in last.writes])
        self._values.update(zip(last.writes, results, strict=True))
        return tuple(range(first, len(program.operators)))

    def _leaf(self, leaf: int) -> int:
        numbers = self._numbers(leaf)
        if leaf % 2 == 0:
            return self._program.input(numbers)
        return self._program.parameter(numbers, "other" if self._spelling.renamed else "weight")

    def _numbers(self, value: int) -> list[float]:
        numbers = self._graph.numbers[value]
        return self._source.sample(numbers, len(numbers)) if self._spelling.permuted else numbers

    def _shuffled(self, items: Iterable[int]) -> list[int]:
        found = list(items)
        if self._spelling.reordered:
            self._source.shuffle(found)
        return found


def _transposed(value: Value) -> Value:
    rows = value.shape[0] // 4
    return replace(value, shape=(4, rows), strides=(1, 4))
