"""Settings in force, as text."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest
import torch

from magneton_agent.held_settings import HeldSettings
from magneton_agent.settings import StepSettings, settings_in_force

FLUSHES = "torch.set_flush_denormal"
VALIDATES = "torch.distributions.Distribution.set_default_validate_args"
NAMED_BY_SETTER = (FLUSHES, VALIDATES, "torch.set_default_device")


def test_settings_are_those_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    plain = settings_in_force()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with torch.inference_mode(), torch.autocast("cpu"):
        found = settings_in_force()
    changed = {name: value for name, value in found.items() if plain.get(name) != value}
    assert changed == {
        "torch.is_grad_enabled()": "False",
        "torch.is_inference_mode_enabled()": "True",
        "torch._C._is_multithreading_enabled()": "False",
        "torch.is_autocast_enabled('cpu')": "True",
        "os.environ['OMP_NUM_THREADS']": "'3'",
    }
    assert plain["torch.get_default_dtype()"] == "torch.float32"


def test_a_setting_changed_around_a_part_of_the_step_is_a_variant() -> None:
    with StepSettings() as settings:
        first = settings.variant()
        with torch.backends.mkldnn.flags(enabled=False):
            within = settings.variant()
        assert (first, within, settings.variant()) == (0, 1, 0)
    assert settings.found["torch.backends.mkldnn.enabled"] == "True"
    assert settings.variants == [{}, {"torch.backends.mkldnn.enabled": "False"}]


def test_the_fast_path_of_attention_set_around_a_call() -> None:
    with StepSettings() as settings:
        settings.variant()
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            assert settings.variant() == 1
        finally:
            torch.backends.mha.set_fastpath_enabled(True)
        assert settings.variant() == 0
    assert settings.variants[1] == {"torch.backends.mha.get_fastpath_enabled()": "False"}


def test_float32_precision_set_either_way() -> None:
    legacy = "torch.get_float32_matmul_precision()"
    precision = "torch.backends.cuda.matmul.fp32_precision"
    before = torch.backends.cuda.matmul.fp32_precision
    with StepSettings() as settings:
        settings.variant()
        torch.backends.cuda.matmul.fp32_precision = "tf32"
        try:
            assert settings.variant() == 1
        finally:
            torch.backends.cuda.matmul.fp32_precision = before
    assert settings.variants[1][precision] == "'tf32'"
    assert settings.variants[1][legacy] == "unknown"  # torch refuses to tell from here on


def test_a_step_without_operators_has_settings_too() -> None:
    with StepSettings() as settings:
        pass
    assert settings.found == settings_in_force()
    assert settings.variants == [{}]


def test_settings_of_every_back_end() -> None:
    found = settings_in_force()
    assert {
        "torch.backends.cudnn.allow_tf32": "True",
        "torch.backends.cuda.matmul.allow_fp16_accumulation": "False",
        "torch.backends.cuda.cudnn_sdp_enabled()": "True",
        "torch.backends.mha.get_fastpath_enabled()": "True",
        "torch.get_autocast_dtype('cpu')": "torch.bfloat16",
    }.items() <= found.items()
    # A name is what a program would write.
    for name, value in found.items():
        if name.startswith(("torch.", "gc.", "tracemalloc.")) and name not in NAMED_BY_SETTER:
            assert repr(eval(name)) == value


def test_autocast_is_left_as_it_was_also_after_an_exception() -> None:
    enter, leave = torch.autocast.__enter__, torch.autocast.__exit__
    with pytest.raises(KeyError), StepSettings():
        assert torch.autocast.__enter__ is not enter
        raise KeyError
    assert torch.autocast.__enter__ is enter
    assert torch.autocast.__exit__ is leave


@pytest.mark.parametrize(
    ("name", "value", "write"),
    [
        (FLUSHES, "True", lambda: torch.set_flush_denormal(True)),
        ("torch.set_default_device", "'cpu'", lambda: torch.set_default_device("cpu")),
        (
            VALIDATES,
            "False",
            lambda: torch.distributions.Distribution.set_default_validate_args(False),
        ),
        ("torch.is_anomaly_enabled()", "True", lambda: torch.set_anomaly_enabled(True)),
        (
            "torch.is_anomaly_check_nan_enabled()",
            "False",
            lambda: torch.set_anomaly_enabled(False, check_nan=False),
        ),
        ("torch.is_warn_always_enabled()", "True", lambda: torch.set_warn_always(True)),
        (
            "torch._C._is_multithreading_enabled()",
            "False",
            lambda: torch.autograd.set_multithreading_enabled(False),
        ),
        (
            "torch.sparse.check_sparse_tensor_invariants.is_enabled()",
            "True",
            torch.sparse.check_sparse_tensor_invariants.enable,
        ),
        ("gc.isenabled()", "False", gc.disable),
        ("gc.get_threshold()", "(5, 6, 7)", lambda: gc.set_threshold(5, 6, 7)),
        ("tracemalloc.is_tracing()", "True", tracemalloc.start),
    ],
)
def test_what_changes_the_cost_of_a_step_is_told_and_can_be_put_back(
    name: str, value: str, write: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    # To import torch's compiler, as other tests do, switches it off.
    monkeypatch.setattr(torch.distributions.Distribution, "_validate_args", True)
    before = settings_in_force()
    assert before[name] != value
    write()
    try:
        assert settings_in_force()[name] == value
    finally:
        with HeldSettings({name: before[name]}):
            after = settings_in_force()
    assert after == before


def test_denormal_numbers_flushed_around_a_part_of_the_step() -> None:
    with StepSettings() as settings:
        settings.variant()
        torch.set_flush_denormal(True)
        try:
            assert settings.variant() == 1
        finally:
            torch.set_flush_denormal(False)
        assert settings.variant() == 0
    assert settings.variants[1] == {FLUSHES: "True"}
