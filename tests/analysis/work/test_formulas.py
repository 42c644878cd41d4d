"""Operations of operators, worked out by hand; PyTorch's own counter agrees where it has one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch.utils.flop_counter import FlopCounterMode

from magneton.analysis.work.amount import work_of
from magneton.analysis.work.call import call_of
from magneton.analysis.work.formulas import operations
from magneton_agent.recorder import record

from .calls import Shape, step, tensor


def count(
    name: str, inputs: Sequence[Shape], outputs: Sequence[Shape], **arguments: str
) -> tuple[str, float] | None:
    given = [tensor(i, shape) for i, shape in enumerate(inputs)]
    results = [tensor(len(given) + i, shape) for i, shape in enumerate(outputs)]
    recording = step(name, given, results, None, **arguments)
    return operations(call_of(recording, recording.operators[0]))


def test_matrix_products() -> None:
    assert count("mm", [(4, 6), (6, 5)], [(4, 5)]) == ("matrix", 240)  # 2 * 4 * 6 * 5
    assert count("bmm", [(3, 4, 6), (3, 6, 5)], [(3, 4, 5)]) == ("matrix", 720)  # 3 * 240
    assert count("linear", [(2, 4, 6), (5, 6), (5,)], [(2, 4, 5)]) == ("matrix", 480)
    assert count("addmm", [(5,), (4, 6), (6, 5)], [(4, 5)]) == ("matrix", 260)  # 240 + 4 * 5
    assert count("addmm_", [(4, 5), (4, 6), (6, 5)], [(4, 5)]) == ("matrix", 260)
    assert count("baddbmm", [(3, 4, 5), (3, 4, 6), (3, 6, 5)], [(3, 4, 5)]) == ("matrix", 780)
    assert count("mv", [(4, 6), (6,)], [(4,)]) == ("vector", 48)


def test_convolution_in_groups_and_transposed() -> None:
    # 2 * (2*6*7*7 results) * (2*3*3 weights each) = 21168
    shapes: list[Shape] = [(2, 4, 9, 9), (6, 2, 3, 3), (6,)]
    assert count("convolution", shapes, [(2, 6, 7, 7)], transposed="False") == ("matrix", 21168)
    # 2 * (1*3*5*5 positions) * (4*2*2 weights each) = 2400
    assert count(
        "convolution", [(1, 3, 5, 5), (3, 4, 2, 2)], [(1, 4, 6, 6)], transposed="True"
    ) == (
        "matrix",
        2400,
    )


def test_a_convolutions_gradients_cost_what_it_costs_each() -> None:
    shapes: list[Shape] = [(2, 6, 7, 7), (2, 4, 9, 9), (6, 2, 3, 3)]
    both = count("convolution_backward", shapes, [], output_mask="[True, True, True]")
    weight = count("convolution_backward", shapes, [], output_mask="[False, True, True]")
    assert (both, weight) == (("matrix", 42336), ("matrix", 21168))


def test_attention_and_what_its_mask_saves() -> None:
    name, shapes = "_scaled_dot_product_flash_attention", [(1, 2, 5, 4)] * 3
    whole = count(name, shapes, [(1, 2, 5, 4)], is_causal="False")
    causal = count(name, shapes, [(1, 2, 5, 4)], is_causal="True")
    assert whole == ("matrix", 800)  # 2 * 2 heads * 25 scores * (4 + 4)
    assert causal == ("matrix", 480)  # 15 of 25 scores
    wide = count(name, [(1, 1, 2, 4), (1, 1, 5, 4), (1, 1, 5, 4)], [(1, 1, 2, 4)], is_causal="True")
    assert wide == ("matrix", 48)  # rows of 1 and 2 scores
    tall = count(name, [(1, 1, 5, 4), (1, 1, 2, 4), (1, 1, 2, 4)], [(1, 1, 5, 4)], is_causal="True")
    assert tall == ("matrix", 144)  # 1 + 2 + 3 * 2 scores


def test_attentions_gradient() -> None:
    shapes: list[Shape] = [(1, 2, 5, 4)] * 5
    found = count("_scaled_dot_product_efficient_attention_backward", shapes, [], is_causal="False")
    assert found == ("matrix", 2000)  # five products of 2 * 2 * 25 * 4


def test_elementwise_reductions_and_what_computes_nothing() -> None:
    assert count("add", [(3, 4), (4,)], [(3, 4)]) == ("vector", 12)
    assert count("mul_", [(3, 4)], [(3, 4)]) == ("vector", 12)
    assert count("_foreach_addcmul_", [(3,), (4,)], [(3,), (4,)]) == ("vector", 14)
    assert count("sum", [(3, 4)], [()]) == ("vector", 12)
    assert count("_softmax", [(3, 4)], [(3, 4)]) == ("vector", 60)
    assert count("native_layer_norm", [(3, 4)], [(3, 4), (3, 1), (3, 1)]) == ("vector", 84)
    assert count("clone", [(3, 4)], [(3, 4)]) == ("vector", 0)
    assert count("embedding", [(100, 8), (3,)], [(3, 8)]) == ("vector", 0)


def test_what_no_formula_knows_is_not_zero_but_unknown() -> None:
    assert count("my_kernel", [(3, 4)], [(3, 4)]) is None


def test_real_products_count_what_pytorchs_own_counter_counts() -> None:
    # Of one group, as its counter multiplies the weight's gradient by their number.
    convolution = torch.nn.Conv2d(4, 6, 3)
    query = torch.randn(2, 3, 8, 4, requires_grad=True)
    image = torch.randn(2, 4, 9, 9, requires_grad=True)
    weight = torch.randn(10, 4, requires_grad=True)

    def program() -> object:
        products = F.linear(query, weight).sum() + (query @ query.mT).sum()
        total = convolution(image).sum() + products
        total.backward()
        return total

    recording, _ = record(program, {}, {})
    counted = [operations(call_of(recording, each)) for each in recording.operators]
    ours = sum(each[1] for each in counted if each is not None and each[0] == "matrix")
    with FlopCounterMode(display=False) as theirs:
        program()
    assert ours == pytest.approx(theirs.get_total_flops(), rel=1e-9)
    assert all(work_of(recording, each).counted for each in recording.operators)
