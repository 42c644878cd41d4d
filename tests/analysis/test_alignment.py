"""Finding the marker load in a log."""

from __future__ import annotations

import pytest

from magneton.analysis.alignment import align, covered
from magneton.analysis.power_log import PowerLog
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Slot

from .meter_logs import BUSY_W, IDLE_W, logged, marker

BEFORE, AFTER = marker(20.0), marker(60.0)
STEPS = [Slot(True, 30.0 + 3 * n, 32.0 + 3 * n) for n in range(8)]
RUN = [*BEFORE, *STEPS, *AFTER]


@pytest.mark.parametrize("offset_s", [37.5, -12.34, 1.7e9 + 0.01])
@pytest.mark.parametrize("noise_w", [0.0, 2.0])
def test_the_offset_is_found_within_its_doubt(offset_s: float, noise_w: float) -> None:
    found = align(logged(RUN, 90.0, offset_s, noise_w=noise_w), BEFORE, AFTER, "power.csv")
    assert abs(found.offset_s - offset_s) <= found.doubt_s
    assert found.doubt_s < 0.035  # a period of 50 ms, of which the slots are a multiple
    assert found.correlation > 0.95
    assert found.idle_w == pytest.approx(IDLE_W, abs=0.5)


@pytest.mark.parametrize(
    ("slot_s", "period_s", "doubt_ms", "worst_ms"),
    [
        # A multiple of the period: all edges are seen equally late, by half a period at most.
        (0.5, 0.05, (28.0, 30.0), 26.0),
        (0.5, 0.1, (56.0, 60.0), 51.0),
        # No multiple: two thirds of that are gone on average.
        (0.5191, 0.05, (9.0, 12.0), 9.0),
        (0.5382, 0.1, (18.0, 24.0), 19.0),
    ],
)
def test_the_doubt_holds_whatever_the_phase_of_the_readings(
    slot_s: float, period_s: float, doubt_ms: tuple[float, float], worst_ms: float
) -> None:
    errors_ms, doubts_ms = [], []
    for number in range(20):
        later_s = number / 20 * period_s
        before, after = marker(20.0 + later_s, slot_s), marker(60.0 + later_s, slot_s)
        log = logged([*before, *after], 90.0, period_s=period_s)
        found = align(log, before, after, "power.csv")
        errors_ms.append(1000 * abs(found.offset_s - 37.5))
        doubts_ms.append(1000 * found.doubt_s)
    assert max(errors_ms) < worst_ms
    assert doubt_ms[0] < min(doubts_ms) <= max(doubts_ms) < doubt_ms[1]
    assert all(error < doubt for error, doubt in zip(errors_ms, doubts_ms, strict=True))


def test_drift_is_told_by_the_second_marker() -> None:
    found = align(logged(RUN, 90.0, 37.5, drift=0.002), BEFORE, AFTER, "power.csv")
    assert found.drift == pytest.approx(0.002, abs=5e-4)
    assert found.log_time_s(40.0) == pytest.approx(40.0 * 1.002 + 37.5, abs=0.04)


def test_energy_of_a_window_comes_out() -> None:
    log = logged(RUN, 90.0)
    found = align(log, BEFORE, AFTER, "power.csv")
    mean_w = log.mean_w(found.log_time_s(30.0), found.log_time_s(32.0))
    assert mean_w == pytest.approx(BUSY_W, rel=0.02)


def test_two_readings_a_second_are_enough() -> None:
    before, after = marker(20.0, 1.25), marker(60.0, 1.25)
    log = logged([*before, *after], 100.0, period_s=0.5)
    found = align(log, before, after, "power.csv")
    assert found.offset_s == pytest.approx(37.5, abs=0.3)


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (PowerLog([0.0, 99.0], [5.0, 5.0]), "its power never changes"),
        (logged(RUN, 40.0), "it covers 40 s, and the run took longer"),
        (logged(STEPS, 90.0), "the known load of this run is not clearly in it"),
        (logged(RUN, 90.0, noise_w=40.0), "the known load of this run is not clearly in it"),
    ],
    ids=["flat", "short", "another load", "noise"],
)
def test_without_a_clear_match_nothing_is_aligned(log: PowerLog, cause: str) -> None:
    with pytest.raises(MagnetonError) as raised:
        align(log, BEFORE, AFTER, "power.csv")
    assert raised.value.fact == "power.csv cannot be aligned with the run"
    assert raised.value.cause.startswith(cause)
    assert raised.value.remedy


def test_a_clock_that_runs_too_fast_is_refused() -> None:
    after = marker(40.0)
    log = logged([*BEFORE, *after], 90.0, drift=0.01)
    with pytest.raises(MagnetonError) as raised:
        align(log, BEFORE, after, "power.csv")
    assert raised.value.cause == "its clock runs +1.0 % against this machine's"


def test_a_log_that_pauses_does_not_cover_what_was_measured_then() -> None:
    whole = logged(RUN, 90.0)
    kept = [
        (time_s, power_w)
        for time_s, power_w in zip(whole.times_s, whole.watts, strict=True)
        if not 68.6 < time_s < 69.2  # 31.1 to 31.7 s of the worker's clock
    ]
    log = PowerLog([each[0] for each in kept], [each[1] for each in kept])
    found = align(log, BEFORE, AFTER, "power.csv")
    assert [covered(log, found, step) for step in STEPS] == [False] + [True] * (len(STEPS) - 1)


def test_a_log_that_ends_early_is_aligned_by_the_first_marker() -> None:
    whole = logged(RUN, 90.0)
    ended = STEPS[0].ended_s + 37.6
    kept = [each for each in zip(whole.times_s, whole.watts, strict=True) if each[0] < ended]
    log = PowerLog([each[0] for each in kept], [each[1] for each in kept])
    found = align(log, BEFORE, (), "power.csv")
    exact = align(whole, BEFORE, AFTER, "power.csv")
    assert found.drift == 0.0
    assert found.offset_s == pytest.approx(exact.offset_s, abs=found.doubt_s)
    assert covered(log, found, STEPS[0])
    assert not covered(log, found, STEPS[-1])
