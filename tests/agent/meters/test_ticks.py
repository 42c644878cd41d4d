"""What is made of a counter's moves, on recorded and on made-up readings."""

from __future__ import annotations

import math
import random

import pytest

from magneton_agent.meters.ticks import (
    CounterReading,
    Period,
    Tick,
    instant_power_w,
    mean_power,
    period_of,
    power_between,
    response_of,
    ticks_in,
)

from .sessions import readings, stretches

SESSIONS = ("idle", "steps", "ramp", "pulses", "steady_linear", "steady_gelu", "steady_layer_norm")


def ticks(*powers_w: float, period_s: float = 0.1, blur_s: float = 0.01) -> list[Tick]:
    """A tick at 0, then one a period; each is known to lie within ``blur_s``."""
    energy_j, found = 0.0, [Tick(-blur_s / 2, blur_s / 2, 0.0)]
    for number, power_w in enumerate(powers_w, 1):
        energy_j += power_w * period_s
        middle_s = number * period_s
        found.append(Tick(middle_s - blur_s / 2, middle_s + blur_s / 2, energy_j))
    return found


@pytest.mark.parametrize("session", SESSIONS)
def test_the_recorded_counter_moves_every_100_ms(session: str) -> None:
    # Single moves were seen 73 to 131 ms apart.
    found = period_of(ticks_in(readings(session, 0.0, 11.0)))
    assert found is not None
    assert found.low_s <= 0.1 <= found.high_s
    assert found.high_s - found.low_s < 0.0005


def test_a_second_of_readings_tells_the_period_within_3_percent() -> None:
    for start_s in (0.0, 1.0, 2.0, 3.0, 4.0):
        found = period_of(ticks_in(readings("idle", start_s, start_s + 1.2)))
        assert found is not None
        assert found.value_s == pytest.approx(0.1, rel=0.03)


def test_windows_together_tell_it_better() -> None:
    one, other = Period(0.098, 0.101), Period(0.0995, 0.103)
    assert one.and_also(other) == Period(0.0995, 0.101)
    assert one.and_also(None) == one
    # The counter has changed: what was known before does not hold any more.
    assert one.and_also(Period(0.02, 0.021)) == Period(0.02, 0.021)


def test_a_tick_that_a_slow_call_has_hidden_is_counted() -> None:
    whole = ticks(*[300.0] * 10)
    seen = [tick for number, tick in enumerate(whole) if number != 4]
    assert period_of(seen) == period_of(whole)
    found = mean_power(seen, Period(0.1, 0.1))
    assert found is not None
    assert (found.power_w, found.duration_s) == pytest.approx((300.0, 1.0))


def test_ticks_that_come_at_random_have_no_period() -> None:
    source = random.Random(7)
    moments = [number * 0.1 + source.uniform(0.0, 0.08) for number in range(12)]
    assert period_of([Tick(at - 0.001, at + 0.001, at) for at in moments]) is None
    assert period_of(ticks(300.0, 300.0, 300.0)) is None  # too few to tell


def test_power_is_that_of_whole_ticks() -> None:
    # The time between the outer moves as they were seen would be 1.002 s of readings, and what
    # the first move adds was drawn before them.
    found = mean_power(ticks(200.0, 300.0, 400.0), Period(0.1, 0.1))
    assert found is not None
    assert (found.power_w, found.duration_s) == pytest.approx((300.0, 0.3))


def test_without_a_period_the_moves_as_seen_must_do() -> None:
    found = mean_power(ticks(200.0, 300.0, 400.0), None)
    assert found is not None
    assert (found.power_w, found.duration_s) == pytest.approx((300.0, 0.3))


@pytest.mark.parametrize("known", [0, 1])
def test_fewer_than_two_whole_ticks_are_no_power(known: int) -> None:
    assert mean_power(ticks(*[300.0] * known), Period(0.1, 0.1)) is None


def test_ticks_that_the_lag_reaches_into_are_dropped() -> None:
    found = mean_power(ticks(900.0, 900.0, 300.0, 300.0), Period(0.1, 0.1), not_before_s=0.19)
    assert found is not None
    assert (found.power_w, found.duration_s) == pytest.approx((300.0, 0.2))


