"""An operator beside itself with other arguments, within a step that stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional

from magneton_agent.replay.calls import Bench
from magneton_agent.replay.varying import vary
from magneton_agent.schema.messages import Laid, NotReplayed, ReplayItem, VariedCall, Vary
from tests.agent.recordings import names, recorded
from tests.agent.replay.meters import SteadyMeter
from tests.agent.steps import complete

NO_METER = Bench(())
X = torch.randn(64, 48)


def varied(step: Any, name: str, bench: Bench = NO_METER, **changes: Any) -> Any:
    """What varying operator ``name`` of ``step`` gave."""
    recording = recorded(step)
    number = names(recording).index(name)
    inputs = (None,) * len(recording.operators[number].inputs)
    request = Vary(
        ReplayItem(number, f"aten::{name}", changes.get("budget_s", 0.05)),
        changes.get("arguments", {}),
        changes.get("inputs", inputs),
    )
    return complete(vary(request, 0, bench), step).outcome


def test_another_layout_gives_the_same_values() -> None:
    turned = X.t().contiguous().t()
    found = varied(
        lambda: functional.layer_norm(turned, (48,)),
        "native_layer_norm",
        inputs=(Laid("torch.float32", (64, 48), (48, 1)),),
    )
    assert isinstance(found, VariedCall)
    assert found.max_relative_error < 1e-5
    assert not found.measured
    assert 4 <= len(found.plain) == len(found.varied) <= 16
    assert min(*found.plain, *found.varied) > 0


def test_another_argument_gives_other_values() -> None:
    found = varied(lambda: torch.softmax(X, 1), "_softmax", arguments={"dim": "0"})
    assert isinstance(found, VariedCall)
    assert found.max_relative_error > 0.1


def test_another_type() -> None:
    wide = Laid("torch.float64", (64, 48), (48, 1))
    found = varied(lambda: torch.mul(X, X), "mul", inputs=(wide, wide))
    assert isinstance(found, VariedCall)
    assert found.max_relative_error < 1e-6


def test_what_it_writes_stays_as_the_step_left_it() -> None:
    def step() -> torch.Tensor:
        return torch.zeros(4, 4).add_(1.0, alpha=2.0).sum()

    seen: list[torch.Tensor] = []
    found = varied(lambda: seen.append(step()), "add_", arguments={"alpha": "3.0"})
    assert isinstance(found, VariedCall)
    assert {float(each) for each in seen} == {32.0}
    assert found.max_relative_error == pytest.approx(1 / 3)


def test_a_meter_gives_joules() -> None:
    found = varied(lambda: torch.mul(X, X), "mul", Bench((SteadyMeter(),)), budget_s=20.0)
    assert isinstance(found, VariedCall)
    assert found.measured
    assert len(found.plain) == len(found.varied) == 4


def test_a_dimension_that_is_moved_to_the_end_gives_the_same_values() -> None:
    found = varied(
        lambda: torch.softmax(X.reshape(8, 16, 24), 1),
        "_softmax",
        arguments={"dim": "1"},
        inputs=(Laid("torch.float32", (192, 16), (16, 1), (0, 2, 1)),),
    )
    assert isinstance(found, VariedCall)
    assert found.max_relative_error < 1e-6


def test_a_tensor_of_another_shape_is_not_given() -> None:
    found = varied(
        lambda: torch.mul(X, X + 1),
        "mul",
        inputs=(Laid("torch.float32", (48, 64), (64, 1)), None),
    )
    assert isinstance(found, NotReplayed)
    assert found.reason == (
        "it failed when it was varied: the other program gives it a tensor of another shape"
    )


def test_an_operator_that_the_step_does_not_run() -> None:
    request = Vary(ReplayItem(7, "aten::mul", 0.05), {}, ())
    found = complete(vary(request, 0, NO_METER), lambda: X + X).outcome
    assert found == NotReplayed(7, "the step did not come to it again")
