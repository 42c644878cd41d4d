"""Settings that a kernel may consult."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.settings import (
    as_held,
    by_variant,
    consulted,
    differing,
    host_differing,
    in_force,
    value_of,
)
from tests.analysis.steps import operator, recording


def test_what_only_autograd_consults_is_left_out() -> None:
    settings = {
        "torch.is_grad_enabled()": "False",
        "torch.is_inference_mode_enabled()": "True",
        "torch.get_num_threads()": "2",
    }
    assert consulted(settings) == {"torch.get_num_threads()": "2"}


def test_a_setting_of_one_call_is_in_force_there_only() -> None:
    step = replace(
        recording([operator("mm"), operator("mm", settings=1), operator("add")]),
        settings={"precision": "'highest'", "threads": "2"},
        variants=({}, {"precision": "'high'"}),
    )
    before, within, after = step.operators
    assert in_force(step, [before, after])["precision"] == "'highest'"
    assert in_force(step, [within]) == {"precision": "'high'", "threads": "2"}
    # One flag around a part of a region's operators shows in the region.
    assert in_force(step, step.operators)["precision"] == "'high'"
    assert step.settings_at(after) == step.settings
    assert [each["precision"] for each in by_variant(step)] == ["'highest'", "'high'"]


PRECISION = "torch.get_float32_matmul_precision()"
TF32 = "torch.backends.cuda.matmul.allow_tf32"
NEW_TF32 = "torch.backends.cuda.matmul.fp32_precision"
AUTOCAST = "torch.is_autocast_enabled('cpu')"
AUTOCAST_TYPE = "torch.get_autocast_dtype('cpu')"


def test_what_one_call_sets_together_is_one_difference() -> None:
    a = {PRECISION: "'highest'", TF32: "False", NEW_TF32: "'none'"}
    b = {PRECISION: "'high'", TF32: "True", NEW_TF32: "'tf32'"}
    assert differing(a, b) == [PRECISION]
    # Where the new interface was used, torch no longer tells the old names.
    c = {PRECISION: "unknown", TF32: "unknown", NEW_TF32: "'tf32'"}
    assert differing(a, c) == [NEW_TF32]
    assert differing({NEW_TF32: "'none'"}, {}) == []  # another version of torch


def test_the_type_of_autocast_counts_only_where_it_is_on() -> None:
    off = {AUTOCAST: "False", AUTOCAST_TYPE: "torch.bfloat16"}
    half = {AUTOCAST: "True", AUTOCAST_TYPE: "torch.float16"}
    assert differing(off, off | {AUTOCAST_TYPE: "torch.float16"}) == []
    assert differing(off, half) == [AUTOCAST]
    assert differing(half, half | {AUTOCAST_TYPE: "torch.bfloat16"}) == [AUTOCAST_TYPE]


def test_a_variable_that_one_side_does_not_have_differs() -> None:
    assert differing({}, {"os.environ['MKL_CBWR']": "'AVX2'"}) == ["os.environ['MKL_CBWR']"]


FLASH, MATH = "torch.backends.cuda.flash_sdp_enabled()", "torch.backends.cuda.math_sdp_enabled()"
CUDNN = "torch.backends.cuda.cudnn_sdp_enabled()"


def test_attention_back_ends_that_one_call_allows_are_one_difference() -> None:
    a = {MATH: "True", FLASH: "False", CUDNN: "False"}
    b = {MATH: "True", FLASH: "True", CUDNN: "True"}
    assert differing(a, b) == ["torch.nn.attention.sdpa_kernel"]
    assert value_of("torch.nn.attention.sdpa_kernel", a) == "[MATH]"
    found = value_of("torch.nn.attention.sdpa_kernel", b)
    assert found == "[MATH, FLASH_ATTENTION, CUDNN_ATTENTION]"
    assert differing(a, a | {FLASH: "True"}) == [FLASH]
    assert value_of(FLASH, a) == "False"
    assert value_of(FLASH, {}) == "not set"


ANOMALY, CHECKS = "torch.is_anomaly_enabled()", "torch.is_anomaly_check_nan_enabled()"
INFERENCE, WORKERS = "torch.is_inference_mode_enabled()", "torch._C._is_multithreading_enabled()"
THRESHOLD = "gc.get_threshold()"


def test_what_gradients_are_searched_for_counts_only_where_they_are_searched() -> None:
    off, on = {ANOMALY: "False", CHECKS: "True"}, {ANOMALY: "True", CHECKS: "True"}
    assert differing(off, off | {CHECKS: "False"}) == []
    assert differing(off, on | {CHECKS: "False"}) == [ANOMALY]
    assert differing(on, on | {CHECKS: "False"}) == [CHECKS]
    assert as_held(ANOMALY, off) == off


def test_inference_mode_turns_autograds_threads_off_by_itself() -> None:
    inside = {INFERENCE: "True", WORKERS: "False"}
    assert differing({INFERENCE: "False", WORKERS: "True"}, inside) == []
    assert differing({WORKERS: "True"}, {WORKERS: "False"}) == [WORKERS]


def test_what_only_the_host_goes_by_is_no_operators() -> None:
    a, b = {THRESHOLD: "(1, 1, 1)", INFERENCE: "False"}, {THRESHOLD: "(9, 9, 9)", INFERENCE: "True"}
    assert differing(a, b) == []
    assert host_differing(a, b) == [THRESHOLD, INFERENCE]
    assert host_differing(a, {}) == []  # a trace of an earlier version does not tell
