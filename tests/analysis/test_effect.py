"""When a candidate that was tried is the cause."""

from __future__ import annotations

import math

import pytest

from magneton.analysis.effect import Effect, expected, took
from magneton.analysis.statistics import Interval

TENTH = 0.10


def sure(value: float) -> Interval:
    return Interval(value, value, value)


@pytest.mark.parametrize(
    ("ratio", "other", "settles"),
    [
        (sure(4.0), sure(4.0), True),
        (sure(5.0), sure(4.0), True),  # more than the other side saves
        (sure(3.7), sure(4.0), True),  # 4 / 3.7 = 1.08, within 1 / 0.9
        (sure(1.32), sure(1.44), True),  # within 1 / 0.9, though not within a fifth of the way
        (sure(3.1), sure(4.0), True),  # 4 / 3.1 = 1.29, within a fifth of the way: 4 ** 0.2 = 1.32
        (sure(2.9), sure(4.0), False),  # 4 / 2.9 = 1.38
        (Interval(2.9, 2.7, 3.1), sure(4.0), True),  # it may reach 3.1
        (sure(2.9), Interval(4.0, 3.8, 4.2), True),  # the other side may need 1 / 3.8
        (sure(1.0), sure(1.12), False),
        (sure(1.04), sure(1.12), False),  # within a tenth of it, but a third of the way
        (Interval(1.1, 0.9, 1.3), sure(1.2), False),  # it may have done nothing
    ],
)
def test_the_energy_moves_to_the_other_sides(
    ratio: Interval, other: Interval, settles: bool
) -> None:
    assert Effect(ratio, other, None).settles(TENTH) is settles


@pytest.mark.parametrize(
    ("ratio", "outputs", "may"),
    [
        (sure(1.6), None, True),  # a third of the way to 4 is 1.59
        (sure(1.5), None, False),
        (Interval(1.6, 0.9, 2.0), None, True),  # it may have done nothing: that is asked again
        (sure(4.0), "output: elements differ", False),
        (Interval(4.0, 0.0, math.inf), None, False),
    ],
)
def test_what_may_be_the_cause_is_worth_another_pair_of_processes(
    ratio: Interval, outputs: str | None, may: bool
) -> None:
    assert Effect(ratio, sure(4.0), outputs).may_settle is may


def test_what_changes_the_outputs_is_no_cause() -> None:
    effect = Effect(sure(4.0), sure(4.0), "output: elements differ by up to 0.3 of their size")
    assert not effect.settles(TENTH)
    assert effect.text == (
        "the outputs are not known to be equal then "
        "(output: elements differ by up to 0.3 of their size)"
    )


def test_the_figures_in_words() -> None:
    effect = Effect(Interval(4.0, 2.0, 5.0), sure(2.0), None)
    assert effect.text == (
        "these operators then take 0.25 times the energy (0.20 to 0.50); the other side's take "
        "0.50 times"
    )


@pytest.mark.parametrize("ratio", [Interval(2.0, 0.0, math.inf), Interval(math.nan, 0.0, math.inf)])
def test_what_is_not_known_settles_nothing(ratio: Interval) -> None:
    assert not Effect(ratio, sure(2.0), None).settles(TENTH)
    assert not Effect(sure(2.0), ratio, None).settles(TENTH)
    unknown = "an unknown part of the energy (too few blocks count, or they are too short)"
    assert took("a step then takes", ratio) == f"a step then takes {unknown}"
    assert Effect(ratio, ratio, None).text == (
        f"these operators then take {unknown}; what the other side's take is not known"
    )


def test_operators_that_took_no_time_have_no_share() -> None:
    found = expected(sure(4.0), 0.0, 0.0)
    assert (math.isnan(found.value), found.low, found.high) == (True, 0.0, math.inf)


def test_operators_that_are_only_part_of_what_is_looked_at() -> None:
    # 6 J, of which 4 J fall to 1 J: 6 / (2 + 1) = 2
    assert expected(Interval(4.0, 2.0, 8.0), 4.0, 6.0) == Interval(2.0, 6 / 4.0, 6 / 2.5)
    assert expected(sure(4.0), 6.0, 6.0) == sure(4.0)
