"""A backward pass that one side alone runs for nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from magneton.engine.assemble import Sites
from magneton.engine.cutting import cut_recordings
from magneton.engine.request import Options, SideRequest
from magneton.engine.side import Side
from magneton.engine.trace.side import TraceSide
from magneton.engine.unused import Idle, idle_work
from magneton.source.positions import Locator
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs, SideName
from tests.agent.recordings import recorded
from tests.analysis.steps import exact
from tests.engine.explained import seconds
from tests.engine.trace.traces import read_back, trace

HERE = Path(__file__)
X = torch.ones(4, 8)


def trained(frozen: bool, learns: bool = True) -> Recording:
    """A step that trains the last of two layers, where the first is ``frozen`` or not."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body, head = nn.Linear(8, 8), nn.Linear(8, 2)
    body.requires_grad_(not frozen)

    def step() -> Tensor:
        loss: Tensor = head(body(X).tanh()).sum()
        if learns:
            head.weight.grad = head.bias.grad = None
            loss.backward()
            with torch.no_grad():
                assert head.weight.grad is not None
                head.weight.sub_(head.weight.grad)
        return loss.detach()

    return recorded(step)


def idle(a: Recording, b: Recording, share: float = 0.01) -> tuple[tuple[Sites, Sites], list[Idle]]:
    sites = Sites(a, Locator(HERE.parent)), Sites(b, Locator(HERE.parent))
    cut = cut_recordings(a, b, Outputs("outputs", True, 0.0))
    return sites, list(idle_work(cut, sites, (seconds(a), seconds(b)), share))


def test_a_finding_without_a_cause_where_nobody_can_be_asked(tmp_path: Path) -> None:
    sites, (found,) = idle(trained(frozen=False), trained(frozen=True))
    request = SideRequest("a.magneton-trace", "python")
    over: dict[SideName, Side] = {
        name: TraceSide(name, request, Options(), read_back(tmp_path, trace()), False)
        for name in ("a", "b")
    }
    finding = asyncio.run(found.finding(sites, over))
    assert (finding.wasteful_side, finding.class_, finding.category) == (
        "a",
        "performance",
        "redundant",
    )
    assert finding.saving_j == exact(float(len(found.operators)))
    assert finding.cause is None
    assert finding.message.endswith(
        "computes gradients that nothing in the step reads; the other side does without"
    )
    assert finding.location is not None
    assert finding.location.path == HERE.name
    (note,) = finding.evidence
    assert note.text.startswith(f"side a runs {len(found.operators)} operators that side b does")


def test_none_where_both_sides_do_so_or_one_never_learns() -> None:
    wasteful = trained(frozen=False)
    assert idle(wasteful, wasteful)[1] == []
    assert idle(wasteful, trained(frozen=True, learns=False))[1] == []
    assert len(idle(trained(frozen=True), wasteful)[1]) == 1


def test_none_where_it_costs_little() -> None:
    wasteful, frozen = trained(frozen=False), trained(frozen=True)
    (found,) = idle(wasteful, frozen)[1]
    share = len(found.operators) / len(wasteful.operators)
    assert idle(wasteful, frozen, share * 1.1)[1] == []
    assert found.is_costly(seconds(wasteful))
    assert not replace(found, share=share * 1.1).is_costly(seconds(wasteful))


def kept(inside: bool) -> Recording:
    """A step that squares a matrix, or was given its square."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        matrix, rows = torch.rand(8, 8), torch.rand(4, 8)
    square = matrix @ matrix

    def step() -> Tensor:
        known = (matrix @ matrix if inside else square).clone()
        found: Tensor = rows
        for _ in range(3):
            found = 0.5 * (found @ known) + 0.5 * rows
        return found

    return recorded(step)


def test_what_one_side_was_given_and_the_other_computes_anew() -> None:
    sites, (found,) = idle(kept(inside=True), kept(inside=False))
    assert (found.side, found.gradients) == ("a", False)
    (operator,) = found.operators
    assert sites[0].recording.operators[operator].name == "aten::mm"
    assert idle(kept(inside=False), kept(inside=False))[1] == []
    cut = cut_recordings(sites[0].recording, sites[1].recording, Outputs("outputs", True, 0.0))
    costs = seconds(sites[0].recording), seconds(sites[1].recording)
    repeated = frozenset(found.operators), frozenset[int]()
    assert idle_work(cut, sites, costs, 0.01, repeated) == ()  # told of already
    (other,) = idle(kept(inside=False), kept(inside=True))[1]
    assert other.side == "b"
    finding = asyncio.run(other.finding(sites, {}))
    assert finding.cause is None
    assert finding.category == "redundant"
