"""Operators that compute the same values again, in hand-made recordings."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from magneton.analysis.repeats import repeats_of
from tests.analysis.recordings import Program, gauss

X, Y, Z = gauss(32, 1), gauss(32, 2), gauss(32, 3)


def test_the_same_operator_on_the_same_value() -> None:
    program = Program()
    x, y = program.input(X), program.input(X)
    program.op("sin", [x], Y)
    program.op("sin", [y], Y)  # another tensor, whatever it holds
    program.op("sin", [x], Y)
    assert repeats_of(program.recording()) == ((0, 2),)


def test_other_arguments_or_another_name_are_other_work() -> None:
    program = Program()
    x = program.input(X)
    program.op("sum", [x], [1.0], dim="[0]")
    program.op("sum", [x], [1.0], dim="[1]")
    program.op("mean", [x], [1.0], dim="[0]")
    assert repeats_of(program.recording()) == ()


def test_the_order_of_the_operands_counts() -> None:
    program = Program()
    x, y = program.input(X), program.input(Y)
    program.op("sub", [x, y], Z)
    program.op("sub", [y, x], Z)
    assert repeats_of(program.recording()) == ()


def test_work_without_operands_and_what_follows_from_it() -> None:
    program = Program()
    for _ in range(3):
        positions = program.op("arange", [], range(32), dtype="int64", end="32")
        program.op("cos", [program.move("unsqueeze", positions)], X)
    # The views between cost nothing, and are none of the work.
    assert repeats_of(program.recording()) == ((0, 3, 6), (2, 5, 8))


def test_parts_of_a_tensor_are_told_apart() -> None:
    program = Program()
    x = program.input(X)
    for start in ("0", "16", "0"):
        program.op("exp", [program.view("slice", x, [1.0] * 16, start=start)], [2.0] * 16)
    assert repeats_of(program.recording()) == ((1, 5),)


def test_a_copy_is_work_and_a_view_is_none() -> None:
    program = Program()
    x = program.input(X)
    for _ in range(2):
        program.move("transpose", x)
        program.move("clone", x, copy=True)
    assert repeats_of(program.recording()) == ((1, 3),)


def test_what_was_written_in_between_is_another_value() -> None:
    program = Program()
    x = program.input(X)
    program.op("sin", [x], Y)
    x = program.write("add_", x, [], X)
    program.op("sin", [x], Y)
    assert repeats_of(program.recording()) == ()


def test_writing_to_the_same_memory_again_is_no_repetition() -> None:
    program = Program()
    x = program.input([0.0] * 32)
    x = program.write("zero_", x, [], [0.0] * 32)
    program.write("zero_", x, [], [0.0] * 32)
    assert repeats_of(program.recording()) == ()


def test_an_accumulator_needs_its_zeros_every_time() -> None:
    program = Program()
    for addend in (X, Y):
        zeros = program.op("zeros", [], [0.0] * 32)
        part = program.view("select", zeros, [0.0] * 16)
        program.write("add_", part, [program.input(addend)], addend[:16])
    assert repeats_of(program.recording()) == ()


def test_a_mask_that_is_filled_alike_every_time() -> None:
    program = Program()
    causal = program.input(X)
    for _ in range(2):
        mask = program.op("zeros", [], [0.0] * 32)
        program.write("masked_fill_", mask, [causal], [-math.inf, *[0.0] * 31])
    assert repeats_of(program.recording()) == ((0, 2), (1, 3))


def test_a_mask_that_is_overwritten_once_more_is_needed_fresh() -> None:
    program = Program()
    causal = program.input(X)
    for filled in (Y, Z):
        mask = program.op("zeros", [], [0.0] * 32)
        mask = program.write("masked_fill_", mask, [causal], X)
        program.write("mul_", mask, [program.input(filled)], filled)
    assert repeats_of(program.recording()) == ()


def test_what_the_step_returns_has_memory_of_its_own() -> None:
    program = Program()
    first, *others = [program.op("zeros", [], [0.0] * 32) for _ in range(4)]
    assert repeats_of(program.recording(*others)) == ()
    assert repeats_of(program.recording(first)) == ((1, 2, 3),)


def test_random_numbers_are_drawn_anew() -> None:
    program = Program()
    x = program.input(X)
    for _ in range(2):
        program.op("relu", [program.draw("native_dropout", [x], X)], Y)
    assert repeats_of(program.recording()) == ()


def test_every_rank_must_take_part_in_a_collective_as_often() -> None:
    program = Program()
    x = program.input(X)
    for _ in range(2):
        # What a collective overwrites is needed fresh; what hangs on its result is not known to
        # be the same.
        ones = program.op("ones", [], [1.0] * 32)
        total = program.write("c10d::allreduce_", ones, [], [2.0] * 32)
        program.op("mul", [total, x], Y)
        program.op("_c10d_functional::all_reduce", [x], Z, reduce_op="sum")
        program.op("sin", [x], Y)
    assert repeats_of(program.recording()) == ((4, 9),)


def test_memory_that_was_never_written_is_no_value() -> None:
    program = Program()
    for _ in range(2):
        program.op("relu", [program.fresh("empty", 32)], X)
    assert repeats_of(program.recording()) == ()


def test_results_that_differ_are_no_repetition() -> None:
    program = Program()
    x = program.input(X)
    results = [program.op("custom", [x], numbers) for numbers in (Y, Z, Y)]
    for result in results:
        program.op("sin", [result], X)
    assert repeats_of(program.recording()) == ((0, 2), (3, 5))


@pytest.mark.parametrize("phase", ["backward", "optimizer"])
def test_what_autograd_and_optimizers_run_is_left_alone(phase: str) -> None:
    program = Program()
    x = program.input(X)
    program.op("sin", [x], Y)
    program.phase = phase  # type: ignore[assignment]
    program.op("sin", [x], Y)
    program.op("sin", [x], Y)
    assert repeats_of(program.recording()) == ()


def test_every_layer_with_its_own_weight() -> None:
    program = Program()
    x = program.input(X)
    for layer in range(3):
        program.op("mm", [x, program.parameter(Y, f"layers.{layer}.weight")], Z)
    assert repeats_of(program.recording()) == ()


def test_results_laid_out_otherwise_are_no_repetition() -> None:
    program = Program()
    x = program.input(X)
    for _ in range(2):
        result = program.op("custom", [x], Y)
    program.values[result] = replace(program.values[result], strides=(2,))
    assert repeats_of(program.recording()) == ()