def test_the_error_is_that_of_means_of_neighbours() -> None:
    # Nine ticks are three batches of three: 100, 200 and 300 W. Their standard deviation is
    # 100 W, that of their mean 100 / sqrt(3) W.
    stairs = [100.0] * 3 + [200.0] * 3 + [300.0] * 3
    found = mean_power(ticks(*stairs), Period(0.1, 0.1))
    assert found is not None
    assert found.error == pytest.approx(100 / math.sqrt(3) / 200)
    # As single ticks in another order the same values would promise a third less.
    mixed = mean_power(ticks(*[100.0, 200.0, 300.0] * 3), Period(0.1, 0.1))
    assert mixed is not None
    assert mixed.error == pytest.approx(0.0, abs=1e-12)


def test_what_is_not_known_of_the_period_is_in_the_error() -> None:
    found = mean_power(ticks(*[300.0] * 9), Period(0.09, 0.11))
    assert found is not None
    assert found.error == pytest.approx(0.1 / math.sqrt(3))


def test_three_ticks_have_no_error() -> None:
    found = mean_power(ticks(200.0, 300.0, 400.0), Period(0.1, 0.1))
    assert found is not None
    assert found.error is None


def test_instant_power_between_the_outer_ticks() -> None:
    seen = [
        CounterReading(0.1 * n, 0.1 * n + 0.01, n * 30_000, 100_000 if n < 3 else 400_000)
        for n in range(7)
    ]
    # From the first move at 0.11 s to the last at 0.61 s: 0.2 s at 100 W, 0.3 s at 400 W.
    assert instant_power_w(seen, ticks_in(seen)) == pytest.approx(280.0)


def test_a_board_may_have_no_instant_power() -> None:
    seen = [CounterReading(0.1 * n, 0.1 * n + 0.01, n * 30_000, None) for n in range(7)]
    assert instant_power_w(seen, ticks_in(seen)) is None


def test_both_sensors_of_the_recorded_board_agree_on_a_steady_load() -> None:
    load = stretches("steady_layer_norm")[1]
    seen = readings("steady_layer_norm", load.start_s + 1.0, load.end_s)
    counted = mean_power(ticks_in(seen), Period(0.1, 0.1))
    instant_w = instant_power_w(seen, ticks_in(seen))
    assert counted is not None
    assert instant_w == pytest.approx(counted.power_w, rel=0.005)


@pytest.mark.parametrize(
    ("session", "number"), [("steps", 1), ("steps", 3), ("steady_layer_norm", 1)]
)
def test_a_load_shows_at_once_on_the_recorded_counter(session: str, number: int) -> None:
    load = stretches(session)[number]
    end_s = load.start_s + 0.6
    found = response_of(
        ticks_in(readings(session, load.start_s - 1.2, end_s)),
        load.start_s,
        end_s,
        Period(0.1, 0.1),
    )
    assert found is not None
    assert found.lag_s <= 0.03
    assert found.settling_s == found.lag_s


def test_a_late_counter_has_its_lag() -> None:
    # The load starts at 0.5 s and shows from 0.7 s on.
    late = ticks(*[100.0] * 7, *[500.0] * 6)
    found = response_of(late, 0.5, 1.31, Period(0.1, 0.1))
    assert found is not None
    assert (found.lag_s, found.settling_s) == pytest.approx((0.2, 0.2))


def averaged(before: int, after: int) -> list[Tick]:
    """100 W for so many ticks, then 500 W, by a counter that averages over ten of them."""
    return ticks(*[100.0] * before, *[min(500.0, 100.0 + 40.0 * n) for n in range(1, after + 1)])


def test_a_counter_that_averages_has_settled_later_than_its_lag() -> None:
    found = response_of(averaged(5, 25), 0.5, 3.01, Period(0.1, 0.1))
    assert found is not None
    assert found.lag_s == pytest.approx(0.45)
    assert found.settling_s == pytest.approx(1.0)


