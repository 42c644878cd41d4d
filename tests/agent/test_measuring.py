"""Whole steps, measured by clocks of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

import pytest

from magneton_agent import measuring
from magneton_agent.measuring import measure
from magneton_agent.meters.meter import Absence, Reading, Span, Window
from magneton_agent.schema.messages import Measure, Measured, Sample
from magneton_agent.schema.meters import Domain, DomainEnergy, DomainPower
from magneton_agent.step import Exhausted

from .steps import complete, complete_with
from .test_pacing import Device


class Held:
    """What a step returns; ``alive`` counts how many there are."""

    alive = 0

    def __init__(self) -> None:
        Held.alive += 1

    def __del__(self) -> None:
        Held.alive -= 1


class World:
    """Time goes on by what is done in it: a step takes 0.25 s, and 0.5 s of CPU time."""

    def __init__(self) -> None:
        self.now_s = self.cpu_s = 0.0
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        self.spend(0.25)

    def spend(self, seconds: float) -> None:
        self.now_s += seconds
        self.cpu_s += 2 * seconds


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(
        measuring,
        "time",
        SimpleNamespace(perf_counter=lambda: made.now_s, monotonic=lambda: 100.0 + made.now_s),
    )
    monkeypatch.setattr(measuring, "cpu_time_s", lambda: made.cpu_s)
    return made


@pytest.mark.parametrize(
    ("request_", "steps"),
    [
        (Measure(1, 0.0), 1),
        (Measure(3, 0.0), 3),
        (Measure(1, 0.75), 3),
        (Measure(1, 0.8), 4),
        (Measure(5, 0.75), 5),
    ],
)
def test_steps_and_window_are_both_reached(world: World, request_: Measure, steps: int) -> None:
    found = complete(measure(request_, False, (), True), world.step)
    ended_s = 100.0 + 0.25 * steps
    sample = Sample(steps, 0.25, 0.5, None, started_s=100.0, ended_s=ended_s)
    assert found == Measured((sample,), ())
    assert world.steps == steps


def test_results_are_not_held_while_the_next_step_runs(world: World) -> None:
    alive: list[int] = []

    def step() -> Held:
        alive.append(Held.alive)
        world.step()
        return Held()

    complete(measure(Measure(3, 0.0), False, (), True), step)
    assert alive == [0, 0, 0]


def times(found: Measured) -> tuple[int, float, float]:
    (sample,) = found.samples
    return sample.steps, sample.duration_s, sample.cpu_s


def script(
    world: World, calls: int, before_s: float, after_s: float
) -> Iterator[Callable[[], None]]:
    """A script's calls of its step, and what else it does."""
    for _ in range(calls):
        world.spend(before_s)
        yield world.step
    world.spend(after_s)


def test_what_a_script_does_between_its_steps_does_not_count(world: World) -> None:
    found = complete_with(measure(Measure(3, 0.0), False, (), False), script(world, 5, 10.0, 0.0))
    assert times(found) == (3, 0.25, 0.5)


def test_a_script_that_ends_early_ends_the_window(world: World) -> None:
    found = complete_with(measure(Measure(1, 9.0), False, (), False), script(world, 4, 1.0, 50.0))
    assert times(found) == (4, 0.25, 0.5)


def test_a_script_without_another_step_is_exhausted(world: World) -> None:
    with pytest.raises(Exhausted):
        complete_with(measure(Measure(1, 0.0), False, (), False), script(world, 0, 1.0, 50.0))


BOARD, PACKAGE = Domain("GPU-1", "board"), Domain("package-0", "package")


class Sensor:
    """A meter whose windows give ``powers_w``, or nothing because of ``reason``."""

    name, period_s, error, margin_s = "example", 0.1, 0.01, 0.3

    spans: list[Span | None]

    def __init__(self, reason: str = "", **powers_w: float) -> None:
        self.reason = reason
        self.powers = tuple(
            DomainPower({"board": BOARD, "package": PACKAGE}[kind], power_w, None)
            for kind, power_w in powers_w.items()
        )
        self.covers = tuple(each.domain for each in self.powers)
        self.idle: tuple[DomainPower, ...] = ()

    def window(self) -> Window:
        return SensorWindow(self)


