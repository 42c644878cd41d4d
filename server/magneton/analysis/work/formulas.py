"""Floating-point operations of operators, by name. A multiplication with an addition counts two.

The counts of norms, softmax and activations are the operations in their textbook form; an
exponential, a logarithm or a root counts as one. They are there to be multiplied with an energy
that was fitted with the same counts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Literal

from magneton_agent.schema.recording import Value

from .call import Call, all_elements, elements

Unit = Literal["matrix", "vector"]
Formula = Callable[[Call], float]
Counted = tuple[Unit, float]

_FORMULAS: dict[str, tuple[Unit, Formula]] = {}


def operations(call: Call) -> Counted | None:
    """Which unit computes ``call``, and how many operations that takes; None where no formula
    knows it."""
    found = _FORMULAS.get(call.name) or _FORMULAS.get(call.name.rstrip("_"))
    if found is not None:
        unit, formula = found
        return unit, float(formula(call))
    if (per_element := _per_element(call.name)) is None:
        return None
    return "vector", float(per_element * all_elements(call.outputs))


def _matrix(*names: str) -> Callable[[Formula], Formula]:
    return _register("matrix", names)


def _vector(*names: str) -> Callable[[Formula], Formula]:
    return _register("vector", names)


def _register(unit: Unit, names: tuple[str, ...]) -> Callable[[Formula], Formula]:
    def keep(formula: Formula) -> Formula:
        _FORMULAS.update(dict.fromkeys(names, (unit, formula)))
        return formula

    return keep


@_matrix("mm", "bmm", "matmul", "linear", "_scaled_mm", "_int_mm")
def _product(call: Call) -> float:
    return 2 * call.inputs[0].shape[-1] * elements(call.outputs[0])


@_matrix("addmm", "baddbmm", "_addmm_activation")
def _added_product(call: Call) -> float:
    return (2 * call.inputs[1].shape[-1] + 1) * elements(call.outputs[0])


@_vector("mv", "dot", "vdot")
def _matrix_vector(call: Call) -> float:
    return 2 * elements(call.inputs[0])


@_vector("addmv")
def _added_matrix_vector(call: Call) -> float:
    return 2 * elements(call.inputs[1])


@_matrix(
    "convolution",
    "_convolution",
    "convolution_overrideable",
    "cudnn_convolution",
    "cudnn_convolution_relu",
    "mkldnn_convolution",
    "conv1d",
    "conv2d",
    "conv3d",
)
def _convolution(call: Call) -> float:
    return _convolved(call, call.inputs[0], call.inputs[1], call.outputs[0])


@_matrix("convolution_backward", "convolution_backward_overrideable")
def _convolution_backward(call: Call) -> float:
    gradient, source, weight = call.inputs[:3]
    mask = call.flags("output_mask") or [True, True]
    return sum(mask[:2]) * _convolved(call, source, weight, gradient)


def _convolved(call: Call, source: Value, weight: Value, result: Value) -> float:
    """Every element of the weight meets every position of one image, within its group."""
    positions = source if call.flags("transposed") == [True] else result
    return 2 * elements(positions) * elements(weight) / weight.shape[0]


_ATTENTION = (
    "scaled_dot_product_attention",
    "_scaled_dot_product_attention_math",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_fused_attention_overrideable",
)


@_matrix(*_ATTENTION)
def _attention(call: Call) -> float:
    query, key, value = call.inputs[:3]
    return 2 * _pairs(call, query, key) * (query.shape[-1] + value.shape[-1])


@_matrix(*(f"{name}_backward" for name in _ATTENTION))
def _attention_backward(call: Call) -> float:
    """Scores again, and the gradients of values, weights, queries and keys."""
    query, key, value = call.inputs[1:4]
    return 2 * _pairs(call, query, key) * (3 * query.shape[-1] + 2 * value.shape[-1])


def _pairs(call: Call, query: Value, key: Value) -> int:
    """How many scores are computed; of a causal mask, which starts at the upper left, only those
    that it lets through."""
    *batch, rows, _ = query.shape
    columns = key.shape[-2]
    scores = rows * columns
    if call.flags("is_causal") == [True]:
        square = min(rows, columns)
        scores = square * (square + 1) // 2 + (rows - square) * columns
    return functools.reduce(int.__mul__, batch, 1) * scores


_PER_INPUT_ELEMENT = {
    "sum": 1,
    "mean": 1,
    "amax": 1,
    "amin": 1,
    "aminmax": 2,
    "max": 1,
    "min": 1,
    "argmax": 1,
    "argmin": 1,
    "prod": 1,
    "cumsum": 1,
    "cumprod": 1,
    "var": 3,
    "std": 3,
    "var_mean": 3,
    "std_mean": 3,
    "linalg_vector_norm": 2,
    "norm": 2,
    "logsumexp": 3,
    "_softmax": 5,
    "softmax": 5,
    "_log_softmax": 5,
    "log_softmax": 5,
    "_softmax_backward_data": 4,
    "_log_softmax_backward_data": 4,
    "native_layer_norm": 7,
    "_fused_rms_norm": 5,
    "native_group_norm": 7,
    "native_batch_norm": 7,
    "cudnn_batch_norm": 7,
    "_native_batch_norm_legit": 7,
    "_native_batch_norm_legit_no_training": 4,
    "native_layer_norm_backward": 12,
    "native_group_norm_backward": 12,
    "native_batch_norm_backward": 12,
    "cudnn_batch_norm_backward": 12,
    "max_pool2d_with_indices": 1,
    "avg_pool2d": 1,
    "_adaptive_avg_pool2d": 1,
    "nll_loss_forward": 0,
    "nll_loss2d_forward": 0,
}


def _of_first_input(per_element: int) -> Formula:
    return lambda call: per_element * elements(call.inputs[0]) if call.inputs else 0.0


for _name, _count in _PER_INPUT_ELEMENT.items():
    _vector(_name)(_of_first_input(_count))

_PER_OUTPUT_ELEMENT = {
    # Moves and fills compute nothing.
    0: "copy clone _to_copy fill zero zeros ones full arange zeros_like ones_like full_like rand "
    "randn randint rand_like randn_like normal uniform bernoulli cat stack embedding index "
    "index_select gather index_put slice_scatter select_scatter masked_fill masked_select where "
    "tril triu roll flip repeat repeat_interleave constant_pad_nd sort topk nonzero "
    "embedding_dense_backward nll_loss_backward nll_loss2d_backward slice_backward one_hot eye "
    "select_backward _index_put_impl new_zeros new_ones new_full scalar_tensor randperm empty "
    "empty_like empty_strided new_empty new_empty_strided _reshape_copy lift_fresh_copy",
    1: "add sub rsub mul div neg abs sign relu threshold maximum minimum clamp clamp_min clamp_max "
    "exp exp2 expm1 log log1p log2 sqrt rsqrt reciprocal sin cos tan floor ceil round trunc "
    "eq ne lt le gt ge logical_and logical_or logical_not logical_xor bitwise_and bitwise_or "
    "bitwise_not bitwise_xor isnan isinf isfinite remainder fmod scatter_add index_add "
    "threshold_backward erf",
    2: "addcmul addcdiv lerp pow square hardtanh native_dropout_backward leaky_relu atan2 "
    "pow_backward tanh_backward sigmoid_backward",
    3: "native_dropout sigmoid tanh elu softplus hardswish hardsigmoid mish",
    4: "silu",
    8: "gelu silu_backward",
    12: "gelu_backward",
    14: "_fused_adamw _fused_adam",
}
_COUNTS = {name: count for count, names in _PER_OUTPUT_ELEMENT.items() for name in names.split()}


def _per_element(name: str) -> int | None:
    """Operations per element of the result; of a list operator those of its plain form."""
    plain = re.sub(r"^_foreach_", "", name).rstrip("_")
    return _COUNTS.get(plain)