def test_an_average_that_still_rises_slowly_has_not_settled() -> None:
    # 10 W a tick after 3 s, of a rise of 300 W: a counter that averages over 4 s.
    rising = ticks(*[100.0] * 5, *[100.0 + 10.0 * number for number in range(1, 31)])
    assert response_of(rising, 0.5, 3.51, Period(0.1, 0.1)) is None


@pytest.mark.parametrize(
    "powers_w",
    [
        [100.0] * 13,  # the load does not show
        [100.0] * 5 + [140.0, 180.0, 220.0, 260.0, 300.0, 340.0, 380.0, 420.0],  # an average
        [100.0] + [500.0] * 12,  # idle power is not known
    ],
)
def test_a_lag_that_cannot_be_told(powers_w: list[float]) -> None:
    started_s = 0.5 if powers_w[1] == 100.0 else 0.1
    assert response_of(ticks(*powers_w), started_s, 1.31, Period(0.1, 0.1)) is None


def test_a_lag_needs_the_period() -> None:
    assert response_of(ticks(*[100.0] * 7, *[500.0] * 6), 0.5, 1.31, None) is None


PERIOD = Period(0.0999, 0.1001)


def test_power_between_two_moments_takes_parts_of_ticks() -> None:
    # 0.05 s at 100 W, 0.1 s at 300 W, 0.02 s at 200 W: 5 + 30 + 4 = 39 J in 0.17 s
    found = power_between(ticks(100.0, 300.0, 200.0), PERIOD, 0.05, 0.22)
    assert found is not None
    assert found.power_w == pytest.approx(39.0 / 0.17)
    assert found.duration_s == pytest.approx(0.17)


@pytest.mark.parametrize(("start_s", "end_s"), [(-0.01, 0.2), (0.05, 0.31), (0.2, 0.2)])
def test_what_the_counter_was_not_seen_around_is_not_told(start_s: float, end_s: float) -> None:
    assert power_between(ticks(100.0, 300.0, 200.0), PERIOD, start_s, end_s) is None


def test_moves_are_placed_by_all_of_them_together() -> None:
    """A move that a slow call has shown late is where the others leave it room."""
    late = Tick(0.19, 0.24, 40.0)
    seen = [*ticks(100.0), late, *ticks(100.0, 300.0, 200.0)[3:]]
    exact = power_between(ticks(100.0, 300.0, 200.0), PERIOD, 0.1, 0.2)
    found = power_between(seen, PERIOD, 0.1, 0.2)
    assert exact is not None
    assert found is not None
    assert found.power_w == pytest.approx(exact.power_w, rel=0.01)
    without = power_between(seen, None, 0.1, 0.2)
    assert without is not None
    assert without.power_w == pytest.approx(300.0 * 0.1 / 0.115, rel=0.01)


def test_whole_long_steps_are_right_on_average_wherever_they_begin_in_a_tick() -> None:
    """Steps of 0.43 s, 0.06 s of them at 150 W and the rest at 650 W, from 0.25 s on."""
    source = random.Random(1)
    found = []
    for _ in range(400):
        first_s = source.uniform(0.0, 0.1)
        energies_j = [stepping_j(first_s + 0.1 * number) for number in range(26)]
        seen = [
            Tick(at_s - 0.002, at_s + 0.002, energy_j)
            for number, energy_j in enumerate(energies_j)
            for at_s in [first_s + 0.1 * number]
        ]
        power = power_between(seen, PERIOD, 0.68, 0.68 + 3 * 0.43)
        assert power is not None
        found.append(power.power_w)
    mean_w = (0.06 * 150 + 0.37 * 650) / 0.43
    assert sum(found) / len(found) == pytest.approx(mean_w, rel=0.003)


def stepping_j(time_s: float) -> float:
    steps, rest_s = divmod(max(0.0, time_s - 0.25), 0.43)
    low_s, high_s = min(rest_s, 0.06), max(0.0, rest_s - 0.06)
    return steps * (0.06 * 150 + 0.37 * 650) + low_s * 150 + high_s * 650
