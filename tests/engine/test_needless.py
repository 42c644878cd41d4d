"""What one side moves and undoes itself, from real recordings and times made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from magneton.engine.assemble import Sites
from magneton.engine.needless import Needless, needless
from magneton.engine.redundant import suspect
from magneton.engine.second_look import Alone
from magneton.source.positions import Locator
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import recorded
from tests.analysis.steps import blocks, cost
from tests.engine.explained import seconds

HERE = Path(__file__)
X = torch.randn(3, 4)


def layers() -> Tensor:
    found = X * 1
    for _ in range(2):
        found = found.double().float().exp()
    return found


def seen(recording: Recording, share: float = 0.01) -> Needless:
    return needless("a", Sites(recording, Locator(HERE.parent)), seconds(recording), share)


def test_one_finding_a_place() -> None:
    (found,) = seen(recorded(layers)).findings()
    assert (found.class_, found.category, found.count) == ("performance", "redundant", 2)
    assert isinstance(found.saving_j, Quantity)
    assert found.saving_j.value == 4.0  # of seven operators of a joule
    assert found.cause is not None
    assert (found.cause.kind, found.cause.name) == ("redundant", "found.double()")
    assert (found.cause.wasteful_value, found.cause.efficient_value) == ("twice", "never")
    assert found.location == found.cause.location
    assert found.location is not None
    line = found.location.start.line
    assert HERE.read_text().split("\n")[line - 1].strip() == "found = found.double().float().exp()"
    assert found.message == (
        f"`found.double()` casts float32 to float64, which `.float()` on line {line} undoes before "
        "anything computes with it"
    )
    assert found.remedy == "leave it out, and `.float()`, which undoes it, as well"
    assert [each.text for each in found.evidence] == [
        "`found.double()` casts float32 to float64 twice a step (aten::_to_copy), which "
        f"`.float()` on line {line} undoes",
        "the type is given back here, and nothing but movement is in between",
    ]


def test_what_costs_little_is_none() -> None:
    recording = recorded(layers)
    assert len(seen(recording, 4 / 7 - 0.01).places) == 1
    assert seen(recording, 4 / 7 + 0.01).places == ()


def test_what_other_processes_do_not_repeat_is_dropped() -> None:
    found = seen(recorded(layers), 0.5)
    count = len(found.sites.recording.operators)
    less = cost(blocks(*[(0.1,) * count] * 6), (1.0,) * count, energy_j=float(count))
    assert found.confirmed(less).places == ()
    assert found.confirmed(found.cost) == found


def twice() -> Tensor:
    return X.double().float().exp() + X.double().float().exp()


def test_what_is_repeated_too_is_told_of_once() -> None:
    recording = recorded(twice)
    own = seen(recording)
    assert len(own.places) == 2
    alone = Alone(suspect("a", own.sites, own.cost, 0.01), own)
    (found,) = alone.findings()
    assert found.cause is not None
    assert found.cause.wasteful_value == "twice"
    assert not alone.is_empty
    assert replace(alone, suspect=replace(alone.suspect, repetitions=())).findings() != ()
