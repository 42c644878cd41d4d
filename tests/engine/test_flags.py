"""A flag around one call, or the layout of what it is given, as the cause, through the real command
line: the other call, and all else in both programs, is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from magneton.engine import store
from magneton_agent.schema.location import Position
from magneton_agent.schema.result import Cause, Comparison
from tests.engine.command import MAGNETON, run

pytestmark = pytest.mark.quiet

PROGRAM = """\
import torch
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

torch.set_num_threads(1)  # what else the machine does holds up one thread less than two


def attention():
    q, k, v, w = (torch.randn(2, 8, 192, 32) for _ in range(4))

    def step():
        y = F.scaled_dot_product_attention(q, k, v)
        with sdpa_kernel(SDPBackend.MATH):
            return F.scaled_dot_product_attention(y, k, w).relu()

    return step


def convolution():
    x = torch.randn(4, 64, 48, 48)
    first, second = torch.randn(64, 1, 5, 5), torch.randn(64, 1, 5, 5)

    def step():
        y = F.conv2d(x, first, padding=2, groups=64)
        with torch.backends.mkldnn.flags(enabled=False):
            return F.conv2d(y, second, padding=2, groups=64).relu()

    return step


def gradient():
    x, first, second = (torch.rand(256, 256) for _ in range(3))

    def step():
        y = x @ first
        with torch.inference_mode():
            return (y @ second).relu()

    return step
"""
FLAGS = (
    "with sdpa_kernel(SDPBackend.MATH):",
    "with torch.backends.mkldnn.flags(enabled=False):",
    "with torch.inference_mode():",
)


def compared(workspace: Path, factory: str) -> Comparison:
    """The program with its flags against the same without them."""
    plain = PROGRAM
    for flag in FLAGS:
        assert flag in plain
        plain = plain.replace(flag, "if True:")
    (workspace / "flagged.py").write_text(PROGRAM)
    (workspace / "plain.py").write_text(plain)
    targets = (f"flagged.py:{factory}", f"plain.py:{factory}")
    arguments = ("--json", "result.json", "--time-budget", "4")
    ended = run(MAGNETON, workspace, "compare", *targets, *arguments)
    assert (ended.status, ended.left) == (0, ()), ended.error
    result = store.load_result(workspace / "result.json")
    assert isinstance(result, Comparison)
    return result


@pytest.mark.parametrize(
    ("factory", "name", "wasteful", "efficient", "line"),
    [
        (
            "attention",
            "torch.nn.attention.sdpa_kernel",
            "[MATH]",
            "[MATH, FLASH_ATTENTION, EFFICIENT_ATTENTION, CUDNN_ATTENTION]",
            14,
        ),
        ("convolution", "torch.backends.mkldnn.enabled", "False", "True", 26),
    ],
)
def test_what_a_flag_around_one_call_costs(
    tmp_path: Path, factory: str, name: str, wasteful: str, efficient: str, line: int
) -> None:
    result = compared(tmp_path, factory)
    assert result.outputs.equal is True
    found = result.findings[0]
    assert (found.wasteful_side, found.category) == ("a", "misconfiguration")
    assert found.cause is not None
    assert replace(found.cause, location=None) == Cause(
        "setting", name, wasteful, efficient, None, True
    )
    assert found.cause.location is not None
    assert found.cause.location.path == "flagged.py"
    assert found.cause.location.start.line == line - 1  # the flag around the call
    (trial,) = (each for each in found.evidence if each.kind == "trial")
    assert trial.text.startswith(f"tried on side a: with {efficient} instead of {wasteful}, these ")
    assert found.candidates == ()
    assert found.location is not None
    assert found.location.path == "flagged.py"
    assert found.location.start == Position(line, 19)


LAYOUT = """\
import torch

torch.set_num_threads(1)


def build():
    x = torch.randn(256, 2048).t()
    w = torch.randn(256, 256)
    return lambda: torch.softmax(x, 1) @ w
"""


def test_what_the_layout_of_an_input_costs(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LAYOUT)
    (tmp_path / "b.py").write_text(LAYOUT.replace(".t()", ".t().contiguous()"))
    arguments = ("a.py:build", "b.py:build", "--json", "result.json", "--time-budget", "4")
    ended = run(MAGNETON, tmp_path, "compare", *arguments)
    assert (ended.status, ended.left) == (0, ()), ended.error
    result = store.load_result(tmp_path / "result.json")
    assert isinstance(result, Comparison)
    cause = result.findings[0].cause
    assert cause is not None
    assert (cause.kind, cause.name, cause.confirmed) == ("layout", "x", True)
    assert cause.wasteful_value.endswith("[2048, 256] strides [1, 2048]")


def test_a_mode_that_only_autograd_consults_is_no_finding(tmp_path: Path) -> None:
    result = compared(tmp_path, "gradient")
    assert (result.outputs.equal, result.findings) == (True, ())
