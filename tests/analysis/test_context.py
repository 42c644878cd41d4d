from __future__ import annotations

from magneton.analysis.context import overlap, surroundings
from magneton.analysis.flow import flow_of

from .recordings import Program, gauss


def test_the_surroundings_are_the_nearest_matched_values_and_the_operators() -> None:
    program = Program()
    x, w = program.input(gauss(8, 1)), program.parameter(gauss(8, 2))
    y = program.op("mm", [x, w], gauss(8, 3))
    hidden = program.op("exp", [y], gauss(8, 4))
    z = program.op("mul", [hidden, x], gauss(8, 5))
    flow = flow_of(program.recording(z))
    # x and z are matched, as pairs 70 and 71.
    assert surroundings(flow, y, {x: 70, z: 71}) == {
        ("above", 70),
        ("from", 70),
        ("below", 71),
        ("producer", "mm"),
        ("consumer", "exp"),
    }
    assert surroundings(flow, w, {x: 70}) == {
        ("beside", 70),
        ("leaf", ""),
        ("consumer", "mm"),
    }
    assert ("output", 0) in surroundings(flow, z, {})


def test_an_operator_over_very_many_tensors_says_nothing() -> None:
    program = Program()
    many = [program.input(gauss(8, seed)) for seed in range(60)]
    results = program.ops("_foreach_add", many, [gauss(8, 100 + seed) for seed in range(5)])
    flow = flow_of(program.recording())
    pairs = {group: group for group in [*many[1:], *results]}
    assert surroundings(flow, many[0], pairs) == {("leaf", ""), ("consumer", "add")}


def test_the_overlap_weighs_relations_more_than_names() -> None:
    # 1 of "above" in common; "producer" (1/2) on one side only.
    both, one = ("above", 1), ("producer", "mm")
    assert overlap(frozenset([both, one]), frozenset([both])) == 1 / 1.5
    assert overlap(frozenset([one]), frozenset([both])) == 0.0
    assert overlap(frozenset(), frozenset()) == 0.0


def test_names_do_not_tell_how_an_operator_is_run() -> None:
    around = []
    for name in ("add", "add_", "_foreach_add", "_foreach_add_"):
        program = Program()
        y = program.op(name, [program.input(gauss(8, 1))], gauss(8, 2))
        around.append(surroundings(flow_of(program.recording()), y, {}))
    assert around == [{("producer", "add")}] * 4


def test_an_operator_over_a_list_works_on_each_tensor_in_its_memory() -> None:
    program = Program()
    weights = [program.parameter(gauss(8, seed)) for seed in range(4)]
    gradients = [program.input(gauss(8, 10 + seed)) for seed in range(4)]
    updated = program.write_each(
        "_foreach_add_", weights, gradients, [gauss(8, 20 + seed) for seed in range(4)]
    )
    flow = flow_of(program.recording())
    assert surroundings(flow, updated[2], {weight: 70 + i for i, weight in enumerate(weights)}) == {
        ("above", 72),
        ("from", 72),
        ("producer", "add"),
    }
    assert surroundings(flow, weights[1], {value: 80 + i for i, value in enumerate(updated)}) == {
        ("below", 81),
        ("into", 81),
        ("leaf", ""),
        ("consumer", "add"),
    }


def test_an_operator_with_few_results_makes_them_all_of_all_it_reads() -> None:
    program = Program()
    x, y = program.input(gauss(8, 1)), program.input(gauss(8, 2))
    results = program.ops("var_mean", [x, y], [gauss(8, seed) for seed in (3, 4, 5)])
    flow = flow_of(program.recording())
    found = surroundings(flow, results[0], {x: 70, y: 71})
    assert {("from", 70), ("from", 71)} <= found
