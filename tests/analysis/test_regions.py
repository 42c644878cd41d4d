from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from magneton.analysis.matching import match
from magneton.analysis.regions import Cut, cut
from magneton_agent.schema.recording import Recording

from .recordings import Program, gauss
from .test_matching import tangle

N = 64
X, W, U, V, Y, Z = (gauss(N, seed) for seed in range(6))
Region = tuple[list[str], list[str]]


def cut_of(a: Recording, b: Recording) -> Cut:
    """The cut, after checking that every operator is somewhere exactly once."""
    found = cut(a, b, match(a, b))
    for recording, parts, rest in (
        (a, [region.a for region in found.regions], found.unmatched_a),
        (b, [region.b for region in found.regions], found.unmatched_b),
    ):
        placed = sorted([*(i for part in parts for i in part), *rest])
        assert placed == list(range(len(recording.operators)))
        for part, region in zip(parts, found.regions, strict=True):
            assert {recording.operators[i].phase for i in part} <= {region.phase}
    return found


def names(a: Recording, b: Recording, found: Cut) -> list[Region]:
    return [
        (
            [a.operators[i].name.removeprefix("aten::") for i in region.a],
            [b.operators[i].name.removeprefix("aten::") for i in region.b],
        )
        for region in found.regions
    ]


def regions(a: Recording, b: Recording) -> list[Region]:
    """The regions as operator names; nothing is left unmatched."""
    found = cut_of(a, b)
    assert (found.unmatched_a, found.unmatched_b) == ((), ())
    return names(a, b, found)


def mlp(program: Program, written_out: bool) -> Recording:
    x = program.input(X)
    up = program.op("mm", [x, program.parameter(W)], U)
    if written_out:
        cube = program.op("pow", [up], gauss(N, 10))
        inner = program.op("add", [up, program.op("mul", [cube], gauss(N, 11))], gauss(N, 12))
        tanh = program.op("tanh", [program.op("mul", [inner], gauss(N, 13))], gauss(N, 14))
        half = program.op("mul", [up], gauss(N, 15))
        act = program.op("mul", [half, program.op("add", [tanh], gauss(N, 16))], V)
    else:
        act = program.op("gelu", [up], V)
    return program.recording(program.op("mm", [act, program.parameter(Y)], Z))


def test_a_written_out_activation_is_one_region() -> None:
    a, b = mlp(Program(), written_out=True), mlp(Program(), written_out=False)
    written = ["pow", "mul", "add", "mul", "tanh", "mul", "add", "mul"]
    assert regions(a, b) == [(["mm"], ["mm"]), (written, ["gelu"]), (["mm"], ["mm"])]
    assert regions(b, a) == [(["mm"], ["mm"]), (["gelu"], written), (["mm"], ["mm"])]


def test_a_region_names_its_matched_inputs_and_outputs() -> None:
    a, b = mlp(Program(), written_out=True), mlp(Program(), written_out=False)
    first, activation, last = cut_of(a, b).regions
    # Value ids: a has 0 x, 1 W, 2 up, 3 to 9 the activation's parts, 10 act, 11 Y, 12 the result.
    assert first.inputs == ((0, 0), (1, 1))
    assert (activation.inputs, activation.outputs) == (((2, 2),), ((10, 3),))
    assert (last.inputs, last.outputs) == (((10, 3), (11, 4)), ((12, 5),))


def test_slicing_before_or_after_the_head_is_one_region() -> None:
    a, b = Program(), Program()
    for program, before in ((a, False), (b, True)):
        hidden = program.op("layer_norm", [program.input(X)], U)
        weight = program.parameter(W)
        if before:
            hidden = program.op("slice", [hidden], U[-8:])
        logits = program.op("mm", [hidden, weight], V[-16:] if before else gauss(1000, 9) + V[-16:])
        if not before:
            logits = program.op("slice", [logits], V[-16:])
    norm = (["layer_norm"], ["layer_norm"])
    assert regions(a.recording(4), b.recording(4)) == [norm, (["mm", "slice"], ["slice", "mm"])]


def test_eigenvalues_and_their_sorting_are_two_regions() -> None:
    values = gauss(N, 20)
    a, b = Program(), Program()
    c = a.op("linalg_eigvals", [a.input(X)], [*values, *([0.0] * N)], "complex64")
    a_sorted = a.ops("sort", [a.op("real", [c], values)], [sorted(values)])[0]
    w = b.op("linalg_eigvalsh", [b.input(X)], sorted(values))
    b_sorted = b.ops("sort", [w], [sorted(values)])[0]
    assert regions(a.recording(a_sorted), b.recording(b_sorted)) == [
        (["linalg_eigvals", "real"], ["linalg_eigvalsh"]),
        (["sort"], ["sort"]),
    ]


def test_moves_go_with_the_next_operator_that_computes() -> None:
    a, b = Program(), Program()
    y = a.move("clone", a.move("transpose", a.op("mul", [a.input(X)], U)))
    last = a.op("exp", [y], V)
    a.move("view", last)
    b.op("exp", [b.op("mul", [b.input(X)], U)], V)
    assert regions(a.recording(last), b.recording(2)) == [
        (["mul"], ["mul"]),
        (["transpose", "clone", "exp", "view"], ["exp"]),
    ]


