"""Runs one pair: record, match, cut, judge."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.engine import collector
from magneton_agent.timing import time_step

from .programs import Pair, Program
from .scoring import Answer, Score, Truth, score, truth_of
from .truth import known

T = TypeVar("T")
TIMED_STEPS = 5
REPEATS = 5


@dataclass(frozen=True)
class Run:
    """One pair and what came out. Times are CPU seconds of the fastest of a few runs."""

    pair: Pair
    truth: Truth
    score: Score
    flow_s: float
    match_s: float
    cut_s: float


def run(pair: Pair) -> Run:
    programs = pair.build()
    a, b = (known(program) for program in programs)
    durations_s = [operator_durations_s(program) for program in programs]
    for side, duration_s in zip((a, b), durations_s, strict=True):
        if len(duration_s) != len(side.recording.operators):
            raise ValueError(f"{pair.name}: the timed step has other operators than the recorded")
    with collector.paused():  # as a comparison does
        flow_s, (flow_a, flow_b) = fastest(lambda: (flow_of(a.recording), flow_of(b.recording)))
        match_s, matching = fastest(lambda: match_flows(flow_a, flow_b))
        cut_s, cut = fastest(lambda: cut_flows(flow_a, flow_b, matching))
    truth = truth_of(a, b, pair.precision)
    found = score(truth, Answer(matching.pairs, cut.regions), *durations_s)
    return Run(pair, truth, found, flow_s, match_s, cut_s)


def operator_durations_s(program: Program) -> list[float]:
    """The median time of each operator over a few steps, in execution order."""
    steps = [time_step(program.step, cuda=False)[0].duration_s for _ in range(TIMED_STEPS)]
    return [statistics.median(each) for each in zip(*steps, strict=True)]


def fastest(work: Callable[[], T], repeats: int = REPEATS) -> tuple[float, T]:
    """CPU seconds of the fastest of a few runs: what the work costs on an idle machine."""
    durations = []
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        durations.append(time.process_time() - start)
    return min(durations), result
