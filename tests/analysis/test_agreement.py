"""Parameters in common, whatever they are called."""

from __future__ import annotations

from magneton.analysis.agreement import agreeing
from magneton_agent.schema.messages import NamedSketch
from tests.analysis.recordings import gauss, sketch


def parameter(name: str, *numbers: float) -> NamedSketch:
    return NamedSketch(name, (len(numbers),), sketch(numbers))


def test_names_do_not_matter_values_do() -> None:
    a = [parameter("w", 1, 2, 3), parameter("b", 4, 5, 6)]
    b = [parameter("other", 3, 1, 2), parameter("b", 4, 5, 7)]
    assert agreeing(a, b) == 1


def test_every_parameter_needs_a_partner_of_its_own() -> None:
    a = [parameter("x", 0, 0), parameter("y", 0, 0), parameter("z", 1, 1)]
    b = [parameter("x", 0, 0), parameter("y", 1, 1), parameter("z", 1, 1)]
    assert agreeing(a, b) == 2


def test_the_number_of_elements_counts() -> None:
    assert agreeing([parameter("w", 0, 0)], [parameter("w", 0, 0, 0)]) == 0


def test_rounding_errors_do_not_count() -> None:
    numbers = gauss(100, 1)
    close = [number * (1 + 1e-9) for number in numbers]
    assert agreeing([parameter("w", *numbers)], [parameter("w", *close)]) == 1


def test_nothing_agrees_with_nothing() -> None:
    assert agreeing([], [parameter("w", 1)]) == 0
