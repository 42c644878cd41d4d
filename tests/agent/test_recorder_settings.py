"""Which settings a recorded step says were in force, operator by operator."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from magneton_agent.recorder import record
from magneton_agent.schema.recording import Recording

from .recordings import Small, names, recorded


def settings_at(recording: Recording, name: str) -> list[str]:
    """A setting at every operator."""
    return [recording.settings_at(each)[name] for each in recording.operators]


def test_inference_mode() -> None:
    model, x = Small(), torch.ones(2, 3)

    def step() -> Any:
        with torch.inference_mode():
            return model(x).add_(1.0)

    found = recorded(step)
    assert names(found) == ["linear", "relu", "linear", "add_"]
    assert found.settings["torch.is_inference_mode_enabled()"] == "True"
    assert {each.phase for each in found.operators} == {"forward"}


def test_autocast() -> None:
    model, x = Small(), torch.randn(2, 3, generator=torch.Generator().manual_seed(0))

    def step() -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(x)

    plain = step()
    recording, result = record(step, {})
    assert isinstance(result, torch.Tensor)
    assert torch.equal(plain, result)
    assert recording.settings["torch.is_autocast_enabled('cpu')"] == "True"
    products = [each for each in recording.operators if each.name == "aten::mm"]
    assert {recording.values[each.outputs[0]].dtype for each in products} == {"bfloat16"}
    # Sketches are not autocast: the input's is that of its float32 numbers.
    (value,) = (each for each in recording.values if each.shape == (2, 3) and each.sketch)
    assert (value.dtype, value.origin) == ("float32", "input")
    assert value.sketch is not None
    assert value.sketch.total == pytest.approx(sum(x.reshape(-1).tolist()), rel=1e-6)


def test_autocast_for_a_part_of_the_step() -> None:
    x, weight = torch.ones(2, 3), torch.ones(3, 3)

    def step() -> None:
        x.relu()
        with torch.autocast("cpu", dtype=torch.float16):
            torch.mm(x, weight)
            with torch.autocast("cpu", enabled=False):
                x.sin()
            x.relu()
        x.cos()

    found = recorded(step)
    # The product's operands are cast within it, where torch says that autocast is off.
    assert names(found) == ["relu", "_to_copy", "_to_copy", "mm", "sin", "relu", "cos"]
    enabled = settings_at(found, "torch.is_autocast_enabled('cpu')")
    assert enabled == ["False", "True", "True", "True", "False", "True", "False"]
    dtypes = settings_at(found, "torch.get_autocast_dtype('cpu')")
    assert dtypes[1:4] == ["torch.float16"] * 3
    assert dtypes[0] == dtypes[-1] == "torch.bfloat16"


def test_a_flag_around_one_call_is_in_force_there_only() -> None:
    x, before = torch.ones(2), torch.get_num_threads()

    def step() -> None:
        x.sin()
        torch.set_num_threads(1)
        x.cos()
        torch.set_num_threads(before)
        with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
            x.tan()
        x.sin()

    torch.set_num_threads(2)
    try:
        found = recorded(step)
    finally:
        torch.set_num_threads(before)
    assert names(found) == ["sin", "cos", "tan", "sin"]
    assert [each.settings for each in found.operators][:3] == [0, 1, 2]
    assert settings_at(found, "torch.get_num_threads()")[:2] == ["2", "1"]
    enabled = settings_at(found, "torch.backends.mkldnn.enabled")
    assert enabled == ["True", "True", "False", "True"]
    assert settings_at(found, "torch.is_grad_enabled()") == ["True", "True", "False", "True"]
