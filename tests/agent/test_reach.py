"""Which tensors a step holds."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import nn

from magneton_agent.reach import reachable_tensors


def shapes(step: Callable[[], object]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in reachable_tensors(step).items()}


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 3)
        self.register_buffer("scale", torch.ones(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_modules_and_tensors_in_a_closure() -> None:
    model, x = Normed(), torch.ones(5)
    assert shapes(lambda: model(x)) == {
        "model.linear.weight": (3, 2),
        "model.linear.bias": (3,),
        "model.scale": (4,),
        "x": (5,),
    }


def test_shared_parameters_are_named_once() -> None:
    model = nn.Linear(2, 3, bias=False)
    tied = nn.Sequential(model)
    weight = model.weight
    assert shapes(lambda: (model, tied, weight)) == {"model.weight": (3, 2)}


def test_containers_partials_and_defaults() -> None:
    held = {"a": [torch.ones(1), (torch.ones(2),)], 3: torch.ones(3)}

    first, second = torch.ones(6), torch.ones(7)

    def function(x: object, w: object = first, *, y: object, z: object = second) -> object:
        return held, x, y

    step = functools.partial(function, torch.ones(4), y=torch.ones(5))
    assert shapes(step) == {
        "argument0": (4,),
        "y": (5,),
        "func.default0": (6,),
        "func.z": (7,),
        "func.held.3": (3,),
        "func.held.a.0": (1,),
        "func.held.a.1.0": (2,),
    }


class Trainer:
    def __init__(self) -> None:
        self.model, self.batch = nn.Linear(1, 1, bias=False), torch.ones(2)

    def step(self) -> None: ...

    def __call__(self) -> None: ...


def test_methods_and_callable_objects() -> None:
    trainer = Trainer()
    assert shapes(trainer.step) == {"self.model.weight": (1, 1), "self.batch": (2,)}
    assert shapes(trainer) == {"model.weight": (1, 1), "batch": (2,)}


TRAINER, TABLE = Trainer(), torch.ones(7)


def uses_globals() -> object:
    def inner() -> object:
        return TABLE

    return TRAINER, inner


def calls_another() -> object:
    return uses_globals()


def test_globals_that_the_step_names() -> None:
    assert shapes(uses_globals) == {
        "TRAINER.model.weight": (1, 1),
        "TRAINER.batch": (2,),
        "TABLE": (7,),
    }
    assert shapes(calls_another) == {
        "uses_globals.TRAINER.model.weight": (1, 1),
        "uses_globals.TRAINER.batch": (2,),
        "uses_globals.TABLE": (7,),
    }


def test_what_is_not_there_yet() -> None:
    def step() -> object:
        return late, NOT_DEFINED  # type: ignore[name-defined]  # noqa: F821  # on purpose

    assert shapes(step) == {}
    late = torch.ones(1)
    assert shapes(step) == {"late": (1,)}


def test_what_refers_to_itself() -> None:
    ring: list[object] = [torch.ones(1)]
    ring.append(ring)
    assert shapes(lambda: ring) == {"ring.0": (1,)}


def test_large_containers() -> None:
    vocabulary = {str(i): i for i in range(200_000)}
    x = torch.ones(1)
    assert shapes(lambda: (vocabulary, x)) == {"x": (1,)}
