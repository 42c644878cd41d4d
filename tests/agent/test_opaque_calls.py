"""Kernels that the dispatcher does not see, named by the program."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch

from magneton_agent import opaque
from magneton_agent.opaque_calls import _Watching
from magneton_agent.recorder import record
from magneton_agent.schema.messages import Loaded, Record
from magneton_agent.schema.recording import Recording
from magneton_agent.timing import time_step

from .agents import Agent, load
from .recordings import names, only, recorded, stack

X = torch.arange(4.0)


@opaque(inputs=["x"], outputs=["out"])
def copy_bytes(x: torch.Tensor, out: torch.Tensor, factor: float = 1.0) -> None:
    """Through raw pointers; what torch does within it is its own affair."""
    scaled = x * factor
    ctypes.memmove(out.data_ptr(), scaled.data_ptr(), out.numel() * 4)


def step() -> torch.Tensor:
    out = torch.zeros(4)
    view = out.view(2, 2)
    copy_bytes(X, out, factor=2.0)
    return view + 1.0


def test_a_call_is_one_operator_with_its_tensors() -> None:
    found = recorded(step)
    assert names(found) == ["zeros", "view", "opaque::copy_bytes", "add"]
    call = found.operators[2]
    zeros = found.operators[0].outputs
    assert found.values[call.inputs[0]].origin == "input"
    assert call.inputs[0] not in zeros
    written = found.values[call.outputs[0]]
    assert written.storage == found.values[zeros[0]].storage
    assert written.sketch is not None
    assert written.sketch.total == 12.0  # 2 * (0 + 1 + 2 + 3)
    # A view made before the call shows what the call wrote.
    (read,) = only(found, "add").inputs
    assert read in call.outputs
    frame = stack(found, call)[0]
    assert (frame.function, frame.path) == ("step", __file__)


def test_results_are_outputs_too_and_calls_within_are_part_of_it() -> None:
    @opaque(inputs=["x"])
    def doubled(x: torch.Tensor) -> tuple[torch.Tensor, int]:
        out = torch.empty(4)
        copy_bytes(x, out, 2.0)
        return out, 3

    def step() -> torch.Tensor:
        return doubled(X)[0].sum()

    found = recorded(step)
    assert names(found) == ["opaque::doubled", "sum"]
    assert found.operators[0].outputs == found.operators[1].inputs


def test_autograd_autocast_and_the_result_are_untouched() -> None:
    x = torch.ones(4, requires_grad=True)

    def training() -> tuple[torch.Tensor, torch.Tensor]:
        with torch.autocast("cpu"):
            out = torch.zeros(4)
            copy_bytes(x.detach(), out)
            loss = (x * out).sum()
        loss.backward()
        gradient, x.grad = x.grad, None
        assert gradient is not None
        return loss.detach(), gradient

    plain = training()
    _, traced = record(training, {})
    assert isinstance(traced, tuple)
    assert all(torch.equal(a, b) for a, b in zip(plain, traced, strict=True))


def test_timed_steps_run_the_same_operators() -> None:
    timing, timed, result = time_step(step, cuda=False)
    assert timed == [each.name for each in recorded(step).operators]
    assert len(timing.duration_s) == 4
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == [[1.0, 3.0], [5.0, 7.0]]


def test_after_an_exception_nobody_watches() -> None:
    @opaque()
    def failing() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        record(failing, {})
    assert _Watching.watcher is None
    assert names(recorded(lambda: X + 1)) == ["add"]


def test_a_name_that_is_no_parameter() -> None:
    with pytest.raises(TypeError, match="copy_bytes has no parameter y, z"):
        opaque(inputs=["x", "y"], outputs=["z"])(copy_bytes)


def test_outside_of_magneton_it_needs_no_torch() -> None:
    program = (
        "import sys, magneton_agent\n"
        "@magneton_agent.opaque(inputs=['x'])\n"
        "def double(x): return 2 * x\n"
        "print(double(4), double.__name__, 'torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "8 double False\n"


def test_in_the_agents_process_the_program_imports_it_too(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        textwrap.dedent("""\
            import magneton_agent
            import torch

            @magneton_agent.opaque(inputs=["x"])
            def kernel(x):
                return x * 2

            def build():
                x = torch.ones(3)
                return lambda: kernel(x) + 1
            """)
    )
    with Agent(tmp_path) as agent:
        agent.ask(load(path, "build"), Loaded)
        recording = agent.ask(Record(), Recording)
    assert names(recording) == ["opaque::kernel", "add"]
