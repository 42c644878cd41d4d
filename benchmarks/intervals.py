"""How often a 95 % interval holds the truth, on a simulated energy counter whose truth is known.

    python -m benchmarks.intervals [--trials N] [--early]

The counter moves every 100 ms, by what the board drew in the last 25 ms of those, 30 ms late, with
1 % of noise; a call takes 2.5 to 5 ms, seldom up to 31. The windows of steps are read by the
agent's own code, with this module's clock in the place of the real one, and made into an interval
by ``magneton.analysis.statistics``. Between two windows the other side runs, at another power.
Some curves are also read by a counter that moves by the average of the last second. How a load
shows is found by the agent's calibration, on either counter.
A gain error is left out: no repetition shows it, and a ratio on one board cancels it.

``--early``: two sides, whose windows end as soon as they have told enough (``analysis.stopping``).
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from magneton.analysis.statistics import Interval, mean_interval, ratio_interval
from magneton.analysis.stopping import ERROR, enough, error_at, resolved
from magneton_agent.meters.meter import Reading, Span
from magneton_agent.meters.nvml import IDLE_S, LOAD_S, LONG_LOAD_S, POLL_S, Calibration, TickWindow
from magneton_agent.meters.ticks import CounterReading
from magneton_agent.pacing import Boundary, inner
from magneton_agent.schema.meters import BoardState, Domain

TICK_S, SAMPLED_S, LAG_S, NOISE = 0.100, 0.025, 0.030, 0.01
AVERAGED_S = 1.0
WINDOW_S, MARGIN_S, WINDOWS = 1.0, 0.17, 16
OTHER_W = 350.0
_ROUND_S, _LONG_ROUND_S = 3.0, 8.0  # the latter where windows must be longer
_IDLE_W, _BUSY_W = 100.0, 500.0  # while it is calibrated

Joules = Callable[[float], float]
"""Energy since the window's start, by the time since then."""


@dataclass(frozen=True)
class Load:
    """One run of a program: ``started(t)`` is the energy of a window that starts at ``t`` seconds
    of the run, ``step_j`` what a step truly takes, averaged over the run; ``usual_j`` over any
    run, where that is something else."""

    step_s: float
    step_j: float
    started: Callable[[float], Joules]
    usual_j: float | None = None


def alternating(step_s: float, levels: tuple[tuple[float, float], ...]) -> Load:
    """A step of ``levels``: (share of its time, power), the same in every step."""
    step_j = sum(share * power for share, power in levels) * step_s

    def joules(time_s: float) -> float:
        done, rest_s = divmod(time_s, step_s)
        found = done * step_j
        for share, power in levels:
            spent_s = min(rest_s, share * step_s)
            found += spent_s * power
            rest_s -= spent_s
        return found

    return Load(step_s, step_j, lambda start_s: joules)


def changing(step_s: float, since_start_j: Joules) -> Load:
    """Power that changes over the run and hardly within a step: ``since_start_j`` is its
    integral."""
    run_s = (WINDOWS - 1) * _ROUND_S + WINDOW_S + 2 * MARGIN_S + TICK_S

    def started(start_s: float) -> Joules:
        return lambda time_s: since_start_j(start_s + time_s) - since_start_j(start_s)

    return Load(step_s, since_start_j(run_s) / run_s * step_s, started)


def wandering(source: random.Random) -> Load:
    """Power that wanders by 6 % within seconds, as at a board's power limit."""
    grid_s, memory_s = 0.25, 2.0
    kept = math.exp(-grid_s / memory_s)
    level, sums = source.gauss(0, 1), [0.0]
    for _ in range(int((WINDOWS + 1) * _ROUND_S / grid_s) + 2):
        sums.append(sums[-1] + (660 + 40 * level) * grid_s)
        level = kept * level + math.sqrt(1 - kept**2) * source.gauss(0, 1)

    def since_start_j(time_s: float) -> float:
        number, rest = divmod(time_s / grid_s, 1)
        before, after = sums[int(number)], sums[int(number) + 1]
        return before + rest * (after - before)

    return replace(changing(0.013, since_start_j), usual_j=660 * 0.013)


