"""Which knobs are tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from magneton.analysis.applicable import applicable
from magneton_agent.schema.knob_table import KNOBS
from magneton_agent.schema.recording import Recording, Value
from tests.analysis.steps import loaded, operator, recording

DEFAULTS = {
    "torch.is_inference_mode_enabled()": "False",
    "torch.get_float32_matmul_precision()": "'highest'",
    "torch.backends.cudnn.allow_tf32": "True",
    "torch.backends.cudnn.benchmark": "False",
    "torch.is_autocast_enabled('cpu')": "False",
    "torch.get_autocast_dtype('cpu')": "torch.bfloat16",
    "torch.is_autocast_enabled('cuda')": "False",
    "torch.get_autocast_dtype('cuda')": "torch.bfloat16",
    "torch.get_num_threads()": "2",
    **{
        f"torch.backends.cuda.{name}_sdp_enabled()": "True"
        for name in ("flash", "mem_efficient", "math", "cudnn")
    },
}


def step(
    *names: str, phase: Any = "forward", dtype: str = "float32", settings: Any = None
) -> Recording:
    """Every operator of ``names`` is given one image, its channels far apart."""
    made = recording([operator(name, phase=phase, inputs=(0,)) for name in names])
    strides = (64, 16, 4, 1)
    image = Value(0, 0, (2, 4, 4, 4), strides, dtype, "float", "input", None, None, 0, 0)
    return replace(made, settings=DEFAULTS | (settings or {}), values=(image,))


def names(made: Recording, **changes: Any) -> list[str]:
    return [knob.name for knob in applicable(made, loaded(**changes))]


def test_a_product_on_a_cpu() -> None:
    assert names(step("addmm")) == [
        "inference-mode",
        "bf16-products",
        "bf16-autocast",
        "compile",
        "threads=1",
    ]


def test_a_convolution_on_a_gpu_that_has_tensorfloat_already() -> None:
    assert names(step("convolution"), device="cuda:0") == [
        "inference-mode",
        "cudnn-benchmark",
        "bf16-autocast",
        "channels-last",
        "blocking-wait",
        "compile",
    ]


@pytest.mark.parametrize(
    ("runs", "dtype", "expected"),
    [
        # In inference mode nothing tells which of them torch has chosen.
        (
            "scaled_dot_product_attention",
            "bfloat16",
            ["flash", "math", "memory-efficient", "cudnn"],
        ),
        ("scaled_dot_product_attention", "float32", ["math", "memory-efficient"]),
        ("_scaled_dot_product_flash_attention", "bfloat16", ["math", "memory-efficient", "cudnn"]),
        ("_scaled_dot_product_efficient_attention", "float32", ["math"]),
        ("_scaled_dot_product_cudnn_attention", "float16", ["flash", "math", "memory-efficient"]),
        ("_safe_softmax", "float32", ["memory-efficient"]),
    ],
)
def test_attention_on_a_gpu(runs: str, dtype: str, expected: list[str]) -> None:
    found = names(step(runs, dtype=dtype), device="cuda:0")
    kinds = [name.removeprefix("attention-") for name in found if name.startswith("attention-")]
    assert kinds == expected


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (("add_",), ["foreach-optimizer", "fused-optimizer"]),
        (("_foreach_add_",), ["fused-optimizer"]),  # all tensors at a time already
        (("_foreach_add_", "_fused_adamw_"), []),  # the first counts the steps
    ],
)
def test_a_training_step_has_an_optimizer_and_needs_its_gradients(
    runs: tuple[str, ...], expected: list[str]
) -> None:
    assert names(step(*runs, phase="optimizer")) == [*expected, "compile", "threads=1"]


def test_what_runs_on_all_tensors_before_the_optimizer_is_not_its_way() -> None:
    made = step("_foreach_mul_", "add_")  # gradients that are clipped
    clipping, updating = made.operators
    made = replace(made, operators=(clipping, replace(updating, phase="optimizer")))
    assert "foreach-optimizer" in names(made)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_what_is_not_in_single_precision_has_no_digits_to_spare(dtype: str) -> None:
    made = step(
        "mm", "convolution", dtype=dtype, settings={"torch.backends.cudnn.allow_tf32": "False"}
    )
    assert not {"bf16-products", "bf16-autocast"} & set(names(made))
    found = names(made, device="cuda:0")
    assert not {"tf32", "tf32-convolution", "bf16-autocast"} & set(found)
    assert "cudnn-benchmark" in found


@pytest.mark.parametrize(
    ("knob", "device", "setting"),
    [
        ("tf32", "cuda:0", {"torch.get_float32_matmul_precision()": "'medium'"}),
        ("tf32", "cuda:0", {"torch.backends.cuda.matmul.fp32_precision": "'tf32'"}),
        ("bf16-products", "cpu", {"torch.backends.mkldnn.enabled": "False"}),
        ("cudnn-benchmark", "cuda:0", {"torch.backends.cudnn.enabled": "False"}),
    ],
)
def test_what_other_settings_leave_without_effect(
    knob: str, device: str, setting: dict[str, str]
) -> None:
    assert knob in names(step("mm", "convolution"), device=device)
    assert knob not in names(step("mm", "convolution", settings=setting), device=device)


def test_a_setting_of_one_operator_leaves_the_others_to_try() -> None:
    made = step("mm", "mm")
    first, second = made.operators
    within = {"torch.is_autocast_enabled('cpu')": "True"}
    made = replace(made, operators=(first, replace(second, settings=1)), variants=({}, within))
    assert "bf16-autocast" in names(made)
    both = tuple(replace(each, settings=1) for each in made.operators)
    assert "bf16-autocast" not in names(replace(made, operators=both))


def test_what_is_compiled_is_not_compiled_again() -> None:
    assert "compile" not in names(replace(step("mm"), compiled=("model",)))


def test_what_the_program_sets_itself_is_not_tried() -> None:
    made = step("mm", settings={"torch.is_inference_mode_enabled()": "True"})
    assert "inference-mode" not in names(made)


def test_a_setting_that_this_torch_has_not_is_not_tried() -> None:
    made = step("mm")
    del made.settings["torch.get_float32_matmul_precision()"]
    assert "bf16-products" not in names(made)


@pytest.mark.parametrize(
    ("threads", "cpus", "expected"),
    [(8, 16, ["threads=1", "threads=16"]), (16, 16, ["threads=1", "threads=8"]), (1, 1, [])],
)
def test_numbers_of_threads(threads: int, cpus: int, expected: list[str]) -> None:
    found = names(step("relu"), threads=threads, cpus=cpus)
    assert [name for name in found if name.startswith("threads")] == expected


def test_every_knob_says_what_to_write_and_sets_something() -> None:
    for knob in KNOBS:
        assert knob.advice
        assert bool(knob.settings) != bool(knob.conversion)
