from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from magneton.analysis.matching import match
from magneton.analysis.regions import cut

from .recordings import Numbers, Program, gauss

N = 64
X = gauss(N, 0)
Q, K, V = (gauss(N, seed) for seed in (1, 2, 3))
FUSED = [*Q, *K, *V]


def paired(a: Program, b: Program) -> tuple[tuple[int, int], ...]:
    return match(a.recording(), b.recording()).pairs


def leaves(*values: Numbers) -> Program:
    program = Program()
    for numbers in values:
        program.parameter(numbers)
    return program


def projection(parts: Sequence[Numbers], results: Sequence[Numbers]) -> Program:
    """x (value 0) times each part, and in the backward pass a gradient of each part's size."""
    program = Program()
    x = program.input(X)
    weights = [program.parameter(part) for part in parts]
    for weight, result in zip(weights, results, strict=True):
        program.op("mm", [x, weight], result)
    program.phase = "backward"
    for weight, result in zip(weights, results, strict=True):
        program.op("mm", [x, weight], [y**2 for y in result])
    return program


def test_a_fused_projection_and_its_gradient_are_the_three_together() -> None:
    results = [gauss(N, seed) for seed in (4, 5, 6)]
    fused = projection([FUSED], [[*results[0], *results[1], *results[2]]])
    three = projection([Q, K, V], results)
    # fused: 1 the weight, 2 the product, 3 the gradient; three: 1-3, 4-6, 7-9.
    assert paired(fused, three) == (
        (0, 0),
        *((1, 1), (1, 2), (1, 3)),
        *((2, 4), (2, 5), (2, 6)),
        *((3, 7), (3, 8), (3, 9)),
    )


def test_the_whole_may_be_on_either_side() -> None:
    assert paired(leaves(FUSED), leaves(Q, K, V)) == ((0, 0), (0, 1), (0, 2))
    assert paired(leaves(Q, K, V), leaves(FUSED)) == ((0, 0), (1, 0), (2, 0))


def test_one_program_may_have_wholes_and_parts() -> None:
    g, u = gauss(N, 7), gauss(N, 8)
    a, b = leaves(FUSED, g, u), leaves(Q, [*u, *g], K, V)
    assert paired(a, b) == ((0, 0), (0, 2), (0, 3), (1, 1), (2, 1))


def test_a_batch_is_its_micro_batches() -> None:
    batch = gauss(2 * N, 9)
    a, b = leaves(batch), leaves(batch[N:], batch[:N])
    assert paired(a, b) == ((0, 0), (0, 1))


def test_a_tensor_is_its_four_shards_whatever_the_order_of_elements() -> None:
    whole = gauss(4 * N, 10)
    shards = [whole[start::4] for start in range(4)]
    assert paired(leaves(sorted(whole)), leaves(*shards)) == ((0, 0), (0, 1), (0, 2), (0, 3))


def test_parts_may_differ_in_size() -> None:
    k, v = K[:16], V[:16]
    assert paired(leaves([*Q, *k, *v]), leaves(k, Q, v)) == ((0, 0), (0, 1), (0, 2))


@pytest.mark.parametrize("seed", range(10))
def test_a_tenth_of_the_rms_in_one_percent_of_a_part_is_seen(seed: int) -> None:
    parts = [gauss(6400, 20 + part) for part in range(3)]
    source = random.Random(seed)
    changed = list(parts[1])
    for i in source.sample(range(6400), 64):
        changed[i] += source.choice((-0.1, 0.1))
    whole = [x for part in parts for x in part]
    assert len(paired(leaves(whole), leaves(*parts))) == 3
    assert paired(leaves(whole), leaves(parts[0], changed, parts[2])) == ()


def test_one_extreme_that_does_not_fit_is_enough() -> None:
    parts = [gauss(6400, 30), gauss(6400, 31)]
    inner, outer = sorted((min(map(min, parts)), max(map(max, parts))), key=abs)
    moved = [[0.9992 * x if x == inner else x for x in part] for part in parts]
    whole = [*parts[0], *parts[1]]
    assert abs(outer) > abs(inner)
    assert len(paired(leaves(whole), leaves(*parts))) == 2
    assert paired(leaves(whole), leaves(*moved)) == ()


def test_extremes_that_fit_are_not_enough() -> None:
    inner = [x if x in (min(V), max(V)) else 0.9 * x for x in V]
    assert paired(leaves(FUSED), leaves(Q, K, inner)) == ()


def test_sums_that_fit_are_not_enough() -> None:
    # The parts make up the whole but for their largest element, 9 for 8 and -1.
    whole = [*Q, 8.0, -1.0, *([0.5] * 14)]
    assert paired(leaves(whole), leaves(Q, [9.0, -2.0, *([0.5] * 14)])) == ()


def test_all_parts_are_needed() -> None:
    assert paired(leaves(FUSED), leaves(Q, K)) == ()


def test_a_part_is_used_once() -> None:
    assert paired(leaves([*Q, *K], [*Q, *V]), leaves(Q, K, V)) == ((0, 0), (0, 1))


def test_a_value_with_a_partner_is_no_part() -> None:
    a, b = leaves(Q, [*Q, *K]), leaves(Q, K)
    assert paired(a, b) == ((0, 0),)


def test_parts_are_made_alike() -> None:
    a, b = leaves([*Q, *K]), leaves(Q)
    b.op("exp", [0], K)
    assert paired(a, b) == ()


def test_constants_and_integers_are_no_parts() -> None:
    assert paired(leaves([1.0] * 32), leaves([1.0] * 16, [1.0] * 16)) == ()
    a, b = Program(), Program()
    a.input(list(range(64)), "int64")
    b.input(list(range(32)), "int64")
    b.input(list(range(32, 64)), "int64")
    assert paired(a, b) == ()


def test_who_makes_the_whole_and_who_makes_the_parts_are_one_region() -> None:
    results = [gauss(N, seed) for seed in (4, 5, 6)]
    fused = projection([FUSED], [[*results[0], *results[1], *results[2]]])
    three = projection([Q, K, V], results)
    a, b = fused.recording(), three.recording()
    forward, backward = cut(a, b, match(a, b)).regions
    assert (forward.a, forward.b, forward.phase) == ((0,), (0, 1, 2), "forward")
    assert (backward.a, backward.b, backward.phase) == ((1,), (3, 4, 5), "backward")
    assert set(forward.outputs) <= {(2, 4), (2, 5), (2, 6)}
    assert forward.outputs
    back = cut(b, a, match(b, a)).regions[0]
    assert (back.a, back.b) == ((0, 1, 2), (0,))
