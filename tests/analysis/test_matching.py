from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from magneton.analysis.matching import match
from magneton_agent.schema.recording import Recording

from .recordings import Program, gauss

N = 64
X, W, U, V = (gauss(N, seed) for seed in range(4))


def pairs(a: Recording, b: Recording) -> set[tuple[int, int]]:
    matched = match(a, b).pairs
    assert matched == tuple(sorted(matched))
    assert len({i for i, _ in matched}) == len({j for _, j in matched}) == len(matched)
    return set(matched)


def test_values_are_matched_whatever_their_names_order_and_layout() -> None:
    a, b = Program(), Program()
    ax, aw = a.input(X), a.parameter(W, "first")
    ay = a.op("mm", [ax, aw], U)
    az = a.op("relu", [ay], V)
    bw, bx = b.parameter(W[::-1], "renamed"), b.input(sorted(X))
    by = b.op("linear", [bx, bw], [x * (1 + 1e-7) for x in U])
    bz = b.op("clamp", [b.move("transpose", by)], V[::-1])
    assert pairs(a.recording(az), b.recording(bz)) == {(ax, bx), (aw, bw), (ay, by), (az, bz)}


def test_changed_values_do_not_match_and_neither_does_what_follows() -> None:
    a, b = Program(), Program()
    changed = [y + 0.1 * (-1) ** i if i % 64 == 0 else y for i, y in enumerate(gauss(6400, 5))]
    programs = []
    for program, hidden, last in ((a, gauss(6400, 5), U), (b, changed, V)):
        x = program.input(X)
        h = program.op("exp", [x], W)
        y = program.op("outer", [h], hidden)
        programs.append(program.recording(program.op("sum", [y], last)))
    assert pairs(*programs) == {(0, 0), (1, 1)}


def test_the_same_operator_does_not_make_other_values_equal() -> None:
    a, b = Program(), Program()
    for program, mask in ((a, U), (b, V)):
        program.op("dropout", [program.input(X)], mask)
    assert pairs(a.recording(1), b.recording(1)) == {(0, 0)}


def layers(program: Program, order: Callable[[list[int]], list[int]]) -> tuple[list[int], int]:
    """Three layers with scale 1 and bias 0, as after initialisation, created in ``order``."""
    places = order([0, 1, 2])
    scales, biases = [0, 0, 0], [0, 0, 0]
    for layer in places:
        scales[layer] = program.parameter([1.0] * 8)
        biases[layer] = program.parameter([0.0] * 8)
    x = program.input(X)
    for layer in range(3):
        x = program.op("layer_norm", [x, scales[layer], biases[layer]], gauss(N, 10 + layer))
    return [*scales, *biases], x


def test_equal_parameters_are_told_apart_by_what_they_are_used_for() -> None:
    a, b = Program(), Program()
    leaves_a, out_a = layers(a, lambda places: places)
    leaves_b, out_b = layers(b, lambda places: places[::-1])
    found = pairs(a.recording(out_a), b.recording(out_b))
    assert set(zip(leaves_a, leaves_b, strict=True)) <= found
    assert len(found) == 10


def test_a_sorted_value_is_the_one_that_a_sort_produced() -> None:
    eigenvalues = gauss(N, 20)
    a, b = Program(), Program()
    am, bm = a.input(X), b.input(X)
    ac = a.op("linalg_eigvals", [am], [*eigenvalues, *([0.0] * N)], "complex64")
    ar = a.op("real", [ac], eigenvalues)
    as_ = a.op("sort", [ar], sorted(eigenvalues))
    bw = b.op("linalg_eigvalsh", [bm], sorted(eigenvalues))
    bs = b.op("sort", [bw], sorted(eigenvalues))
    assert pairs(a.recording(as_), b.recording(bs)) == {(am, bm), (ar, bw), (as_, bs)}


def test_without_a_second_sort_the_result_matches_the_result() -> None:
    eigenvalues = gauss(N, 20)
    a, b = Program(), Program()
    a.input(X)
    a.op("linalg_eigh", [0], eigenvalues)
    a.op("sort", [1], sorted(eigenvalues))
    b.input(X)
    b.op("linalg_eigh", [0], sorted(eigenvalues))
    assert pairs(a.recording(2), b.recording(1)) == {(0, 0), (2, 1)}


def test_an_input_matches_an_input_and_not_its_sorted_copy() -> None:
    a, b = Program(), Program()
    a.input(X)
    a.op("topk", [0], sorted(X)[-8:])
    b.input(X)
    b.op("sort", [0], sorted(X))
    b.op("slice", [1], sorted(X)[-8:])
    assert pairs(a.recording(1), b.recording(2)) == {(0, 0), (1, 2)}


