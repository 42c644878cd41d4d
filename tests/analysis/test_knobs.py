"""Which knobs are tried, and what they are found to be worth."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from magneton.analysis.knobs import applicable, class_of, point, saved
from magneton.analysis.statistics import Interval
from magneton_agent.schema.knobs import KNOBS
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs
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
SAME = Outputs("outputs", True, 1e-6)
OTHER = Outputs("outputs", False, 0.2)
UNKNOWN = Outputs("none", None, None)


def step(*names: str, phase: Any = "forward", **settings: str) -> Recording:
    made = recording([operator(name, phase=phase) for name in names])
    return replace(made, settings=DEFAULTS | settings)


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


def test_attention_on_a_gpu() -> None:
    found = names(step("_scaled_dot_product_flash_attention"), device="cuda:0")
    assert [name for name in found if name.startswith("attention-")] == [
        "attention-flash",
        "attention-math",
        "attention-memory-efficient",
        "attention-cudnn",
    ]


def test_a_training_step_has_an_optimizer_and_needs_its_gradients() -> None:
    assert names(step("_foreach_add_", phase="optimizer")) == [
        "foreach-optimizer",
        "fused-optimizer",
        "compile",
        "threads=1",
    ]


def test_what_the_program_sets_itself_is_not_tried() -> None:
    made = step("mm", **{"torch.is_inference_mode_enabled()": "True"})
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


@pytest.mark.parametrize(
    ("energy", "time", "outputs", "expected"),
    [
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), SAME, "saving"),
        ((2.0, 1.9, 2.1), (1.0, 0.9, 1.1), SAME, "saving"),
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), OTHER, "trade-off"),
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), UNKNOWN, "trade-off"),
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), None, "saving"),  # of another amount of work
        ((2.0, 1.9, 2.1), (0.8, 0.7, 0.9), SAME, "trade-off"),
        ((2.0, 0.9, 4.0), (2.0, 1.9, 2.1), SAME, "none"),  # it may save nothing
        ((1.005, 1.001, 1.009), (1.0, 0.9, 1.1), SAME, "none"),  # less than a hundredth
        ((0.8, 0.7, 0.9), (2.0, 1.9, 2.1), SAME, "costlier"),
    ],
)
def test_what_a_knob_is_worth(
    energy: tuple[float, float, float],
    time: tuple[float, float, float],
    outputs: Outputs | None,
    expected: str,
) -> None:
    assert class_of(Interval(*energy), Interval(*time), outputs, 0.01) == expected


def test_the_share_that_is_saved() -> None:
    assert saved(Interval(2.0, 1.0, 4.0)) == Interval(0.5, 0.0, 0.75)
    assert saved(Interval(0.5, 0.25, 1.0)) == Interval(-1.0, -3.0, 0.0)
    assert saved(Interval(0.5, 0.0, 1.0)) == Interval(-1.0, -3.0, 0.0)
    assert saved(Interval(2.0, 0.0, math.inf)) == Interval(0.5, -1.0, 1.0)


def test_what_is_within_the_noise_is_no_difference() -> None:
    sure, unsure = Interval(2.0, 1.9, 2.1), Interval(1.2, 0.9, 1.6)
    assert point(sure, unsure, SAME) == (0.5, 1.0, 1e-6)
    assert point(unsure, sure, Outputs("outputs", False, None)) == (1.0, 0.5, math.inf)
    assert point(sure, sure, UNKNOWN) == (0.5, 0.5, math.inf)
    assert point(sure, sure, None) == (0.5, 0.5, 0.0)
    assert point(sure, sure, Outputs("outputs", True, None)) == (0.5, 0.5, 0.0)
