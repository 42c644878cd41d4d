"""Energy counters of CPU packages and their memory (RAPL), through Linux's powercap files.

AMD's driver offers the same files under the same names. A package's counter includes its cores
and uncore, so that those are left out; the platform's (psys) includes the packages.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..schema.meters import Domain, DomainKind, DomainPower, MeterFacts, MissingMeter
from .clock import Clock, SystemClock
from .meter import Absence, Reading, Span

ROOT = "/sys/class/powercap"
IDLE_S = 0.5
_MOST_W = 2000.0  # no package draws more: a counter is read twice before it can have wrapped
_LONGEST_S = 30.0
_CHANGES, _LONGEST_CALIBRATION_S = 20, 0.1
_MICRO = 1e-6


class RaplAbsent(Exception):
    """The counters cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Zone:
    """One counter: ``range_j`` is what it has counted when it begins anew."""

    domain: Domain
    path: str
    range_j: float

    def energy_j(self) -> float:
        """
        Raises:
            RaplAbsent: the counter cannot be read.
        """
        return int(_content(self.path, "energy_uj")) * _MICRO


def find_zones(root: str = ROOT) -> tuple[Zone, ...]:
    """All packages and their memory, in order.

    Raises:
        RaplAbsent: there is none, or one cannot be read.
    """
    zones: list[Zone] = []
    for folder in _zone_folders(root, depth=1):
        name = _content(folder, "name")
        if name.startswith("package"):
            zones += [_zone(folder, name, "package"), *_memories(folder, name)]
    if not zones:
        raise RaplAbsent(
            f"{root} has no counter of a CPU package, as in most virtual machines and containers: "
            "run on the machine itself"
        )
    for zone in zones:
        zone.energy_j()
    return tuple(zones)


class RaplMeter:
    """Reads ``zones`` from :func:`find_zones`."""

    name = "rapl"

    def __init__(self, zones: Sequence[Zone], clock: Clock | None = None) -> None:
        self._zones, self._clock = tuple(zones), clock or SystemClock()
        self.idle: tuple[DomainPower, ...] = ()
        self._call_s: float | None = None
        self.period_s: float | None = None
        self.margin_s = 0.0  # its counters move every millisecond

    @property
    def covers(self) -> tuple[Domain, ...]:
        return tuple(zone.domain for zone in self._zones)

    @property
    def error(self) -> float | None:
        """Of a window as long as the one in which idle power was read."""
        return max((each.error for each in self.idle if each.error is not None), default=None)

    @property
    def facts(self) -> MeterFacts:
        return MeterFacts(
            name=self.name,
            covers=self.covers,
            period_s=self.period_s,
            call_s=self._call_s,
            lag_s=None,
            error=self.error,
            idle=self.idle,
        )

    @property
    def idle_power_w(self) -> float | None:
        """Of all packages and their memory, with nothing submitted."""
        return sum(each.power_w for each in self.idle) if self.idle else None

    def window(self) -> CounterWindow:
        """A window of all counters."""
        return CounterWindow(self._zones, self._clock, self.period_s)

    def calibrate(self) -> None:
        """How often the first counter moves, how long a reading takes, and idle power.

        Raises:
            RaplAbsent: a counter cannot be read any more.
        """
        self._find_period()
        with self.window() as window:
            self._clock.sleep(IDLE_S)
        reading = window.reading()
        if isinstance(reading, Absence):
            raise RaplAbsent(reading.reason)
        self.idle = reading.powers

    def _find_period(self) -> None:
        start_s = now_s = self._clock.now_s()
        moved_s, last_j, calls = list[float](), self._zones[0].energy_j(), 0
        while len(moved_s) < _CHANGES and now_s - start_s < _LONGEST_CALIBRATION_S:
            energy_j, now_s, calls = self._zones[0].energy_j(), self._clock.now_s(), calls + 1
            if energy_j != last_j:
                moved_s.append(now_s)
                last_j = energy_j
        self._call_s = (now_s - start_s) / calls
        if len(moved_s) > 1:
            self.period_s = (moved_s[-1] - moved_s[0]) / (len(moved_s) - 1)


def rapl_meter(root: str = ROOT) -> RaplMeter | MissingMeter:
    """The packages' calibrated meter, or why there is none."""
    try:
        meter = RaplMeter(find_zones(root))
        meter.calibrate()
    except RaplAbsent as error:
        return MissingMeter("rapl", str(error))
    return meter