def test_tied_q_and_k_are_told_apart_by_rank() -> None:
    programs = []
    for name in ("linear", "mm"):
        program = Program()
        x = program.input(X)
        q = program.op(name, [x, program.parameter(W)], U)
        k = program.op(name, [x, program.parameter(W)], U)
        programs.append(program.recording(program.op("bmm", [q, k], V)))
    assert pairs(*programs) == {(i, i) for i in range(6)}


def test_a_loss_matches_through_its_context() -> None:
    a, b = Program(), Program()
    for program in (a, b):
        logits, target = program.input(X), program.input([1.0, 5.0, 3.0], "int64")
        program.op("cross_entropy", [logits, target], [5.25])
    assert (2, 2) in pairs(a.recording(2), b.recording(2))


def test_equal_constants_in_different_places_do_not_match() -> None:
    a, b = Program(), Program()
    for program, name, first in ((a, "zeros", U), (b, "zeros_like", V)):
        x = program.input(X)
        y = program.op("exp", [x], first)
        program.op("gt", [y], [0.0] * N)
        program.op(name, [y], [7.0] * N)
    assert pairs(a.recording(1), b.recording(1)) == {(0, 0)}


def counters(program: Program, count: int) -> list[int]:
    """As many step counters of one number; after them, as many results that rise by one."""
    own = [program.input([5.0]) for _ in range(count)]
    return [*own, *(program.op("add_", [each], [6.0]) for each in own)]


def test_equal_counters_are_told_apart_by_rank_however_many_there_are() -> None:
    a, b = Program(), Program()
    # a: counters 0 to 2, risen 3 to 5; b: counters 0 and 1, risen 2 and 3.
    counters(a, 3)
    counters(b, 2)
    assert pairs(a.recording(), b.recording()) == {(0, 0), (1, 1), (3, 2), (4, 3)}


def test_equal_constants_of_several_numbers_need_equal_counts() -> None:
    a, b, c = Program(), Program(), Program()
    for program, count in ((a, 3), (b, 2), (c, 3)):
        for _ in range(count):
            program.parameter([0.0] * N)
    assert pairs(a.recording(), b.recording()) == set()
    assert pairs(a.recording(), c.recording()) == {(0, 0), (1, 1), (2, 2)}


