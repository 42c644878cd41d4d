"""Where a program sets a setting."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from magneton_agent.schema.messages import FindSetting
from magneton_agent.setting_writes import SettingWrites, after_writes
from tests.agent.steps import complete

MATH = "torch.backends.cuda.math_sdp_enabled()"
FLASH = "torch.backends.cuda.flash_sdp_enabled()"
BENCHMARK = "torch.backends.cudnn.benchmark"
VARIABLE = "os.environ['OMP_WAIT_POLICY']"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = torch.backends.cudnn.benchmark
    yield
    torch.backends.cudnn.benchmark = before


def switch() -> None:
    torch.backends.cudnn.benchmark = True


def test_the_line_that_sets_it() -> None:
    writes = SettingWrites()
    with writes.watching():
        switch()
    frames = writes.frames({BENCHMARK: "True"})
    assert [frame.function for frame in frames[:2]] == ["switch", "test_the_line_that_sets_it"]
    assert frames[0].path == __file__
    assert frames[0].line == switch.__code__.co_firstlineno + 1


def test_only_the_value_that_it_was_given() -> None:
    writes = SettingWrites()
    with writes.watching():
        switch()
    assert writes.frames({BENCHMARK: "False"}) == ()
    assert writes.frames({MATH: "True"}) == ()


def test_a_context_of_the_program() -> None:
    writes = SettingWrites()
    with writes.watching(), sdpa_kernel(SDPBackend.MATH):
        pass
    found = writes.frames({FLASH: "False"})
    assert "test_a_context_of_the_program" in [frame.function for frame in found]


def test_a_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    writes = SettingWrites()
    with writes.watching():
        os.environ["OMP_WAIT_POLICY"] = "passive"
    found = writes.frames({VARIABLE: "'passive'"})
    assert found[0].function == "test_a_variable_of_the_environment"


def test_what_loading_did_not_set_is_looked_for_in_a_step() -> None:
    writes = SettingWrites()
    found = complete(writes.find(FindSetting({BENCHMARK: "True"})), switch)
    assert found.frames[0].function == "switch"


def test_a_value_that_was_there_already() -> None:
    writes = SettingWrites()
    with writes.watching():
        torch.set_flush_denormal(False)
    found = writes.frames({"torch.set_flush_denormal": "False"})
    assert found[0].function == "test_a_value_that_was_there_already"


def test_who_enters_a_context_sets_it_and_not_who_leaves_it() -> None:
    def enter() -> torch.autograd.set_detect_anomaly:
        return torch.autograd.set_detect_anomaly(False)

    writes = SettingWrites()
    with writes.watching(), enter():
        pass
    found = writes.frames({"torch.is_anomaly_enabled()": "False"})
    assert "enter" in [frame.function.rpartition(".")[2] for frame in found]


def test_a_static_method_stays_one() -> None:
    kind = torch.distributions.Distribution
    with after_writes(lambda given: None):
        kind.set_default_validate_args(True)
    assert isinstance(vars(kind)["set_default_validate_args"], staticmethod)


def test_what_nobody_sets_has_no_place() -> None:
    found = complete(SettingWrites().find(FindSetting({BENCHMARK: "True"})), lambda: None)
    assert found.frames == ()


def test_nothing_is_left_behind() -> None:
    before = (torch.set_num_threads, torch._C._set_cudnn_benchmark, type(os.environ).__setitem__)
    with pytest.raises(KeyError), after_writes(lambda given: None):
        raise KeyError
    after = (torch.set_num_threads, torch._C._set_cudnn_benchmark, type(os.environ).__setitem__)
    assert before == after