class CounterWindow:
    """Differences of counters between entering and leaving.

    A thread reads them again before the fastest can have wrapped around twice; once between two
    readings is seen.
    """

    def __init__(self, zones: Sequence[Zone], clock: Clock, period_s: float | None) -> None:
        self._zones, self._clock, self._period_s = tuple(zones), clock, period_s
        self._interval_s = min(_LONGEST_S, min(each.range_j for each in zones) / _MOST_W / 2)
        self._last_j: list[float] = []
        self._total_j = [0.0] * len(zones)
        self._start_s = self._end_s = 0.0
        self._failed: str | None = None
        self._reading = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="magneton-rapl", daemon=True)

    def __enter__(self) -> CounterWindow:
        self._read()
        self._start_s = self._end_s
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._read()

    def reading(self, span: Span | None = None) -> Reading | Absence:
        """Mean power of every counter so far, whatever the ``span`` in it, or why there is none."""
        if not self._stop.is_set():
            self._read()
        duration_s = self._end_s - self._start_s
        if self._failed is not None:
            return Absence(self._failed, lost=True)
        if duration_s <= 0:
            return Absence("a window was too short for the CPU's energy counter")
        # Where in its period a counter was at either end is not known: two uniform errors.
        doubt = None if self._period_s is None else self._period_s / duration_s / 6**0.5
        powers = tuple(
            DomainPower(zone.domain, total_j / duration_s, doubt)
            for zone, total_j in zip(self._zones, self._total_j, strict=True)
        )
        return Reading(powers, duration_s)

    def _watch(self) -> None:
        while not self._clock.wait(self._stop, self._interval_s):
            self._read()

    def _read(self) -> None:
        with self._reading:
            if self._failed is not None:
                return
            try:
                now_j = [zone.energy_j() for zone in self._zones]
            except RaplAbsent as error:
                self._failed = str(error)
                return
            self._end_s = self._clock.now_s()
            self._count(now_j)

    def _count(self, now_j: list[float]) -> None:
        for position, (zone, before_j) in enumerate(zip(self._zones, self._last_j, strict=False)):
            # Counted on from 0 once its range was full.
            moved_j = now_j[position] - before_j
            self._total_j[position] += moved_j if moved_j >= 0 else moved_j + zone.range_j
        self._last_j = now_j


def _zone_folders(folder: str, depth: int) -> Iterable[str]:
    """``intel-rapl:0`` and so on in ``folder``; ``intel-rapl:0:1`` at depth 2. Others (such as
    ``intel-rapl-mmio``) count the same once more."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise RaplAbsent(
            f"{folder} cannot be listed ({_words(error)}), as in most virtual machines and "
            "containers: run on the machine itself"
        ) from error
    numbered = [
        (tuple(map(int, numbers)), name)
        for name in names
        if (numbers := name.split(":")[1:])
        and name.startswith("intel-rapl:")
        and len(numbers) == depth
        and all(map(str.isdecimal, numbers))
    ]
    return [os.path.join(folder, name) for _, name in sorted(numbered)]


def _memories(package: str, name: str) -> list[Zone]:
    return [
        _zone(folder, f"{name}/dram", "memory")
        for folder in _zone_folders(package, depth=2)
        if _content(folder, "name") == "dram"
    ]


def _zone(folder: str, name: str, kind: DomainKind) -> Zone:
    range_j = int(_content(folder, "max_energy_range_uj")) * _MICRO
    return Zone(Domain(name, kind), folder, range_j)


def _content(folder: str, name: str) -> str:
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except PermissionError as error:
        raise RaplAbsent(_not_allowed(path)) from error
    except OSError as error:
        raise RaplAbsent(f"{path} cannot be read ({_words(error)}): use --meter model") from error


def _not_allowed(path: str) -> str:
    """Counters are for root alone since they were found to leak what other programs compute."""
    everywhere = f"{ROOT}/intel-rapl:*/energy_uj {ROOT}/intel-rapl:*/intel-rapl:*/energy_uj"
    return (
        f"{path} may be read by root only, so that no program can spy on another: until the next "
        f"start of the machine, sudo chmod a+r {everywhere}; for good, a file in "
        '/etc/udev/rules.d with the line ACTION=="add", SUBSYSTEM=="powercap", '
        'KERNEL=="intel-rapl:*", RUN+="/bin/chmod a+r /sys%p/energy_uj"'
    )


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
