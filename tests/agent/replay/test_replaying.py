"""Operators replayed within a step: what the step computes stays as it is, to the bit."""

from __future__ import annotations

import functools
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch._C import _distributed_c10d as c10d
from torch.nn import functional
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack

from magneton_agent import opaque
from magneton_agent.replay.calls import Bench
from magneton_agent.replay.replaying import ReplayMode, replay
from magneton_agent.schema.messages import CallEnergy, NotReplayed, Replay, ReplayItem
from magneton_agent.schema.meters import BoardState
from tests.agent.programs import PROGRAMS, Net, Step, tensors
from tests.agent.recordings import names, recorded
from tests.agent.replay.meters import SteadyMeter
from tests.agent.steps import complete

BUDGET_S = 20.0  # a call is known long before, also where somebody else takes the CPU
X = torch.arange(12.0).reshape(3, 4)


def replayed(step: Step, budget_s: float = BUDGET_S, seed: int = 0) -> dict[str, Any]:
    """What was found for every operator of ``step``, by name; the last of equal names."""
    expected = names(recorded(step))
    items = tuple(ReplayItem(i, f"aten::{name}", budget_s) for i, name in enumerate(expected))
    found = complete(replay(Replay(items), seed, Bench((SteadyMeter(),))), step)
    assert [each.operator for each in found.operators] == list(range(len(expected)))
    return dict(zip(expected, found.operators, strict=True))


def with_every_operator_replayed(step: Step) -> Any:
    items = [ReplayItem(i, name, 1e-9) for i, name in enumerate(operators_of(step))]
    with ReplayMode(items, Bench((SteadyMeter(),))):
        return step()


def operators_of(step: Step) -> list[str]:
    state = torch.get_rng_state()
    found = [each.name for each in recorded(step).operators]
    torch.set_rng_state(state)
    return found


def seeded(step: Callable[[], Any]) -> tuple[list[torch.Tensor], torch.Tensor]:
    torch.manual_seed(5)
    return list(tensors(step())), torch.get_rng_state()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_step_gives_the_same_bits_and_leaves_nothing(name: str) -> None:
    build = PROGRAMS[name]
    plain_step, step = build(), build()
    seeded(plain_step)  # the recording below is the other one's first step
    expected, state = seeded(plain_step)
    torch.manual_seed(5)
    found, state_after = seeded(functools.partial(with_every_operator_replayed, step))
    assert len(expected) == len(found) > 0
    assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))
    assert torch.equal(state, state_after)
    assert _get_current_dispatch_mode_stack() == []
    storages = [weakref.ref(each.untyped_storage()) for each in found]
    del found, step
    gc.collect()
    assert [reference() for reference in storages] == [None] * len(storages)


def test_the_energy_of_a_call_is_power_times_its_time() -> None:
    a = torch.randn(64, 64)
    found = replayed(lambda: torch.mm(a, a))["mm"]
    assert isinstance(found, CallEnergy)
    assert found.energy_j == pytest.approx(100.0 * found.duration_s)
    assert found.error == pytest.approx(0.0, abs=1e-9)
    assert found.calls > 1
    assert not found.captured


def test_what_a_call_writes_is_a_copy() -> None:
    zeros = torch.zeros(4)
    view = zeros[1:3]
    found = replayed(lambda: view.add_(1.0))["add_"]
    assert isinstance(found, CallEnergy)
    # Once by the recording, once by the step itself.
    assert zeros.tolist() == [0.0, 2.0, 2.0, 0.0]


def test_running_statistics_are_copied_though_no_schema_says_they_are_written() -> None:
    mean, variance = torch.zeros(4), torch.ones(4)

    def step() -> Any:
        return functional.batch_norm(X, mean, variance, training=True, momentum=0.5)

    found = replayed(step)["native_batch_norm"]
    assert isinstance(found, CallEnergy)
    # From 0 half of the way to the means 4 to 7, by the recording and by the step.
    assert mean.tolist() == [3.0, 3.75, 4.5, 5.25]


def test_a_generator_of_the_programs_own_is_left_as_it_was() -> None:
    generator = torch.Generator().manual_seed(3)
    found = replayed(lambda: torch.rand(4, generator=generator))["rand"]
    assert isinstance(found, CallEnergy)
    again = torch.Generator().manual_seed(3)
    torch.rand(4, generator=again)
    torch.rand(4, generator=again)
    assert torch.equal(generator.get_state(), again.get_state())


def gathered() -> torch.Tensor:
    """What the only rank of a group of its own shares with all."""
    dist.init_process_group("gloo", store=c10d.HashStore(), rank=0, world_size=1)
    try:
        shared = X.clone()
        dist.all_reduce(shared)
        return shared
    finally:
        dist.destroy_process_group()


@opaque(inputs=["x"])
def unseen(x: torch.Tensor) -> torch.Tensor:
    return x * 2