def test_equal_results_of_an_operator_over_a_list_are_told_apart_by_memory() -> None:
    a, b = Program(), Program()
    weights = [gauss(N, 30 + i) for i in range(4)]
    for program, order in ((a, [0, 1, 2, 3]), (b, [2, 0, 3, 1])):
        targets = [program.parameter(weights[i]) for i in range(4)]
        zeros = [[0.0] * N for _ in order]
        program.write_each("_foreach_zero_", [targets[i] for i in order], [], zeros)
    # b writes weights 2, 0, 3, 1 in this order, as values 4 to 7.
    found = pairs(a.recording(), b.recording())
    assert found == {(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (5, 7), (6, 4), (7, 6)}


def draw(program: Program, hidden: list[float], mask: list[float]) -> Recording:
    """x (value 0), something made of it, and a random mask made of that."""
    y = program.op("exp", [program.input(X)], hidden)
    program.draw("bernoulli", [y], mask)
    return program.recording()


def test_random_masks_of_equal_count_match_only_beside_a_matched_value() -> None:
    mask, other = [0.0, 1.0] * (N // 2), [1.0, 1.0, 0.0, 0.0] * (N // 4)
    assert pairs(draw(Program(), U, mask), draw(Program(), V, other)) == {(0, 0)}
    assert pairs(draw(Program(), U, mask), draw(Program(), U, other)) == {(0, 0), (1, 1), (2, 2)}


def test_a_stored_tensor_of_16_bits_is_held_to_its_one_rounding() -> None:
    a, b, c = Program(), Program(), Program()
    rounded = [w * (1 + 2**-9 * (-1) ** i) for i, w in enumerate(gauss(2000, 31))]
    for program, dtype, numbers in (
        (a, "float32", gauss(2000, 31)),
        (b, "bfloat16", rounded),
        (c, "bfloat16", [1.002 * w for w in rounded]),
    ):
        program.op("mm", [program.input(X), program.parameter(numbers, dtype=dtype)], U, dtype)
    assert pairs(a.recording(2), b.recording(2)) == {(0, 0), (1, 1), (2, 2)}
    assert pairs(a.recording(2), c.recording(2)) == {(0, 0), (2, 2)}


def masked(program: Program, fill: str) -> Recording:
    scores = program.input(X)
    full = program.op("full", [], [-math.inf] * N, fill=fill)
    mask = program.op("triu", [full], [0.0, -math.inf] * (N // 2), diagonal="1")
    return program.recording(program.op("softmax", [scores, mask], U))


def test_a_mask_of_infinities_matches_where_it_is_used() -> None:
    first, same = masked(Program(), "-inf"), masked(Program(), "-inf")
    assert pairs(first, same) == {(0, 0), (1, 1), (2, 2), (3, 3)}
    other = Program()
    mask = other.op("where", [other.op("arange", [], gauss(N, 70))], [-math.inf, 0.0] * (N // 2))
    result = other.op("softmax", [other.input(X), mask], U)
    # 0 arange, 1 the mask, 2 the scores, 3 the result
    assert pairs(first, other.recording(result)) == {(0, 2), (2, 1), (3, 3)}


def test_a_mask_with_another_count_of_infinities_matches_nothing() -> None:
    first, other = masked(Program(), "-inf"), Program()
    mask = other.op("triu", [], [0.0, 0.0, 0.0, -math.inf] * (N // 4))
    result = other.op("softmax", [other.input(X), mask], U)
    assert pairs(first, other.recording(result)) == {(0, 1), (3, 2)}


def test_infinities_are_no_anchor() -> None:
    """Even with finite numbers beside them, which would be one alone."""
    numbers = [-math.inf, *gauss(N - 1, 71)]
    a, b = Program(), Program()
    a.op("exp", [a.parameter(numbers)], U)
    b.op("log", [b.op("neg", [b.input(V)], numbers)], W)
    assert pairs(a.recording(1), b.recording(2)) == set()


def test_a_mask_that_both_take_as_an_input_does_not_keep_what_it_masks_apart() -> None:
    """Scores are masked in another way, so that no operator is the same on both sides."""
    mask = [0.0, -math.inf] * (N // 2)
    scores = [x + y for x, y in zip(V, mask, strict=True)]
    a, b = Program(), Program()
    x, given = a.op("mm", [a.input(X)], V), a.input(mask)
    a_last = a.op("softmax", [a.op("add", [x, given], scores)], U)
    x, given = b.op("mm", [b.input(X)], V), b.input(mask)
    shifted = b.op("mul", [given], mask, other="2")
    b_last = b.op("softmax", [b.op("sub", [x, shifted], scores)], U)
    found = pairs(a.recording(a_last), b.recording(b_last))
    assert {(0, 0), (1, 1), (3, 4), (4, 5)} <= found


def test_nan_does_not_match_nan() -> None:
    a, b = Program(), Program()
    a.op("log", [a.input(X)], [math.nan] * N)
    b.op("sqrt", [b.input(X)], [math.nan] * N)
    assert pairs(a.recording(1), b.recording(1)) == {(0, 0)}


def test_bfloat16_matches_float32_where_the_context_agrees() -> None:
    a, b = Program(), Program()
    coarse = [u * (1 + 0.003 * (-1) ** i) for i, u in enumerate(U)]
    for program, dtype, numbers in ((a, "float32", U), (b, "bfloat16", coarse)):
        x, w = program.input(X), program.parameter(W)
        program.op("mm", [x, w], numbers, dtype)
    assert pairs(a.recording(2), b.recording(2)) == {(0, 0), (1, 1), (2, 2)}
    c = Program()
    x, w = c.input(X), c.parameter(W)
    c.op("mm", [x, w], coarse)
    assert pairs(a.recording(2), c.recording(2)) == {(0, 0), (1, 1)}


def test_float32_made_from_bfloat16_is_as_coarse() -> None:
    a, b = Program(), Program()
    coarse = [v * (1 + 0.003 * (-1) ** i) for i, v in enumerate(V)]
    for program, dtype, numbers in ((a, "float32", V), (b, "bfloat16", coarse)):
        h = program.op("mm", [program.input(X)], U, dtype)
        program.op("softmax", [h], numbers, "float32")
    assert pairs(a.recording(2), b.recording(2)) == {(0, 0), (1, 1), (2, 2)}


def test_rounding_may_move_a_value_into_the_next_bucket() -> None:
    a, b = Program(), Program()
    for i in range(40):
        scale = 1 + i * 1.1e-2
        a.input([x * scale for x in X])
        b.input([x * scale * (1 + 4e-6) for x in X])
    assert pairs(a.recording(), b.recording()) == {(i, i) for i in range(40)}


@pytest.mark.parametrize("seed", range(20))
def test_a_program_matches_itself_value_by_value(seed: int) -> None:
    recording = tangle(seed)
    assert match(recording, recording).pairs == tuple((i, i) for i in range(len(recording.values)))


def tangle(seed: int) -> Recording:
    """A program of few distinct values, with constants, infinities, tiny tensors and integers."""
    source = random.Random(seed)
    program = Program()
    pool = [
        gauss(N, 1),
        gauss(N, 1)[::-1],
        gauss(N, 2),
        [0.0] * N,
        [1.0] * N,
        [2.5],
        [-math.inf] * N,
    ]
    values = [program.input(X), program.input(X), program.parameter([0.0] * N)]
    values += [program.parameter([0.0] * N), program.input([1.0, 2.0, 3.0], "int64")]
    for _ in range(40):
        inputs = source.sample(values, source.choice((0, 1, 1, 2, 3)))
        values.append(program.op(source.choice(("f", "g")), inputs, source.choice(pool)))
    return program.recording(values[-1])