def test_a_program_of_moves_only() -> None:
    a, b = Program(), Program()
    a_last = a.move("clone", a.move("transpose", a.input(X)))
    b_last = b.move("view", b.input(X))
    found = regions(a.recording(a_last), b.recording(b_last))
    assert found == [(["transpose", "clone"], ["view"])]


def test_what_one_side_makes_and_the_other_has_goes_with_the_one_region_that_reads_it() -> None:
    """The rates of a position table, kept by A in a buffer."""
    a, b = Program(), Program()
    a.op("mm", [a.input(X), a.op("outer", [a.parameter(W)], U)], V)
    rates = b.op("pow", [b.op("arange", [], [float(i) for i in range(N)])], W)
    b.op("mm", [b.input(X), b.op("outer", [rates], U)], V)
    expected = [(["outer"], ["arange", "pow", "outer"]), (["mm"], ["mm"])]
    assert regions(a.recording(), b.recording()) == expected
    mirrored = [(["arange", "pow", "outer"], ["outer"]), (["mm"], ["mm"])]
    assert regions(b.recording(), a.recording()) == mirrored


def test_what_both_sides_make_goes_with_no_reader() -> None:
    a, b = Program(), Program()
    for program, name in ((a, "pow"), (b, "exp")):
        table = program.op(name, [], W)
        program.op("mm", [program.input(X), table], V)
    assert regions(a.recording(), b.recording()) == [(["pow"], ["exp"]), (["mm"], ["mm"])]


