"""Two spellings of real networks, where it is known which operators compute the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import nn

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match
from magneton.analysis.regions import Cut, cut
from magneton_agent.schema.recording import Recording

from .networks import gpt2_pair, inference, llama_pair, recording_of, role_of, training

LAYERS = 2
Pair = Callable[[int], tuple[nn.Module, nn.Module]]
PAIRS = pytest.mark.parametrize("pair", [gpt2_pair, llama_pair], ids=["gpt2", "llama"])
# What prepares masks and positions has no counterpart that could be named.
SETUP = tuple(
    f"{phase} {part}"
    for phase in ("forward", "backward")
    for part in ("step", "model", "transformer", "turn")
)
# q, k and v come out of their projections on one side, out of the attention's split on the other:
# the same values, labelled by different modules.
SPLIT = {(f"forward {i} attention.qkv", f"forward {i} attention") for i in range(LAYERS)}


def recorded(pair: Pair, *, train: bool) -> tuple[Recording, Recording]:
    models = pair(LAYERS)
    steps = [
        training(model, foreach=bool(side)) if train else inference(model)
        for side, model in enumerate(models)
    ]
    if train:
        for step in steps:
            step()  # the first one makes the optimizer's state
    a, b = (recording_of(model, step) for model, step in zip(models, steps, strict=True))
    return a, b


def computing_roles(recording: Recording, operators: tuple[int, ...]) -> set[str]:
    moves = flow_of(recording).moves
    roles = (role_of(recording.operators[i], recording) for i in operators if i not in moves)
    return {role for role in roles if role not in SETUP}


def roles_a_region(a: Recording, b: Recording, found: Cut) -> float:
    sizes = [
        len(roles)
        for region in found.regions
        if (roles := computing_roles(a, region.a) | computing_roles(b, region.b))
    ]
    return sum(sizes) / len(sizes)


def share_of_operators(recording: Recording, unmatched: tuple[int, ...]) -> float:
    """The share of computing operators that have a role and are in a region."""
    moves = flow_of(recording).moves
    labelled = [
        operator.id
        for operator in recording.operators
        if operator.id not in moves and role_of(operator, recording) not in SETUP
    ]
    return sum(i not in unmatched for i in labelled) / len(labelled)


def wrong_pairs(a: Recording, b: Recording) -> list[tuple[str, str]]:
    """Matched values whose producers have other roles on the two sides."""
    flow_a, flow_b = flow_of(a), flow_of(b)
    wrong = []
    for group_a, group_b in match(a, b).pairs:
        made_a, made_b = flow_a.producer.get(group_a), flow_b.producer.get(group_b)
        if made_a is not None and made_b is not None:
            roles = role_of(a.operators[made_a], a), role_of(b.operators[made_b], b)
            if roles[0] != roles[1] and roles[0] not in SETUP:
                wrong.append(roles)
    return wrong


@PAIRS
def test_inference_is_matched_role_by_role(pair: Pair) -> None:
    a, b = recorded(pair, train=False)
    found = cut(a, b, match(a, b))
    assert set(wrong_pairs(a, b)) <= SPLIT
    assert share_of_operators(a, found.unmatched_a) == 1.0
    assert share_of_operators(b, found.unmatched_b) == 1.0
    assert roles_a_region(a, b, found) <= 1.1


def test_the_written_out_gelu_of_gpt2_is_a_region_of_its_own() -> None:
    a, b = recorded(gpt2_pair, train=False)
    flow_a, flow_b = flow_of(a), flow_of(b)
    found = [
        [a.operators[i].name.removeprefix("aten::") for i in region.a if i not in flow_a.moves]
        for region in cut(a, b, match(a, b)).regions
        if [b.operators[i].name for i in region.b if i not in flow_b.moves] == ["aten::gelu"]
    ]
    assert len(found) == LAYERS
    for names in found:
        assert sorted(names) == ["add", "add", "mul", "mul", "mul", "mul", "pow", "tanh"]


@PAIRS
def test_a_training_step_is_matched_role_by_role(pair: Pair) -> None:
    a, b = recorded(pair, train=True)
    found = cut(a, b, match(a, b))
    assert set(wrong_pairs(a, b)) <= SPLIT
    forward = [region for region in found.regions if region.phase == "forward"]
    backward = [region for region in found.regions if region.phase == "backward"]
    assert len(forward) >= 14 * LAYERS
    assert len(backward) >= 14 * LAYERS
    assert roles_a_region(a, b, found) <= 1.1
    unmatched = {a.operators[i].phase for i in found.unmatched_a if i not in flow_of(a).moves}
    assert unmatched <= {"forward", "optimizer"}


@PAIRS
@pytest.mark.parametrize("train", [False, True], ids=["inference", "training"])
def test_against_itself_every_value_and_operator_finds_itself(pair: Pair, train: bool) -> None:
    recording, _ = recorded(pair, train=train)
    flow = flow_of(recording)
    matching = match(recording, recording)
    assert matching.pairs == tuple((group, group) for group in sorted(flow.first))
    found = cut(recording, recording, matching)
    assert (found.unmatched_a, found.unmatched_b) == ((), ())
    for region in found.regions:
        assert region.a == region.b
        assert len([i for i in region.a if i not in flow.moves]) <= 1
