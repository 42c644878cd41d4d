"""Steps on a device of the test's own, which does one after the other what it is given."""

from __future__ import annotations

import pytest

from magneton_agent.pacing import Boundary, inner, paced


class Device:
    """A step takes ``step_s``, and ``launch_s`` of the host's time to submit. ``ahead_s`` is the
    most work that was waiting."""

    def __init__(self, step_s: float, launch_s: float = 1e-5) -> None:
        self.step_s, self.launch_s = step_s, launch_s
        self.now_s = self.until_s = 5.0
        self.steps, self.ahead_s = 0, 0.0

    def step(self) -> None:
        self.now_s += self.launch_s
        self.until_s = max(self.until_s, self.now_s) + self.step_s
        self.ahead_s = max(self.ahead_s, self.until_s - self.now_s)
        self.steps += 1

    def mark(self) -> DeviceMark:
        return DeviceMark(self, max(self.now_s, self.until_s))


class DeviceMark:
    def __init__(self, device: Device, at_s: float) -> None:
        self.device, self.at_s = device, at_s

    def passed(self) -> bool:
        return self.device.now_s >= self.at_s

    def wait(self) -> None:
        self.device.now_s = max(self.device.now_s, self.at_s)

    def time_s(self) -> float:
        self.wait()
        return self.at_s


@pytest.mark.parametrize("step_s", [3e-5, 0.002, 0.013, 0.43])
def test_little_is_submitted_ahead_and_the_device_never_waits(step_s: float) -> None:
    device = Device(step_s)
    found = paced(device.step, 1, 1.2, device.mark)
    assert device.ahead_s <= max(0.15, 3 * step_s)
    # One launch before the first step and one after it: then the device always has more to do.
    assert found[-1].time_s - 5.0 == pytest.approx(device.steps * step_s, abs=3 * device.launch_s)
    assert 1.2 <= found[-1].time_s - 5.0 <= 1.2 + 0.15 + 3 * step_s


def test_boundaries_are_when_so_many_steps_were_done() -> None:
    device = Device(0.125, launch_s=0.0)
    assert paced(device.step, 3, 0.0, device.mark) == boundaries(5.0, 5.125, 5.25, 5.375)


@pytest.mark.parametrize("steps", [1, 2, 7, 1000])
def test_without_a_duration_it_is_as_many_steps_as_asked(steps: int) -> None:
    device = Device(0.0004)
    assert paced(device.step, steps, 0.0, device.mark)[-1].steps == steps == device.steps


@pytest.mark.parametrize(("step_s", "steps"), [(0.8, 3), (1.4, 3), (5.0, 1)])
def test_a_long_step_has_others_around_it_unless_it_is_too_long(step_s: float, steps: int) -> None:
    device = Device(step_s)
    found = paced(device.step, 1, 1.2, device.mark)
    assert device.steps == steps
    first, last = inner(found, 0.17)
    assert last.steps - first.steps == 1


def test_a_step_that_the_host_is_slow_to_submit() -> None:
    device = Device(0.001, launch_s=0.02)
    found = paced(device.step, 1, 0.5, device.mark)
    assert device.ahead_s == pytest.approx(0.001)
    assert found[-1].time_s - 5.0 == pytest.approx(0.5, abs=0.05)


def test_nothing_is_left_to_do() -> None:
    device = Device(0.01)
    paced(device.step, 1, 0.3, device.mark)
    assert device.now_s >= device.until_s


def boundaries(*times_s: float) -> list[Boundary]:
    return [Boundary(steps, time_s) for steps, time_s in enumerate(times_s)]


def test_inner_boundaries_have_steps_before_and_after_them() -> None:
    found = inner(boundaries(1.0, 1.1, 1.2, 1.7, 1.85, 2.0), 0.2)
    assert found == (Boundary(2, 1.2), Boundary(3, 1.7))


def test_too_few_steps_for_a_margin_count_all() -> None:
    for margin_s in (0.0, 0.2, 5.0):
        assert inner(boundaries(1.0, 2.0), margin_s) == (Boundary(0, 1.0), Boundary(1, 2.0))
