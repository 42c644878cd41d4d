"""Settings that stay as they are held, whatever a program does."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import torch
from torch.backends import ContextProp
from torch.nn.attention import SDPBackend, sdpa_kernel

from magneton_agent.held_settings import HeldSettings
from magneton_agent.settings import settings_in_force

THREADS = "torch.get_num_threads()"
BENCHMARK = "torch.backends.cudnn.benchmark"
PRECISION = "torch.get_float32_matmul_precision()"
MATH = "torch.backends.cuda.math_sdp_enabled()"
FLASH = "torch.backends.cuda.flash_sdp_enabled()"
AUTOCAST = "torch.is_autocast_enabled('cpu')"
ANOMALY, FLUSHES = "torch.is_anomaly_enabled()", "torch.set_flush_denormal"
INTEROP = "torch.get_num_interop_threads()"
INFERENCE = "torch.is_inference_mode_enabled()"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = {name: settings_in_force()[name] for name in (THREADS, BENCHMARK, PRECISION, MATH)}
    yield
    with HeldSettings(before):
        pass


@pytest.mark.parametrize(
    ("name", "held", "other"),
    [
        (THREADS, "1", lambda: torch.set_num_threads(2)),
        (BENCHMARK, "True", lambda: setattr(torch.backends.cudnn, "benchmark", False)),
        (BENCHMARK, "True", lambda: torch.backends.cudnn.set_flags(_benchmark=False)),
        (PRECISION, "'medium'", lambda: torch.set_float32_matmul_precision("highest")),
        (MATH, "False", lambda: torch.backends.cuda.enable_math_sdp(True)),
        (ANOMALY, "False", lambda: torch.autograd.set_detect_anomaly(True).__enter__()),
        (FLUSHES, "False", lambda: torch.set_flush_denormal(True)),
        ("torch.set_default_device", "None", lambda: torch.set_default_device("cpu")),
        ("torch.get_default_dtype()", "torch.float32", lambda: torch.set_default_dtype(torch.half)),
        ("gc.get_threshold()", repr(gc.get_threshold()), lambda: gc.set_threshold(1)),
    ],
)
def test_what_the_program_sets_has_no_effect(
    name: str, held: str, other: Callable[[], object]
) -> None:
    with HeldSettings({name: held}):
        other()
        assert settings_in_force()[name] == held


def test_what_can_be_set_once_is_set_before_the_program_does() -> None:
    program = (
        "import torch\n"
        "from magneton_agent.held_settings import HeldSettings\n"
        f"with HeldSettings({{{INTEROP!r}: '3'}}):\n"
        "    torch.set_num_interop_threads(5)\n"
        "    print(torch.get_num_interop_threads())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"3\n"


def test_a_variable_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_WAY", "slow")
    with HeldSettings({"os.environ['EXAMPLE_WAY']": "'fast'"}):
        os.environ["EXAMPLE_WAY"] = "slow"
        assert os.environ["EXAMPLE_WAY"] == "fast"
    os.environ["EXAMPLE_WAY"] = "slow"
    assert os.environ["EXAMPLE_WAY"] == "slow"


def test_a_context_of_the_program_changes_nothing_either() -> None:
    with HeldSettings({MATH: "False", FLASH: "True"}), sdpa_kernel(SDPBackend.MATH):
        assert settings_in_force()[MATH] == "False"
        assert settings_in_force()[FLASH] == "True"


def test_the_program_can_set_everything_again_afterwards() -> None:
    setter, assign = torch.set_num_threads, ContextProp.__set__
    with HeldSettings({THREADS: "1"}):
        pass
    torch.set_num_threads(2)
    assert torch.get_num_threads() == 2
    assert torch.set_num_threads is setter
    assert ContextProp.__set__ is assign


def test_autocast_holds_within_a_step_only() -> None:
    x = torch.ones(2, 2)

    def step() -> tuple[torch.dtype, torch.dtype]:
        with torch.autocast("cpu", enabled=False):
            return (x @ x).dtype, torch.get_autocast_dtype("cpu")

    with HeldSettings({AUTOCAST: "True"}) as held:
        assert not torch.is_autocast_enabled("cpu")
        assert held.within(step)() == (torch.bfloat16, torch.bfloat16)
        assert not torch.is_autocast_enabled("cpu")


def test_autocast_of_the_program_can_be_held_off() -> None:
    x = torch.ones(2, 2)

    def step() -> torch.dtype:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return (x @ x).dtype

    with HeldSettings({AUTOCAST: "False"}) as held:
        assert held.within(step)() == torch.float32
    assert step() == torch.bfloat16


def test_a_step_runs_in_inference_mode() -> None:
    with HeldSettings({INFERENCE: "True"}) as held:
        assert held.within(torch.is_inference_mode_enabled)() is True
        assert not torch.is_inference_mode_enabled()


def test_nothing_is_wrapped_where_nothing_is_held() -> None:
    step = torch.is_inference_mode_enabled
    with HeldSettings({}) as held:
        assert held.within(step) is step


@pytest.mark.parametrize(
    "values",
    [
        {"torch.backends.cpu.get_cpu_capability()": "'AVX2'"},
        {THREADS: "<object>"},
        {THREADS: "0"},
        {THREADS: "'two'"},
        {"torch.backends.nowhere.enabled": "True"},
    ],
)
def test_what_cannot_be_set_is_said(values: dict[str, str]) -> None:
    setter = torch.set_num_threads
    with pytest.raises(ValueError, match=r"set|thread"), HeldSettings(values):
        pass
    assert torch.set_num_threads is setter
