"""The energy of one call from readings made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from magneton_agent.meters.meter import Reading
from magneton_agent.replay.estimate import Estimate, Estimator
from magneton_agent.schema.meters import Domain, DomainPower

BOARD, OTHER = Domain("GPU-1", "board"), Domain("GPU-2", "board")


def followed(
    powers_w: Sequence[float],
    period_s: float | None = 0.1,
    late_s: Sequence[float] = (),
    call_s: float | None = 0.002,
) -> list[Estimate | None]:
    """Estimates while updates of 0.1 s come in, one of ``powers_w`` each, ``late_s`` too late; the
    other board draws 70 W."""
    estimator = Estimator((BOARD,), period_s, lambda since_s: call_s)
    found = [estimator.see(None, 5.0)]
    energy_j = 0.0
    for number, power_w in enumerate(powers_w, start=1):
        energy_j += power_w * 0.1
        late = late_s[number - 1] if late_s else 0.0
        duration_s = 0.1 * number + late
        powers = (
            DomainPower(BOARD, energy_j / duration_s, None),
            DomainPower(OTHER, 70.0, None),
        )
        found.append(estimator.see(Reading(powers, duration_s), 5.0 + duration_s))
    return found


def test_power_times_the_time_of_a_call() -> None:
    # The first two updates are for settling: what was drawn then does not count.
    *_, found = followed([900.0, 100.0, 400.0, 400.0, 400.0])
    assert found is not None
    assert found.energy_j == pytest.approx(0.8)  # 400 W * 2 ms
    assert found.duration_s == 0.002
    assert found.error == pytest.approx(0.0, abs=1e-9)
    assert found.steady


def test_what_the_first_reading_covers_counts_where_power_had_settled() -> None:
    estimator = Estimator((BOARD,), 0.1, lambda since_s: 0.002)
    estimator.see(None, 5.0)
    found = None
    for number in (2, 3, 4):  # the window itself left out what came before 5.2 s
        powers = (DomainPower(BOARD, 400.0, None),)
        found = estimator.see(Reading(powers, 0.1 * number), 5.2 + 0.1 * number)
    assert found is not None
    assert found.energy_j == pytest.approx(0.8)


def test_three_settled_updates_are_needed() -> None:
    found = followed([400.0] * 6)
    # The second update is where counting starts.
    assert [each is not None for each in found] == [False] * 5 + [True] * 2


def test_the_error_is_students_of_the_updates() -> None:
    *_, found = followed([0.0, 0.0, 396.0, 400.0, 404.0])
    assert found is not None
    # 4.30 * 4 W / sqrt(3) of 400 W
    assert found.error == pytest.approx(4.30 * 4 / 3**0.5 / 400)
    assert found.steady
    *_, loose = followed([0.0, 0.0, 380.0, 400.0, 420.0])
    assert loose is not None
    assert not loose.steady


def test_an_update_that_was_noticed_late_is_a_whole_period_all_the_same() -> None:
    *_, found = followed([0.0, 0.0, *[400.0] * 3], late_s=[0.0, 0.0, 0.02, 0.0, 0.03])
    assert found is not None
    assert found.energy_j == pytest.approx(0.8)
    assert found.error == pytest.approx(0.0, abs=1e-9)


def test_without_a_known_period_lateness_is_in_the_error() -> None:
    *_, found = followed([0.0, 0.0, *[400.0] * 3], None, late_s=[0.0, 0.0, 0.02, 0.0, 0.03])
    assert found is not None
    assert found.error > 0.1


def test_a_reading_that_has_not_moved_says_nothing_new() -> None:
    estimator = Estimator((BOARD,), 0.1, lambda since_s: 0.002)
    reading = Reading((DomainPower(BOARD, 400.0, None),), 0.1)
    estimator.see(reading, 5.0)
    assert estimator.see(reading, 5.5) is None


def test_without_the_time_of_a_call_there_is_no_estimate() -> None:
    assert followed([400.0] * 9, call_s=None) == [None] * 10


def test_a_counter_that_stands_still_says_nothing() -> None:
    assert followed([0.0] * 9) == [None] * 10


def test_the_time_of_a_call_is_that_since_counting_began() -> None:
    asked: list[float] = []

    def call_s(since_s: float) -> float:
        asked.append(since_s)
        return 0.002

    estimator = Estimator((BOARD,), 0.1, call_s)
    estimator.see(None, 5.0)
    for number in range(1, 6):
        powers = (DomainPower(BOARD, 400.0, None),)
        estimator.see(Reading(powers, 0.1 * number), 5.0 + 0.1 * number)
    assert asked == [5.2]
