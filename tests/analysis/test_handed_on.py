"""What a region is only given otherwise, and which region made it so."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.handed_on import Given, handed_on, laid_out, unknown
from magneton.analysis.regions import RegionPair
from magneton_agent.schema.recording import Recording
from tests.analysis.recordings import Program, gauss

DOUBLE = frozenset((("dtype", "float64", "float32"),))
NUMBERS = [gauss(8, seed) for seed in range(9)]


def chain(dtype: str, length: int, **last: str) -> Program:
    """An input that is converted, and ``length`` operators of which each reads the one before."""
    program = Program()
    value = program.input(NUMBERS[0])
    value = program.op("convert", [value], NUMBERS[1], dtype)
    for number in range(length):
        extra = last if number == length - 1 else {}
        value = program.op("exp", [value], NUMBERS[2], dtype, **extra)
    return program


def regions(program: Program) -> list[RegionPair]:
    """A region for each operator, the same on both sides."""
    return [
        RegionPair(
            (each.id,),
            (each.id,),
            "forward",
            tuple((i, i) for i in each.inputs),
            tuple((i, i) for i in each.outputs),
        )
        for each in program.operators
    ]


def given(a: Program, b: Program, owners: dict[int, int]) -> dict[int, Given]:
    return handed_on((a.recording(), b.recording()), regions(a), owners)


def test_a_type_that_lasts_comes_from_where_it_began() -> None:
    found = given(chain("float64", 3), chain("float32", 3), {0: 7, 1: 8, 3: 9})
    assert found == {number: Given(DOUBLE, frozenset((7,))) for number in (1, 3)}


def test_where_no_finding_has_that_place_its_region_stands_for_it() -> None:
    found = given(chain("float64", 2), chain("float32", 2), {1: 8, 2: 9})
    assert found == {number: Given(DOUBLE, frozenset((-1,))) for number in (1, 2)}


def test_what_both_are_given_alike_is_given_by_none() -> None:
    assert given(chain("float32", 2), chain("float32", 2), {0: 7, 1: 8, 2: 9}) == {}


def test_other_arguments_are_a_difference_of_their_own() -> None:
    found = given(chain("float64", 2, base="2"), chain("float32", 2, base="10"), {1: 8, 2: 9})
    assert list(found) == [1]


def turned(program: Program) -> Recording:
    """The same, every tensor laid out by columns."""
    made = program.recording()
    values = (replace(each, shape=(2, 4), strides=(1, 2)) for each in made.values)
    return replace(made, values=tuple(values))


def straight(program: Program) -> Recording:
    made = program.recording()
    values = (replace(each, shape=(2, 4), strides=(4, 1)) for each in made.values)
    return replace(made, values=tuple(values))


LAYOUT = frozenset((("layout",),))


def test_a_layout_that_other_operators_may_have_made_anew_has_two_origins() -> None:
    owners = {0: 7, 1: 8, 2: 9}
    a, b = chain("float32", 2), chain("float32", 2)
    found = handed_on((turned(a), straight(b)), regions(a), owners)
    assert found == {number: Given(LAYOUT, frozenset((7,))) for number in (1, 2)}
    a.operators[1] = replace(a.operators[1], arguments={"base": "2"})
    b.operators[1] = replace(b.operators[1], arguments={"base": "10"})
    found = handed_on((turned(a), straight(b)), regions(a), owners)
    assert found == {2: Given(LAYOUT, frozenset((7, 8)))}


def test_weights_laid_out_otherwise_before_the_step_are_a_difference_of_their_own() -> None:
    program = chain("float32", 1)
    weight = program.parameter(NUMBERS[3])
    program.op("mm", [2, weight], NUMBERS[4])
    found = handed_on((turned(program), straight(program)), regions(program), {0: 7, 2: 9})
    assert found == {}


def test_a_long_chain_is_no_recursion() -> None:
    found = given(chain("float64", 3000), chain("float32", 3000), {0: 7, 3000: 9})
    assert found == {3000: Given(DOUBLE, frozenset((7,)))}


def test_what_an_operator_outside_of_all_regions_made_has_an_unknown_origin() -> None:
    a, b = chain("float64", 1), chain("float32", 1)
    part = [replace(regions(a)[1], a=(1,), b=(1,))]
    found = handed_on((a.recording(), b.recording()), part, {0: 9})
    assert found == {0: Given(DOUBLE, frozenset((unknown(part),)))}


def test_layouts() -> None:
    value = chain("float32", 0).values[0]
    assert laid_out(replace(value, shape=(2, 3, 4), strides=(12, 4, 1))) == ((24, 1),)
    assert laid_out(replace(value, shape=(2, 1, 4), strides=(4, 99, 1))) == ((8, 1),)
    assert laid_out(replace(value, shape=(3, 2, 4), strides=(4, 12, 1))) == (
        (3, 4),
        (2, 12),
        (4, 1),
    )
