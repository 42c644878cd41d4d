"""Counters of CPU packages and memory, in a tree of files like Linux's own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from magneton_agent.meters.meter import Absence, Reading
from magneton_agent.meters.rapl import RaplAbsent, RaplMeter, find_zones, rapl_meter
from magneton_agent.schema.meters import Domain, MissingMeter

RANGE_UJ = 262_143_328_850
PACKAGE, MEMORY = Domain("package-0", "package"), Domain("package-0/dram", "memory")


def zone(folder: Path, name: str, energy_uj: int = 0, range_uj: int = RANGE_UJ) -> Path:
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "max_energy_range_uj").write_text(f"{range_uj}\n")
    count(folder, energy_uj)
    return folder


def count(folder: Path, energy_uj: int) -> None:
    (folder / "energy_uj").write_text(f"{energy_uj}\n")


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """Two packages with memory, and what must not be counted a second time."""
    (tmp_path / "intel-rapl").mkdir()
    for number in (1, 0):
        package = zone(tmp_path / f"intel-rapl:{number}", f"package-{number}")
        zone(package / f"intel-rapl:{number}:0", "core")
        zone(package / f"intel-rapl:{number}:1", "dram")
    zone(tmp_path / "intel-rapl:2", "psys")
    zone(tmp_path / "intel-rapl-mmio:0", "package-0")
    zone(tmp_path / "dtpm:0", "package-0")
    return tmp_path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return zone(tmp_path / "intel-rapl:0", "package-0", range_uj=10_000_000)


class World:
    """Time and energy go on together: what is asked to sleep sees ``power_w`` counted."""

    def __init__(self, counters: dict[Path, float], read_s: float = 0.0005) -> None:
        self.counters, self.read_s = counters, read_s
        self.time_s = 0.0
        self.on_wait: Callable[[], None] = lambda: None

    def now_s(self) -> float:
        self.spend(self.read_s)
        return self.time_s

    def sleep(self, duration_s: float) -> None:
        self.spend(duration_s)

    def wait(self, stop: threading.Event, duration_s: float) -> bool:
        return stop.wait(5.0)

    def spend(self, duration_s: float) -> None:
        self.time_s += duration_s
        for folder, power_w in self.counters.items():
            range_uj = int((folder / "max_energy_range_uj").read_text())
            count(folder, int(self.time_s * power_w * 1e6) % range_uj)


def test_packages_and_their_memory_once_each(server: Path) -> None:
    found = find_zones(str(server))
    assert [each.domain for each in found] == [
        PACKAGE,
        MEMORY,
        Domain("package-1", "package"),
        Domain("package-1/dram", "memory"),
    ]


def test_power_of_a_window(package: Path, tmp_path: Path) -> None:
    memory = zone(package / "intel-rapl:0:0", "dram")
    world = World({package: 40.0, memory: 5.0}, read_s=0.0)
    with RaplMeter(find_zones(str(tmp_path)), world).window() as window:
        world.sleep(0.1)
        so_far = window.reading()
        world.sleep(0.1)
    assert isinstance(so_far, Reading)
    assert so_far.duration_s == pytest.approx(0.1)
    found = window.reading()
    assert isinstance(found, Reading)
    assert [each.domain for each in found.powers] == [PACKAGE, MEMORY]
    assert [each.power_w for each in found.powers] == pytest.approx([40.0, 5.0])
    assert found.duration_s == pytest.approx(0.2)


def test_a_counter_that_wraps_around_within_a_window(package: Path, tmp_path: Path) -> None:
    # 10 J are its range: at 40 W it begins anew after 0.25 s.
    world = World({package: 40.0}, read_s=0.0)
    world.spend(0.2)
    with RaplMeter(find_zones(str(tmp_path)), world).window() as window:
        world.sleep(0.1)
        assert (package / "energy_uj").read_text() == "2000000\n"
    reading = window.reading()
    assert isinstance(reading, Reading)
    assert reading.powers[0].power_w == pytest.approx(40.0)


def test_a_counter_that_wraps_more_than_once_is_read_in_between(
    package: Path, tmp_path: Path
) -> None:
    """A thread reads it before it can have begun anew twice: here every 0.2 s of made-up time."""
    world = World({package: 40.0}, read_s=0.0)
    waits: list[float] = []
    done = threading.Event()

    def wait(stop: threading.Event, duration_s: float) -> bool:
        waits.append(duration_s)
        if len(waits) > 5:
            done.set()
            return stop.wait(5.0)
        world.spend(0.2)
        return False

    world.wait = wait  # type: ignore[method-assign]
    with RaplMeter(find_zones(str(tmp_path)), world).window() as window:
        assert done.wait(5.0)
    reading = window.reading()
    assert isinstance(reading, Reading)
    assert reading.duration_s == pytest.approx(1.0)  # 40 J: four times its range
    assert reading.powers[0].power_w == pytest.approx(40.0)
    # Twice as often as a package of 2 kW could fill 10 J.
    assert set(waits) == {0.0025}


def test_calibration(tmp_path: Path) -> None:
    """The made-up counter moves with every reading of the clock, each 0.5 ms later."""
    package = zone(tmp_path / "intel-rapl:0", "package-0")
    world = World({package: 40.0})
    meter = RaplMeter(find_zones(str(tmp_path)), world)
    meter.calibrate()
    assert meter.period_s == pytest.approx(0.0005)
    assert meter.idle_power_w == pytest.approx(40.0, rel=0.01)
    facts = meter.facts
    assert (facts.name, facts.covers, facts.lag_s) == ("rapl", (PACKAGE,), None)
    assert facts.call_s == pytest.approx(0.0005, rel=0.1)
    # Two ends within a period of 0.5 ms, over half a second: 0.0005 / 0.5 / sqrt(6)
    assert facts.error == pytest.approx(0.00041, rel=0.02)


def test_a_counter_that_stands_still_has_no_period(package: Path, tmp_path: Path) -> None:
    meter = RaplMeter(find_zones(str(tmp_path)), World({}))
    meter.calibrate()
    assert (meter.period_s, meter.idle_power_w, meter.error) == (None, 0.0, None)


def test_a_counter_that_vanishes_within_a_window(package: Path, tmp_path: Path) -> None:
    with RaplMeter(find_zones(str(tmp_path)), World({})).window() as window:
        (package / "energy_uj").unlink()
    found = window.reading()
    assert found == Absence(
        f"{package}/energy_uj cannot be read (no such file or directory): use --meter model",
        lost=True,
    )


def test_counters_that_only_root_may_read(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = open

    def refused(path: str, *arguments: object, **named: object) -> object:
        if str(path).endswith("energy_uj") and "range" not in str(path):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **named)  # type: ignore[call-overload]

    # Root, as whom tests may run, reads everything.
    monkeypatch.setattr("builtins.open", refused)
    found = rapl_meter(str(package.parent))
    assert isinstance(found, MissingMeter)
    assert found.name == "rapl"
    assert (
        "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj "
        "/sys/class/powercap/intel-rapl:*/intel-rapl:*/energy_uj"
    ) in found.reason
    assert 'KERNEL=="intel-rapl:*", RUN+="/bin/chmod a+r /sys%p/energy_uj"' in found.reason


def test_no_counters_at_all(tmp_path: Path) -> None:
    with pytest.raises(RaplAbsent, match=r"cannot be listed \(no such file or directory\)"):
        find_zones(str(tmp_path / "none"))
    zone(tmp_path / "intel-rapl:0", "psys")
    with pytest.raises(RaplAbsent, match="has no counter of a CPU package"):
        find_zones(str(tmp_path))


def test_the_thread_ends_with_the_window(package: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyError), RaplMeter(find_zones(str(tmp_path))).window():
        raise KeyError
    assert [each for each in threading.enumerate() if each.name == "magneton-rapl"] == []


def test_the_link_that_a_container_hides(tmp_path: Path) -> None:
    (tmp_path / "intel-rapl:0").symlink_to(tmp_path / "hidden")
    with pytest.raises(RaplAbsent, match=r"intel-rapl:0/name cannot be read"):
        find_zones(str(tmp_path))