class SensorWindow:
    """Says what it has read only once it is over."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor, self.left = sensor, False
        sensor.spans = []

    def __enter__(self) -> SensorWindow:
        return self

    def __exit__(self, *_: object) -> None:
        self.left = True

    def reading(self, span: Span | None = None) -> Reading | Absence:
        assert self.left
        self.sensor.spans.append(span)
        if self.sensor.reason:
            return Absence(self.sensor.reason, cpu_s=0.3)
        return Reading(self.sensor.powers, 0.5, cpu_s=0.1)


def test_energy_is_mean_power_times_the_mean_step(world: World) -> None:
    sensors = [Sensor(board=200.0), Sensor(package=20.0)]
    found = complete(measure(Measure(2, 0.0), False, sensors, True), world.step)
    # 200 W * 0.25 s, 20 W * 0.25 s
    assert found.samples[0].energies == (DomainEnergy(BOARD, 50.0), DomainEnergy(PACKAGE, 5.0))
    assert found.samples[0].energy_j == 55.0
    # 2 steps of 0.5 s of CPU time, less 0.1 s that each meter took
    assert found.samples[0].cpu_s == pytest.approx(0.4)
    assert found.warnings == ()


def test_a_window_that_one_meter_has_missed_has_no_energy(world: World) -> None:
    sensors = [Sensor("too few ticks"), Sensor(package=20.0)]
    found = complete(measure(Measure(2, 0.0), False, sensors, True), world.step)
    assert (found.samples[0].energy_j, found.samples[0].energies) == (None, ())
    assert found.warnings == ("too few ticks",)
    # 2 steps of 0.5 s of CPU time, less 0.3 s of looking in vain and 0.1 s of reading.
    assert found.samples[0].cpu_s == pytest.approx(0.3)


def between_steps(world: World, sensors: Sequence[Sensor], gap_s: float) -> Sample:
    """Four steps of 0.25 s of a script, with ``gap_s`` before each."""
    steps = script(world, 4, gap_s, 0.0)
    return complete_with(measure(Measure(4, 0.0), False, sensors, False), steps).samples[0]


def test_between_a_scripts_steps_a_device_is_taken_to_idle(world: World) -> None:
    # 600 W in a step of 0.25 s, 100 W for 0.75 s before it: 225 W on average.
    board = Sensor(board=225.0)
    board.idle = (DomainPower(BOARD, 100.0, None),)
    found = between_steps(world, [board], 0.75)
    assert (found.energy_j, found.energies) == (150.0, (DomainEnergy(BOARD, 150.0),))
    assert found.gaps_s == 3.0
    # If it drew as much between the steps as within, the step took 225 W * 0.25 s.
    assert found.between_j == 150.0 - 225.0 * 0.25


def test_each_domain_idles_between_steps_by_itself(world: World) -> None:
    sensors = [Sensor(board=225.0), Sensor(package=20.0)]
    sensors[1].idle = (DomainPower(PACKAGE, 30.0, None),)  # something ran while that was read
    found = between_steps(world, sensors, 0.75)
    assert found.energies == (DomainEnergy(BOARD, 225.0 * 0.25), DomainEnergy(PACKAGE, 5.0))
    assert found.between_j == 0.0


def test_steps_that_follow_each_other_have_all_of_the_window(world: World) -> None:
    board = Sensor(board=600.0)
    board.idle = (DomainPower(BOARD, 100.0, None),)
    found = between_steps(world, [board], 0.0)
    assert (found.energy_j, found.gaps_s, found.between_j) == (150.0, 0.0, 0.0)


@pytest.fixture
def device(world: World, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A GPU whose steps take 0.25 s."""
    made = Device(0.25, launch_s=0.0)
    monkeypatch.setattr(measuring, "DeviceMarks", lambda: made.mark)
    monkeypatch.setattr(measuring, "synchronise", lambda cuda: None)
    return made


def test_on_a_gpu_whole_steps_count_that_have_others_before_and_after_them(
    world: World, device: Device
) -> None:
    sensor = Sensor(board=200.0)

    def step() -> None:
        world.cpu_s += 0.1
        device.step()

    found = complete(measure(Measure(1, 1.0), True, [sensor], True), step)
    # 1.0 s and twice the margin of 0.3 s: seven steps, from 5 to 6.75 s. Of those 5.3 to 6.45 s
    # hold the three from 5.5 s on.
    assert device.steps == 7
    assert sensor.spans == [Span(5.5, 6.25)]
    (sample,) = found.samples
    assert (sample.steps, sample.duration_s) == (7, 0.25)
    assert sample.energy_j == pytest.approx(50.0)
    # 7 steps of 0.1 s, less 0.1 s that the meter took
    assert sample.cpu_s == pytest.approx(0.6 / 7)


def test_ranks_run_as_many_steps_as_they_are_asked_and_no_more(
    world: World, device: Device
) -> None:
    sensor = Sensor(board=200.0)
    complete(measure(Measure(6, 0.0), True, [sensor], True), device.step)
    assert device.steps == 6
