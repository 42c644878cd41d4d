"""Magneton beside the baseline on the same pairs, judged by the same scorer."""

from __future__ import annotations

from dataclasses import dataclass

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.engine import collector

from .baseline import answered, invariants
from .programs import Pair
from .running import fastest, operator_durations_s
from .scoring import Answer, Score, score, truth_of
from .truth import Known, known

PAIRS = ("gpt2-12", "gpt2-32", "llama-12", "llama-32")
AIMED_AT = "llama-32"
AIM_MATCH_CUT_S, AIM_RATIO = 0.050, 100
OWN, BASELINE = "Magneton", "singular values, dominators"
SORTED_OUT = "the same, values sorted by size first"


@dataclass(frozen=True)
class Judged:
    """What one method took, CPU seconds without features or invariants, and how good it was."""

    taken_s: float
    score: Score


@dataclass(frozen=True)
class Versus:
    """One pair by every method."""

    pair: Pair
    methods: dict[str, Judged]

    @property
    def own_s(self) -> float:
        return self.methods[OWN].taken_s

    @property
    def ratio(self) -> float:
        return self.methods[BASELINE].taken_s / self.own_s

    @property
    def met(self) -> bool:
        return self.own_s <= AIM_MATCH_CUT_S and self.ratio >= AIM_RATIO


def versus(pair: Pair) -> Versus:
    programs = pair.build()
    a, b = (known(program) for program in programs)
    of_a, of_b = (invariants(program) for program in programs)
    truth = truth_of(a, b, pair.precision)
    durations_s = [operator_durations_s(program) for program in programs]
    with collector.paused():  # as a comparison does
        found = {
            OWN: _own(a, b),
            BASELINE: answered(a, b, of_a, of_b, sorted_out=False),
            SORTED_OUT: answered(a, b, of_a, of_b, sorted_out=True),
        }
    return Versus(
        pair,
        {
            method: Judged(taken_s, score(truth, answer, *durations_s))
            for method, (taken_s, answer) in found.items()
        },
    )


def _own(a: Known, b: Known) -> tuple[float, Answer]:
    flow_a, flow_b = flow_of(a.recording), flow_of(b.recording)
    match_s, matching = fastest(lambda: match_flows(flow_a, flow_b))
    cut_s, cut = fastest(lambda: cut_flows(flow_a, flow_b, matching))
    return match_s + cut_s, Answer(matching.pairs, cut.regions)
