"""What else runs beside a measurement."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.engine.machine import Beside, CpuTimes, cpu_times

LINE = "cpu  100 20 30 4000 500 6 7 80 9 1\ncpu0 50 10 15 2000 250 3 4 40 4 0\n"
ADVICE = (
    ", which holds this program up: where something is unresolved, run it again when the machine "
    "is quieter"
)


def test_idle_and_waiting_are_not_busy_and_guests_are_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sysconf", {"SC_CLK_TCK": 100}.__getitem__)
    stat = tmp_path / "stat"
    stat.write_text(LINE)
    found = cpu_times(stat)
    assert found is not None
    assert found.busy_s == pytest.approx(1.63)  # (100 + 20 + 30 + 6 + 7) ticks
    assert found.withheld_s == pytest.approx(0.8)


@pytest.mark.parametrize("text", ["", "cpu 1 2 3\n", "cpu many\n"])
def test_a_system_that_does_not_tell(tmp_path: Path, text: str) -> None:
    stat = tmp_path / "stat"
    stat.write_text(text)
    assert cpu_times(stat) is None
    assert cpu_times(tmp_path / "none") is None
    nothing = Beside()
    nothing.add(None, None, 60.0, 30.0)
    assert nothing == Beside()


@pytest.mark.parametrize(
    ("cpus", "others_s", "withheld_s", "said"),
    [
        (2, 5.0, 0.0, ["other programs kept 0.5 of 2 CPUs busy meanwhile"]),
        (2, 2.0, 2.0, []),
        (64, 60.0, 0.0, []),  # less than a tenth of them
        (64, 70.0, 0.0, ["other programs kept 7.0 of 64 CPUs busy meanwhile"]),
        (2, 0.0, 3.0, ["the host of this virtual machine withheld 0.3 of 2 CPUs"]),
        (None, 9.0, 0.0, ["other programs kept 0.9 of 1 CPUs busy meanwhile"]),
    ],
)
def test_what_is_much_is_told(
    cpus: int | None, others_s: float, withheld_s: float, said: list[str]
) -> None:
    found = Beside()
    for _ in range(2):
        busy_s = others_s / 2 + 4.0
        found.add(CpuTimes(1.0, 1.0), CpuTimes(1.0 + busy_s, 1.0 + withheld_s / 2), 5.0, 4.0)
    assert found.warnings(cpus) == [text + ADVICE for text in said]


def test_moments_tell_nothing() -> None:
    found = Beside()
    found.add(CpuTimes(0.0, 0.0), CpuTimes(0.9, 0.0), 0.9, 0.0)
    assert found.warnings(1) == []