CURVES: dict[str, Callable[[random.Random], Load]] = {
    "constant": lambda _: alternating(0.013, ((1.0, 600),)),
    "periodic, 37 ms": lambda _: alternating(0.037, ((0.5, 250), (0.5, 700))),
    "two levels in a step of 98 ms": lambda _: alternating(0.098, ((0.3, 700), (0.7, 200))),
    "two levels in a step of 100 ms": lambda _: alternating(0.1, ((0.5, 700), (0.5, 200))),
    "step of 430 ms that starts with host work": lambda _: alternating(
        0.43, ((0.15, 150), (0.85, 650))
    ),
    "ramp, 400 to 600 W": lambda _: changing(0.013, lambda t: 400 * t + 100 * t * t / 50),
    "warming up by 3 %": lambda _: changing(
        0.013, lambda t: 630 * t - 20 * 15 * (1 - math.exp(-t / 15))
    ),
    "wandering by 6 %": wandering,
}
AVERAGED = ("constant", "periodic, 37 ms", "step of 430 ms that starts with host work")


class Board:
    """The simulated counter, and the clock that it and the agent's code go by."""

    uuid = "GPU-simulated"
    domain = Domain(uuid, "board")

    def __init__(self, source: random.Random, sampled_s: float) -> None:
        self.source, self.sampled_s = source, sampled_s
        self._now_s = 0.0
        self._end_s = 0.0
        self._next_s = source.uniform(0, TICK_S)
        self._start_s = 0.0
        self._total_j = 0.0
        self._joules: Joules = lambda time_s: 0.0

    def enter(self, load: Load, start_s: float, margin_s: float) -> Span:
        """Start a run of ``load``; returns the whole steps of it that count."""
        steps = math.ceil((WINDOW_S + 2 * margin_s) / load.step_s)
        self.play(load.started(start_s), start_s)
        self.run_until(start_s + steps * load.step_s)
        left = int(margin_s / load.step_s)  # the steps far from both edges decide nothing
        near = {0, *range(left, min(left + 3, steps)), *range(max(0, steps - left - 3), steps + 1)}
        first, last = inner(
            [Boundary(each, start_s + each * load.step_s) for each in sorted(near)], margin_s
        )
        return Span(first.time_s, last.time_s)

    def play(self, joules: Joules, start_s: float) -> None:
        """Draw ``joules`` from ``start_s`` on."""
        self._now_s = self._start_s = start_s
        self._joules = joules

    def run_until(self, end_s: float) -> None:
        """Whoever waits is told to stop at ``end_s``."""
        self._end_s = end_s

    def read(self) -> CounterReading:
        start_s = self._now_s
        self._now_s += min(0.031, 0.0025 + self.source.expovariate(1 / 0.001))
        while self._next_s <= self._now_s:
            self._tick()
        return CounterReading(start_s, self._now_s, int(1000 * self._total_j), None)

    def state(self) -> BoardState:
        return BoardState(self.uuid, "simulated", None, None, None, (), (), ())

    def now_s(self) -> float:
        return self._now_s

    def wait(self, _stop: object, _duration_s: float) -> bool:
        """Sleep until the last poll that sees nothing new: those before it add nothing."""
        period_s = POLL_S + 0.0035
        polls = max(0, math.ceil((self._next_s - self._now_s) / period_s) - 2)
        self._now_s += polls * period_s + POLL_S
        return self._now_s >= self._end_s

    def _tick(self) -> None:
        seen_s = self._next_s - LAG_S - self._start_s
        drawn_j = self._since(seen_s) - self._since(seen_s - self.sampled_s)
        drawn_w = drawn_j / self.sampled_s
        self._total_j += drawn_w * TICK_S * (1 + self.source.gauss(0, NOISE))
        self._next_s += TICK_S

    def _since(self, time_s: float) -> float:
        return self._joules(time_s) if time_s > 0 else OTHER_W * time_s


def calibrated(source: random.Random, sampled_s: float) -> Calibration:
    """What the agent's calibration finds of the counter, by a load after idling."""
    board, calibration = Board(source, sampled_s), Calibration()

    def joules(time_s: float) -> float:
        return _IDLE_W * time_s + (_BUSY_W - _IDLE_W) * max(0.0, time_s - IDLE_S)

    simulated: Any = board
    window = TickWindow([simulated], simulated, calibration)
    board.play(joules, 0.0)
    for busy_s in (LOAD_S, LOAD_S + LONG_LOAD_S):
        board.run_until(IDLE_S + busy_s)
        window._poll()
        if calibration.respond(window.ticks(simulated), IDLE_S, IDLE_S + busy_s):
            break
    return calibration


def windows_j(load: Load, source: random.Random, sampled_s: float = SAMPLED_S) -> Iterator[float]:
    """The energy of a step as every window of one run gives it, J."""
    board, calibration = Board(source, sampled_s), calibrated(source, sampled_s)
    round_s = _ROUND_S if sampled_s == SAMPLED_S else _LONG_ROUND_S
    for number in range(WINDOWS):
        simulated: Any = board
        window = TickWindow([simulated], simulated, calibration)
        # What counts begins at the same moment of a round, whatever margin was found.
        later_s = max(0.0, MARGIN_S - calibration.margin_s)
        start_s = number * round_s + later_s + source.uniform(0, TICK_S)
        span = board.enter(load, start_s, calibration.margin_s)
        window._poll()
        reading = window.reading(span)
        assert isinstance(reading, Reading)
        yield reading.powers[0].power_w * load.step_s


