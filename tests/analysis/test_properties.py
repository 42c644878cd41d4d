"""What holds of the matcher for every program, on random ones."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magneton.analysis.matching import match
from magneton_agent.schema.recording import Recording

from .graphs import DISTRIBUTIONS, Graph, Spelling, fusible, graphs, numbers_of, write
from .recordings import Program, gauss
from .test_regions import cut_of

repeatably = settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
Regions = set[tuple[tuple[int, ...], tuple[int, ...]]]


def regions(a: Recording, b: Recording) -> Regions:
    """The regions; nothing is left unmatched."""
    found = cut_of(a, b)
    assert (found.unmatched_a, found.unmatched_b) == ((), ())
    return {(region.a, region.b) for region in found.regions}


def some(data: st.DataObject, items: range | dict[int, int]) -> frozenset[int]:
    return frozenset(i for i in items if data.draw(st.booleans()))


def reordered(data: st.DataObject, _: Graph) -> Spelling:
    return Spelling(reordered=True, seed=data.draw(st.integers(0, 999)))


def permuted(data: st.DataObject, _: Graph) -> Spelling:
    return Spelling(permuted=True, seed=data.draw(st.integers(0, 999)))


def renamed(_: st.DataObject, __: Graph) -> Spelling:
    return Spelling(renamed=True)


def fused(data: st.DataObject, graph: Graph) -> Spelling:
    return Spelling(fused=some(data, fusible(graph)))


def split(data: st.DataObject, graph: Graph) -> Spelling:
    chosen = some(data, range(len(graph.nodes)))
    return Spelling(split=chosen, seed=data.draw(st.integers(0, 999)))


def everything(data: st.DataObject, graph: Graph) -> Spelling:
    return Spelling(
        fused=some(data, fusible(graph)),
        split=some(data, range(len(graph.nodes))),
        reordered=True,
        permuted=True,
        renamed=True,
        seed=data.draw(st.integers(0, 999)),
    )


@pytest.mark.parametrize("spelled", [reordered, permuted, renamed, fused, split, everything])
@repeatably
@given(data=st.data())
def test_another_spelling_has_the_same_regions(
    spelled: Callable[[st.DataObject, Graph], Spelling], data: st.DataObject
) -> None:
    graph = data.draw(graphs())
    spelling = spelled(data, graph)
    plain, other = write(graph, Spelling()), write(graph, spelling)
    expected = {(tuple(sorted(own)), made) for own, made in other.operators.items()}
    assert regions(plain.recording, other.recording) == expected
    swapped = {(made, own) for own, made in expected}
    assert regions(other.recording, plain.recording) == swapped


@repeatably
@given(graphs())
def test_a_program_against_itself_is_matched_operator_by_operator(graph: Graph) -> None:
    recording = write(graph, Spelling()).recording
    assert match(recording, recording).pairs == tuple((i, i) for i in range(len(graph.numbers)))
    assert regions(recording, recording) == {((i,), (i,)) for i in range(len(graph.nodes))}


@st.composite
def tangles(draw: st.DrawFn) -> Recording:
    """Programs of few distinct values, whatever they are: most have several candidates."""
    pool = [gauss(64, 1), gauss(64, 1)[::-1], [0.0] * 64, [0.0, 1.0] * 32, [2.5], [math.inf] * 8]
    program = Program()
    for _ in range(draw(st.integers(1, 4))):
        program.input(draw(st.sampled_from(pool[:-1])))
    for _ in range(draw(st.integers(1, 12))):
        values = st.integers(0, len(program.values) - 1)
        reads = draw(st.lists(values, max_size=3))
        result = draw(st.sampled_from(pool))
        if reads and draw(st.integers(0, 3)) == 0:
            program.move("transpose", reads[0])
        else:
            program.op(draw(st.sampled_from("fg")), reads, result)
    return program.recording(len(program.values) - 1)


@repeatably
@given(tangles(), tangles())
def test_every_operator_is_in_one_region_or_unmatched(a: Recording, b: Recording) -> None:
    found = cut_of(a, b)
    assert all(region.a and region.b for region in found.regions)


@repeatably
@given(tangles())
def test_whatever_its_values_a_program_is_all_in_itself(recording: Recording) -> None:
    found = cut_of(recording, recording)
    assert (found.unmatched_a, found.unmatched_b) == ((), ())
    assert all(region.a == region.b for region in found.regions)


@repeatably
@given(
    distribution=st.sampled_from(sorted(DISTRIBUTIONS)),
    elements=st.integers(1000, 4000),
    share=st.floats(0.01, 1.0),
    size=st.floats(0.1, 10.0),
    scale=st.sampled_from((1e-6, 1.0, 1e6)),
    seed=st.integers(0, 2**32),
)
def test_a_tenth_of_the_rms_in_one_percent_never_matches(
    distribution: str, elements: int, share: float, size: float, scale: float, seed: int
) -> None:
    source = random.Random(seed)
    numbers = [scale * x for x in numbers_of(source, distribution, elements)]
    rms = (sum(x * x for x in numbers) / elements) ** 0.5
    changed = list(numbers)
    for i in source.sample(range(elements), -(-int(share * 1e6) * elements // 10**6)):
        changed[i] += source.choice((-1, 1)) * size * rms
    programs = []
    for hidden in (numbers, changed):
        program = Program()
        y = program.op("f", [program.input(gauss(64, 1))], hidden)
        programs.append(program.recording(program.op("g", [y], gauss(64, 2))))
    assert match(*programs).pairs == ((0, 0), (2, 2))