REFUSED: dict[str, tuple[Step, str, str]] = {
    "custom": (
        lambda: torch.ops.magneton_tests.scaled(X, 2.0),
        "magneton_tests::scaled",
        "it is not an operator of torch: what else it does is not known",
    ),
    "item": (
        lambda: float(X.sum()),
        "aten::_local_scalar_dense",
        "it has effects beside its result",
    ),
    "view": (X.t, "aten::t", "it only makes a view"),
    "opaque": (lambda: unseen(X), "opaque::unseen", "it is a call that torch does not see"),
    "collective": (gathered, "c10d::allreduce_", "it exchanges data with other processes"),
    "sparse": (
        lambda: torch.mm(torch.eye(3).to_sparse(), torch.ones(3, 2)),
        "aten::mm",
        "it works on sparse tensors",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_be_run_twice_is_refused(case: str) -> None:
    step, name, reason = REFUSED[case]
    place = operators_of(step).index(name)
    request = Replay((ReplayItem(place, name, BUDGET_S),))
    found = complete(replay(request, 0, Bench((SteadyMeter(),))), step)
    assert found.operators == (NotReplayed(place, reason),)


def test_other_operators_than_the_recorded_ones_are_refused() -> None:
    request = Replay((ReplayItem(0, "aten::sin", BUDGET_S), ReplayItem(9, "aten::cos", BUDGET_S)))
    found = complete(replay(request, 0, Bench((SteadyMeter(),))), X.cos)
    assert found.operators == (
        NotReplayed(0, "the step ran another operator in its place"),
        NotReplayed(9, "the step did not come to it again"),
    )


def test_a_meter_that_says_too_little_gives_a_reason() -> None:
    bench = Bench((SteadyMeter(period_s=10.0),))
    request = Replay((ReplayItem(0, "aten::cos", 0.01),))
    found = complete(replay(request, 0, bench), X.cos)
    assert found.operators == (NotReplayed(0, "0.01 s were too short to read it"),)


def test_without_a_meter_nothing_is_replayed() -> None:
    request = Replay((ReplayItem(0, "aten::cos", BUDGET_S),))
    found = complete(replay(request, 0, Bench(())), X.cos)
    assert found.operators == (NotReplayed(0, "no meter covers the device that it runs on"),)


class Broken(SteadyMeter):
    def window(self) -> Any:
        raise RuntimeError("the sensor is gone\nand more")


def test_a_meter_that_is_lost_is_the_reason_at_once() -> None:
    request = Replay((ReplayItem(0, "aten::cos", 60.0),))
    lost = SteadyMeter()
    lost.reason = "the board has fallen off the bus"
    found = complete(replay(request, 0, Bench((lost,))), X.cos)
    assert found.operators == (NotReplayed(0, "the board has fallen off the bus"),)


def test_how_boards_were_meanwhile_is_told_once() -> None:
    held = BoardState("GPU-1", "Board X", 70, 1400, 3201, ("power cap",), ("7 (x)",), ())
    meter = SteadyMeter()
    meter.boards = (held,)
    request, bench = Replay((ReplayItem(0, "aten::cos", BUDGET_S),)), Bench((meter,))
    assert complete(replay(request, 0, bench), X.cos).boards == (held,)
    meter.boards = ()
    assert complete(replay(request, 0, bench), X.cos).boards == ()


def test_a_failure_is_a_reason_and_the_step_goes_on() -> None:
    request = Replay((ReplayItem(0, "aten::cos", BUDGET_S),))
    mode = ReplayMode(request.operators, Bench((Broken(),)))
    with mode:
        result = X.cos()
    assert torch.equal(result, X.cos())
    reason = "it failed when it was run again: the sensor is gone"
    assert mode.outcomes() == (NotReplayed(0, reason),)


def test_a_step_that_raises_leaves_nothing() -> None:
    seen: list[weakref.ref[Any]] = []

    def step() -> None:
        x = torch.ones(2, 6, requires_grad=True)
        y = Net()(x).exp_()
        seen.extend([weakref.ref(x), weakref.ref(y.untyped_storage())])
        raise ValueError("no")

    items = [ReplayItem(number, "aten::exp_", 0.01) for number in range(40)]
    state = torch.get_rng_state()
    with pytest.raises(ValueError, match="no"), ReplayMode(items, Bench((SteadyMeter(),))):
        step()
    torch.set_rng_state(state)
    assert _get_current_dispatch_mode_stack() == []
    gc.collect()
    assert [reference() for reference in seen] == [None, None]


def test_a_child_of_the_program_is_not_the_step() -> None:
    mode = ReplayMode([ReplayItem(0, "aten::cos", BUDGET_S)], Bench((SteadyMeter(),)))
    mode._pid += 1
    with mode:
        X.cos()
    assert mode.outcomes() == (NotReplayed(0, "the step did not come to it again"),)