def held(
    curve: str, trials: int, seed: int = 1, sampled_s: float = SAMPLED_S, usual: bool = False
) -> tuple[float, float, float]:
    """Of ``trials`` runs the share whose interval holds the truth, of this run or of what is
    ``usual``; mean error of the estimate and mean half width of the interval, relative."""
    source = random.Random(seed)
    hits, error, width = 0, 0.0, 0.0
    for _ in range(trials):
        load = CURVES[curve](source)
        found = mean_interval(list(windows_j(load, source, sampled_s)))
        truth_j = load.usual_j if usual and load.usual_j is not None else load.step_j
        hits += found.low <= truth_j <= found.high
        error += found.value / truth_j - 1
        width += found.relative_half_width
    return hits / trials, error / trials, width / trials


EARLY = ("constant", "step of 430 ms that starts with host work", "two levels in a step of 98 ms")
RATIOS = (1.0, 1.05, 1.11, 1.2, 2.0, 6.0)
THRESHOLD = 0.10


def times(ratio: float, load: Load) -> Load:
    """``load`` at ``ratio`` times its power."""

    def started(start_s: float) -> Joules:
        joules = load.started(start_s)
        return lambda time_s: ratio * joules(time_s)

    return Load(load.step_s, ratio * load.step_j, started)


@dataclass(frozen=True)
class Ended:
    """What the windows of two sides told when they ended: energies of side a, and a / b."""

    windows: int
    energy: Interval
    ratio: Interval


def ended(a: Load, b: Load, source: random.Random) -> Ended:
    """Windows of both sides until they have told enough, sixteen of each at most."""
    energies_j: tuple[list[float], list[float]] = ([], [])
    spent = ERROR
    for of_a, of_b in zip(windows_j(a, source), windows_j(b, source), strict=True):
        energies_j[0].append(of_a)
        energies_j[1].append(of_b)
        error = error_at(len(energies_j[0]))
        if error is not None and enough(energies_j, THRESHOLD, error):
            spent = error
            break
    ratio = ratio_interval(*energies_j, 1 - spent)
    return Ended(len(energies_j[0]), mean_interval(energies_j[0]), ratio)


def early(curve: str, ratio: float, trials: int, seed: int = 1) -> tuple[float, float, float]:
    """Of ``trials`` pairs of sides of which a takes ``ratio`` times what b does: windows a side;
    the share whose interval of side a holds the truth; the share of wrong decisions on whether the
    sides differ by more than the threshold."""
    source = random.Random(seed)
    windows, hits, wrong = 0, 0, 0
    apart = ratio > 1 / (1 - THRESHOLD)
    for _ in range(trials):
        load = CURVES[curve](source)
        a = times(ratio, load)
        found = ended(a, load, source)
        windows += found.windows
        hits += found.energy.low <= a.step_j <= found.energy.high
        wrong += (
            resolved(found.ratio, THRESHOLD) and (found.ratio.value > 1 / (1 - THRESHOLD)) != apart
        )
    return windows / trials, hits / trials, wrong / trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--early", action="store_true")
    arguments = parser.parse_args()
    (print_early if arguments.early else print_all)(arguments.trials)


def print_early(trials: int) -> None:
    print("| power | a / b | windows | holds the truth | wrong |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for curve in EARLY:
        for ratio in RATIOS:
            windows, share, wrong = early(curve, ratio, trials)
            print(f"| {curve} | {ratio:g} | {windows:.1f} | {share:.1%} | {wrong:.1%} |")


def print_all(trials: int) -> None:
    print("| power | holds the truth | bias | half width |\n| --- | ---: | ---: | ---: |")
    for curve in CURVES:
        share, bias, width = held(curve, trials)
        print(f"| {curve} | {share:.1%} | {bias:+.2%} | {width:.2%} |")
    share, bias, width = held("wandering by 6 %", trials, usual=True)
    print(f"| wandering by 6 %, against any run | {share:.1%} | {bias:+.2%} | {width:.2%} |")
    for curve in AVERAGED:
        share, bias, width = held(curve, trials, sampled_s=AVERAGED_S)
        print(f"| {curve}; averaged over 1 s | {share:.1%} | {bias:+.2%} | {width:.2%} |")


if __name__ == "__main__":
    main()
