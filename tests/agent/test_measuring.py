"""Whole steps, measured by clocks of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace, TracebackType
from typing import cast

import pytest

from magneton_agent import measuring
from magneton_agent.measuring import measure
from magneton_agent.meters.nvml import NvmlMeter
from magneton_agent.schema.messages import Measure, Measured, Sample
from magneton_agent.step import Exhausted

from .steps import complete, complete_with


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
    monkeypatch.setattr(measuring, "time", SimpleNamespace(perf_counter=lambda: made.now_s))
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
    found = complete(measure(request_, False, None, True), world.step)
    assert found == Measured((Sample(steps, 0.25, 0.5, None),), ())
    assert world.steps == steps


def test_results_are_not_held_while_the_next_step_runs(world: World) -> None:
    alive: list[int] = []

    def step() -> Held:
        alive.append(Held.alive)
        world.step()
        return Held()

    complete(measure(Measure(3, 0.0), False, None, True), step)
    assert alive == [0, 0, 0]


def script(
    world: World, calls: int, before_s: float, after_s: float
) -> Iterator[Callable[[], None]]:
    """A script's calls of its step, and what else it does."""
    for _ in range(calls):
        world.spend(before_s)
        yield world.step
    world.spend(after_s)


def test_what_a_script_does_between_its_steps_does_not_count(world: World) -> None:
    found = complete_with(measure(Measure(3, 0.0), False, None, False), script(world, 5, 10.0, 0.0))
    assert found.samples == (Sample(3, 0.25, 0.5, None),)


def test_a_script_that_ends_early_ends_the_window(world: World) -> None:
    found = complete_with(measure(Measure(1, 9.0), False, None, False), script(world, 4, 1.0, 50.0))
    assert found.samples == (Sample(4, 0.25, 0.5, None),)


def test_a_script_without_another_step_is_exhausted(world: World) -> None:
    with pytest.raises(Exhausted):
        complete_with(measure(Measure(1, 0.0), False, None, False), script(world, 0, 1.0, 50.0))


class Window:
    """Stands in for a window of an energy counter."""

    power_w: float | None = 200.0

    def __init__(self, meter: object) -> None:
        self.entered = False

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def mean_power_w(self) -> float | None:
        return self.power_w


METER = cast(NvmlMeter, object())


def test_energy_is_mean_power_times_the_mean_step(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "TickWindow", Window)
    found = complete(measure(Measure(2, 0.0), False, METER, True), world.step)
    assert found == Measured((Sample(2, 0.25, 0.5, 50.0),), ())  # 200 W * 0.25 s


def test_a_window_without_ticks_has_no_energy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "TickWindow", Window)
    monkeypatch.setattr(Window, "power_w", None)
    found = complete(measure(Measure(2, 0.0), False, METER, True), world.step)
    assert found == Measured(
        (Sample(2, 0.25, 0.5, None),),
        ("a window was too short for two ticks of the energy counter",),
    )
