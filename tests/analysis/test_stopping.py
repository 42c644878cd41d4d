"""Windows end as soon as they have told enough, and not before."""

from __future__ import annotations

import pytest

from magneton.analysis.complete import paired
from magneton.analysis.statistics import Interval
from magneton.analysis.stopping import enough, error_at, resolved, within

# Of four windows 1 % above and below their mean, taken A B, B A, A B, B A.
STEADY = (1.01, 0.99, 0.99, 1.01)
NOISY = (1.2, 0.8, 0.9, 1.1)


def test_looks_are_after_every_fourth_window_up_to_the_sixteenth() -> None:
    assert [n for n in range(1, 40) if error_at(n) is not None] == [4, 8, 12, 16]
    # 0.05 * ln(1 + 1.71828 / 4) = 0.01787
    assert error_at(4) == pytest.approx(0.01787, abs=1e-5)
    assert sum(error_at(n) or 0 for n in (4, 8, 12, 16)) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.91, 1.10, True),
        (1.12, 9.0, True),
        (0.1, 0.89, True),
        (0.89, 1.0, False),
        (1.0, 1.12, False),
        (0.5, 2.0, False),
    ],
)
def test_a_ratio_is_resolved_on_either_side_of_the_threshold(
    low: float, high: float, expected: bool
) -> None:
    assert resolved(Interval(1.0, low, high), 0.10) is expected


def test_only_a_ratio_within_the_threshold_is_none() -> None:
    assert within(Interval(1.0, 0.91, 1.10), 0.10)
    assert not within(Interval(2.0, 1.9, 2.1), 0.10)


def test_a_clear_difference_is_enough_and_so_is_surely_none() -> None:
    assert enough([[6 * each for each in STEADY], STEADY], 0.10, 0.018)
    assert enough([STEADY, [each * 1.001 for each in STEADY]], 0.10, 0.018)


def test_what_lies_near_the_threshold_is_not() -> None:
    a = [1.10 * each for each in STEADY]
    assert not enough([a, (1.0, 1.01, 0.99, 1.0)], 0.10, 0.018)


def test_a_clear_difference_of_uncertain_energies_is_not() -> None:
    assert not enough([[6 * each for each in NOISY], NOISY], 0.10, 0.018)


def test_a_look_that_may_spend_less_asks_for_more() -> None:
    a, b = (1.22, 1.20, 1.19, 1.21), (1.0, 1.01, 1.0, 0.99)
    assert enough([a, b], 0.10, 0.05)
    assert not enough([a, b], 0.10, 0.0005)


def test_one_side_alone_must_be_known_within_two_percent() -> None:
    assert enough([(1.001, 0.999, 0.999, 1.001)], 0.10, 0.018)
    assert not enough([NOISY], 0.10, 0.018)


def test_without_readings_nothing_is_known() -> None:
    assert not enough([[], []], 0.10, 0.05)
    assert not enough([[]], 0.10, 0.05)


def test_a_window_without_energy_does_not_shift_the_pairs() -> None:
    """Both sides swing alike by 4 %: their ratio is 1.1 in every pair, and spread in others."""
    swinging = [1.0, 1.04, 1.04, 1.0] * 4
    a = [1.1 * each for each in swinging]
    assert enough([a, [None, *swinging[1:]]], 0.10, 0.018)
    assert not enough([a[:-1], swinging[1:]], 0.10, 0.018)


def test_what_lies_between_rounds_of_one_order_is_left_out_too() -> None:
    # Round 2 is missing: rounds 1 and 3 were taken in the same order, and 4 follows 1.
    assert paired([0.0, 1.0, None, 3.0, 4.0], [5.0] * 5) == ([0.0, 1.0, 4.0], [5.0] * 3)
