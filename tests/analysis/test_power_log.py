"""Reading an external meter's log."""

from __future__ import annotations

import pytest

from magneton.analysis.power_log import PowerLog, parse
from magneton_agent.schema.errors import MagnetonError


def test_two_columns_need_no_header_and_a_line_being_written_waits() -> None:
    log = parse("10,5\n11.5,7.5\n12,9", "power.csv")
    assert (log.times_s, log.watts) == ([10.0, 11.5], [5.0, 7.5])


def test_a_header_names_the_two_among_others() -> None:
    log = parse("volts,Watts, Timestamp\n230,5,1.0\n230,6,2.0\n\n", "power.csv")
    assert (log.times_s, log.watts) == ([1.0, 2.0], [5.0, 6.0])


def test_iso_times_with_and_without_a_zone() -> None:
    log = parse("2026-01-02T03:04:05.5Z,1\n2026-01-02T04:04:07.0+01:00,2\n", "power.csv")
    assert log.times_s[1] - log.times_s[0] == pytest.approx(1.5)
    assert parse("2026-01-02 03:04:05,1\n2026-01-02 03:04:06,1\n", "p").period_s == 1.0


def test_readings_at_one_time_count_once() -> None:
    log = parse("1,5\n1,6\n2,7\n", "power.csv")
    assert (log.times_s, log.watts) == ([1.0, 2.0], [5.0, 7.0])


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "its first line neither names its columns nor has just two"),
        ("time,power,volts\n1,2,3\n", "its first line neither names its columns nor has just two"),
        ("1,5\n2,six\n", "line 2 is no reading: '2,six'"),
        ("timestamp,watts\n1,5\nnever,6\n", "line 3 is no reading: 'never,6'"),
        ("1,5\n2,nan\n", "line 2 holds no number: '2,nan'"),
        ("5,1\n4,1\n", "in line 2 its clock goes back"),
        ("1,5\n2,6", "it holds less than two readings"),
    ],
)
def test_what_is_no_log_is_refused(text: str, cause: str) -> None:
    with pytest.raises(MagnetonError) as raised:
        parse(text, "power.csv")
    assert raised.value.fact == "power.csv cannot be read as a meter's log"
    assert raised.value.cause == cause
    assert raised.value.remedy


def test_mean_power_is_integrated_between_readings() -> None:
    log = PowerLog([0.0, 1.0, 3.0], [10.0, 20.0, 40.0])
    assert log.mean_w(0.0, 1.0) == pytest.approx(15.0)
    assert log.mean_w(0.0, 3.0) == pytest.approx(25.0)  # (15 + 2 * 30) / 3
    # 0.5 s from 15 to 20 W, then 1 s from 20 to 30 W: 8.75 + 25 J in 1.5 s.
    assert log.mean_w(0.5, 2.0) == pytest.approx(22.5)
    assert log.within(0.5, 3.0) == [20.0, 40.0]
    assert log.gaps(1.5) == [(1.0, 3.0)]
    assert log.covers(0.0, 3.0)
    assert not log.covers(0.0, 3.1)