def attention(program: Program, fused: bool, layers: int) -> Recording:
    x = program.input(X)
    if not fused:
        mask = program.op("triu", [program.op("full", [], [-1e9] * N)], [0.0, -1e9] * (N // 2))
    for layer in range(layers):
        result = gauss(N, 100 + layer)
        if fused:
            x = program.op("sdpa", [x], result)
        else:
            scores = program.op("bmm", [x], gauss(N, 200 + layer))
            shifted = program.op("add", [scores, mask], gauss(N, 300 + layer))
            x = program.op("softmax", [shifted], result)
    return program.recording(x)


def test_a_shared_mask_does_not_join_the_layers() -> None:
    a, b = attention(Program(), False, 3), attention(Program(), True, 3)
    found = cut_of(a, b)
    assert names(a, b, found) == [(["bmm", "add", "softmax"], ["sdpa"])] * 3
    assert found.unmatched_a == (0, 1)


def test_a_mask_for_one_place_goes_with_it() -> None:
    a, b = attention(Program(), False, 1), attention(Program(), True, 1)
    assert regions(a, b) == [(["full", "triu", "bmm", "add", "softmax"], ["sdpa"])]


def test_masks_that_serve_the_same_regions_are_one_region() -> None:
    programs = []
    for blocked in (-1e9, -1e4):
        program = Program()
        x = program.input(X)
        mask = program.op("where", [], [0.0, blocked] * (N // 2))
        for layer in range(2):
            x = program.op("softmax", [x, mask], gauss(N, 100 + layer))
        programs.append(program.recording(x))
    softmax = (["softmax"], ["softmax"])
    assert regions(*programs) == [(["where"], ["where"]), softmax, softmax]


def test_a_mask_made_from_an_input_does_not_join_the_layers_either() -> None:
    a, b = Program(), Program()
    x, padding = a.input(X), a.input(Y)
    mask = a.op("where", [padding], gauss(N, 50))
    for layer in range(2):
        x = a.op("softmax", [x, mask], gauss(N, 100 + layer))
    y = b.input(X)
    b.input(Y)
    for layer in range(2):
        y = b.op("sdpa", [y], gauss(N, 100 + layer))
    assert regions(a.recording(x), b.recording(y)) == [
        (["where", "softmax"], ["sdpa"]),
        (["softmax"], ["sdpa"]),
    ]


def test_work_that_nobody_uses_goes_with_the_smallest_region_on_the_same_values() -> None:
    a, b = Program(), Program()
    for program, twice in ((a, True), (b, False)):
        y = program.op("exp", [program.input(X)], U)
        program.op("sin", [y], V)
        if twice:
            program.op("cos", [y], W)
    assert regions(a.recording(2), b.recording(2)) == [
        (["exp"], ["exp"]),
        (["sin", "cos"], ["sin"]),
    ]


@pytest.mark.parametrize(("module", "unmatched"), [("layer.0", ()), ("layer.1", (2,))])
def test_work_that_nobody_uses_goes_with_its_own_module_only(
    module: str, unmatched: tuple[int, ...]
) -> None:
    a, b = Program(), Program()
    for program in (a, b):
        program.module = "layer.0"
        y = program.op("exp", [program.input(X)], U)
        program.op("sin", [y], V)
    a.module = module
    a.op("cos", [1], W)
    first, second = a.recording(2), b.recording(2)
    found = cut_of(first, second)
    assert found.unmatched_a == unmatched
    last = ["sin"] if unmatched else ["sin", "cos"]
    assert names(first, second, found) == [(["exp"], ["exp"]), (last, ["sin"])]


def test_work_of_another_module_goes_with_what_uses_it() -> None:
    a, b = Program(), Program()
    y = a.op("exp", [a.input(X)], U)
    a.module = "layer.1"
    y = a.op("cos", [y], W)
    a.module = ""
    a.op("sin", [y], V)
    b.op("sin", [b.op("exp", [b.input(X)], U)], V)
    assert regions(a.recording(3), b.recording(2)) == [
        (["exp"], ["exp"]),
        (["cos", "sin"], ["sin"]),
    ]


def test_what_follows_a_difference_is_unmatched() -> None:
    a, b = Program(), Program()
    for program, name, hidden, last in ((a, "relu", V, W), (b, "sigmoid", Y, Z)):
        y = program.op("mm", [program.input(X)], U)
        program.op("sum", [program.op(name, [y], hidden)], last)
    first, second = a.recording(3), b.recording(3)
    found = cut_of(first, second)
    assert names(first, second, found) == [(["mm"], ["mm"])]
    assert (found.unmatched_a, found.unmatched_b) == ((1, 2), (1, 2))


def test_a_different_output_is_not_part_of_what_reads_the_same_value() -> None:
    a, b = Program(), Program()
    for program, name, last in ((a, "relu", V), (b, "sigmoid", Y)):
        y = program.op("mm", [program.input(X)], U)
        program.op("sin", [y], Z)
        program.op(name, [y], last)
    first, second = a.recording(2, 3), b.recording(2, 3)
    found = cut_of(first, second)
    assert names(first, second, found) == [(["mm"], ["mm"]), (["sin"], ["sin"])]
    assert (found.unmatched_a, found.unmatched_b) == ((2,), (2,))


def test_operators_without_a_result_are_paired_by_what_they_read() -> None:
    a, b = Program(), Program()
    for program in (a, b):
        y = program.op("exp", [program.input(X)], U)
        program.ops("item", [y], [])
        program.ops("item", [y], [])
    b.ops("item", [0], [])
    first, second = a.recording(1), b.recording(1)
    found = cut_of(first, second)
    item = (["item"], ["item"])
    assert names(first, second, found)[1:] == [item, item]
    assert names(first, second, found)[0] == (["exp"], ["exp", "item"])


def step(program: Program, foreach: bool, layers: int) -> Recording:
    x = program.input(X)
    weights = [program.parameter(gauss(N, 100 + layer)) for layer in range(layers)]
    for layer in range(layers):
        x = program.op("mm", [x, weights[layer]], gauss(N, 200 + layer))
    program.phase = "backward"
    gradients = []
    for layer in reversed(range(layers)):
        gradients.append(program.op("mm", [x, weights[layer]], gauss(N, 300 + layer)))
        x = program.op("mm", [x, weights[layer]], gauss(N, 400 + layer))
    program.phase = "optimizer"
    updated = [gauss(N, 500 + layer) for layer in range(layers)]
    if foreach:
        program.ops("_foreach_add_", [*weights, *gradients[::-1]], updated)
    else:
        for layer in range(layers):
            program.op("add_", [weights[layer], gradients[-1 - layer]], updated[layer])
    return program.recording()


def test_a_foreach_optimizer_is_one_region_and_phases_stay_apart() -> None:
    a, b = step(Program(), False, 80), step(Program(), True, 80)
    found = cut_of(a, b)
    assert [region.phase for region in found.regions].count("backward") == 160
    assert names(a, b, found)[-1] == (["add_"] * 80, ["_foreach_add_"])
    assert len(found.regions) == 80 + 160 + 1


def test_an_unmatched_value_does_not_join_two_phases() -> None:
    a, b = Program(), Program()
    for program, saved, name in ((a, Y, "exp"), (b, Z, "exp2")):
        y, kept = program.ops(name, [program.input(X)], [U, saved])
        program.phase = "backward"
        program.op("exp_backward", [y, kept], V)
    exp, backward = cut_of(a.recording(1), b.recording(1)).regions
    assert (exp.phase, exp.a, exp.b) == ("forward", (0,), (0,))
    assert (backward.phase, backward.a, backward.b) == ("backward", (1,), (1,))


@pytest.mark.parametrize("seed", range(20))
def test_a_program_against_itself_is_cut_into_single_operators(seed: int) -> None:
    recording = tangle(seed)
    found = cut_of(recording, recording)
    assert [(region.a, region.b) for region in found.regions] == [
        ((i,), (i,)) for i in range(len(recording.operators))
    ]


def test_the_cut_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.analysis.test_matching import tangle\n"
        "from magneton.analysis.matching import match\n"
        "from magneton.analysis.regions import cut\n"
        "a, b = tangle(1), tangle(2)\n"
        "print(cut(a, b, match(a, b)))\n"
    )
    root = Path(__file__).parents[2]
    path = os.pathsep.join((str(root), str(root / "server")))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(outputs) == 1
    assert "RegionPair" in outputs.pop()
