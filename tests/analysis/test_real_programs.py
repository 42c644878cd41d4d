"""Two spellings of real networks, where it is known which values and operators are the same."""

from __future__ import annotations

from functools import cache

import pytest
from benchmarks.matching.pairs import PAIRS
from benchmarks.matching.scoring import Answer, Score, Truth, score, truth_of
from benchmarks.matching.truth import known

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match
from magneton.analysis.regions import Cut, cut

BY_NAME = {pair.name: pair for pair in PAIRS}


@cache
def truth(name: str) -> Truth:
    a, b = (known(program) for program in BY_NAME[name].build())
    return truth_of(a, b, BY_NAME[name].precision)


def found(name: str) -> Cut:
    a, b = truth(name).a.recording, truth(name).b.recording
    return cut(a, b, match(a, b))


def judged(name: str) -> Score:
    a, b = truth(name).a.recording, truth(name).b.recording
    matching = match(a, b)
    answer = Answer(matching.pairs, cut(a, b, matching).regions)
    return score(truth(name), answer, [1.0] * len(a.operators), [1.0] * len(b.operators))


@pytest.mark.parametrize("name", ["gpt2-2", "llama-2"])
def test_inference_is_matched_value_by_value_and_role_by_role(name: str) -> None:
    result = judged(name)
    assert (result.wrong, result.missed, result.unfound_roles) == ((), (), ())
    assert result.labelled == 1.0
    assert result.roles_a_region <= 1.1
    assert result.share_b >= 0.97  # A makes masks, which B has no use for


@pytest.mark.parametrize("name", ["gpt2-2-train-loop-foreach", "llama-2-train-loop-foreach"])
def test_a_training_step_is_matched_role_by_role(name: str) -> None:
    result = judged(name)
    assert result.precision == 1.0
    assert result.recall >= 0.8
    assert result.region_recall >= 0.97
    assert result.roles_a_region <= 1.1
    recording = truth(name).a.recording
    moves = flow_of(recording).moves
    unmatched = {recording.operators[i].phase for i in found(name).unmatched_a if i not in moves}
    assert unmatched <= {"forward", "optimizer"}


def test_the_written_out_gelu_of_gpt2_is_a_region_of_its_own() -> None:
    a, b = truth("gpt2-2").a.recording, truth("gpt2-2").b.recording
    flow_a, flow_b = flow_of(a), flow_of(b)
    gelus = [
        [a.operators[i].name.removeprefix("aten::") for i in region.a if i not in flow_a.moves]
        for region in found("gpt2-2").regions
        if [b.operators[i].name for i in region.b if i not in flow_b.moves] == ["aten::gelu"]
    ]
    assert len(gelus) == 2
    for names in gelus:
        assert sorted(names) == ["add", "add", "mul", "mul", "mul", "mul", "pow", "tanh"]


@pytest.mark.parametrize(
    "name",
    ["gpt2-2", "llama-2", "gpt2-2-train-loop-foreach", "llama-2-train-loop-foreach"],
)
def test_against_itself_every_value_and_operator_finds_itself(name: str) -> None:
    recording = truth(name).a.recording
    flow = flow_of(recording)
    matching = match(recording, recording)
    assert matching.pairs == tuple((group, group) for group in sorted(flow.first))
    itself = cut(recording, recording, matching)
    assert (itself.unmatched_a, itself.unmatched_b) == ((), ())
    for region in itself.regions:
        assert region.a == region.b
        assert len([i for i in region.a if i not in flow.moves]) <= 1
