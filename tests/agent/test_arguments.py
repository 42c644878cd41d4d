"""Arguments as text, whether told at once or later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from magneton_agent.arguments import scalar_arguments, split, told_arguments
from magneton_agent.operands import facts_of

from .recordings import recorded

ATEN = torch.ops.aten
SUM = {"keepdim": "False", "dtype": "torch.float16"}
X = torch.ones(2)


@pytest.mark.parametrize(
    ("operator", "args", "kwargs", "expected"),
    [
        (ATEN.add.Tensor, (X, X), {"alpha": 2.5}, {"alpha": "2.5"}),
        (ATEN.add.Tensor, (X, X), {}, {"alpha": "1"}),
        (ATEN.add.Scalar, (X, 3), {}, {"other": "3", "alpha": "1"}),
        (ATEN.add.Scalar, (X, -0.0), {"alpha": True}, {"other": "-0.0", "alpha": "True"}),
        (ATEN.cat.default, ([X, X], -1), {}, {"dim": "-1"}),
        (ATEN.sum.dim_IntList, (X, [0], False), {}, SUM | {"dim": "[0]", "dtype": "None"}),
        (ATEN.sum.dim_IntList, (X, []), {"dtype": torch.half}, SUM | {"dim": "[]"}),
        (ATEN.gelu.default, (X,), {"approximate": ""}, {"approximate": "''"}),
        (ATEN.gelu.default, (X,), {"approximate": "tanh"}, {"approximate": "'tanh'"}),
        (ATEN.index.Tensor, (X, [None, X]), {}, {}),
    ],
)
def test_scalar_arguments(
    operator: torch._ops.OpOverload,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    expected: dict[str, str],
) -> None:
    facts, (_, told) = facts_of(operator), split(args, kwargs)
    assert scalar_arguments(facts, args, kwargs) == expected
    assert told is not None
    assert told_arguments(facts, told) == expected


def test_a_call_is_split_into_tensors_and_what_tells_it_apart() -> None:
    x, y = torch.ones(2), torch.ones(2)
    tensors, _ = split((x, [y, x], 3), {"out": y, "dim": [0, 1]})
    assert [id(each) for each in tensors] == [id(x), id(y), id(x), id(y)]
    positional: tuple[Any, ...] = (1, 1.0, True, 0.0, -0.0, "1", None, [1], [1.0], [1, 2], [], y)
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        *[((x, each), {}) for each in (*positional, torch.float32, torch.float64)],
        *[((x,), {name: 1}) for name in ("alpha", "beta")],
        ((x,), {"alpha": 1.0}),
        ((x, "alpha", 1), {}),
        ((x, [x]), {}),
        ((), {}),
    ]
    keys = [split(args, kwargs)[1] for args, kwargs in calls]
    assert None not in keys
    # A tensor and a list of tensors are one: of neither is anything told.
    assert len(set(keys)) == len(calls) - 1
    assert split((y, 1), {})[1] == split((x, 1), {})[1]
    assert split((x, torch.Generator()), {})[1] is None


def test_values_read_the_same_in_every_process() -> None:
    found = scalar_arguments(
        facts_of(ATEN.rand.generator),
        ((2, 3),),
        {
            "generator": torch.Generator(),
            "dtype": torch.bfloat16,
            "device": torch.device("cpu"),
            "layout": torch.strided,
        },
    )
    assert found == {
        "size": "[2, 3]",
        "generator": "Generator",
        "dtype": "torch.bfloat16",
        "device": "device(type='cpu')",
        "layout": "torch.strided",
        "pin_memory": "None",
    }


@pytest.mark.parametrize(
    ("step", "random"),
    [
        (lambda x: torch.dropout(x, 0.5, train=True), True),
        (lambda x: torch.dropout(x, 0.5, train=False), False),
        (lambda x: torch.native_dropout(x, 0.5, True), True),
        (lambda x: torch.native_dropout(x, 0.5, False), False),
        (lambda x: x.clone().bernoulli_(0.5), True),
        (lambda x: x.clone().normal_(), True),
        (lambda x: torch.randperm(3), True),
        (lambda x: torch.multinomial(x, 1), True),
        (lambda x: scaled_dot_product_attention(x[None], x[None], x[None], dropout_p=0.5), True),
        (lambda x: scaled_dot_product_attention(x[None], x[None], x[None]), False),
        (lambda x: torch.nn.functional.rrelu(x, training=False), False),
        (torch.empty_like, False),
        (lambda x: x + 1, False),
    ],
)
def test_which_calls_draw_random_numbers(
    step: Callable[[torch.Tensor], object], random: bool
) -> None:
    found = recorded(lambda: step(torch.ones(2, 2, requires_grad=True).detach()))
    assert any(each.random for each in found.operators) is random
