"""Recordings in columns: nothing is lost, and nothing that breaks the format is believed."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers
from hypothesis import HealthCheck, given, settings

from magneton.engine.trace.store import read_trace
from magneton_agent.recorder import record
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Kernel, NonFinite, Operator, Recording, Sketch, Value
from tests.engine.trace.traces import RECORDING, SKETCH, read_back, recordings, trace, written


def test_a_recording_comes_back_equal(tmp_path: Path) -> None:
    assert read_back(tmp_path, trace()).trace == trace()


@given(recordings())
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_any_recording_comes_back_equal(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read_back(Path(folder), trace(recording)).trace == trace(recording)


@pytest.mark.parametrize("kind", [Operator, Value, Sketch, NonFinite, Frame, Kernel, Recording])
def test_no_field_is_forgotten(kind: type, tmp_path: Path) -> None:
    """Whoever adds a field with a default must add its column: here it must differ from it."""
    found = read_back(tmp_path, trace()).trace.recording
    mask = found.values[0].sketch
    assert mask is not None
    every: dict[type, object] = {
        Operator: found.operators[1],
        Value: found.values[2],
        Sketch: mask,
        NonFinite: mask.nonfinite,
        Frame: found.frames[0],
        Kernel: found.operators[1].kernels[0],
        Recording: found,
    }
    for field in dataclasses.fields(kind):
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        assert getattr(every[kind], field.name) != default, field.name


def test_a_real_training_step_comes_back_equal(tmp_path: Path) -> None:
    config = transformers.GPT2Config(n_layer=1, n_head=2, n_embd=16, vocab_size=32, n_positions=8)
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    tokens = torch.arange(8).reshape(1, 8)

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = model(tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        return loss

    names = {id(parameter): name for name, parameter in model.named_parameters()}
    recording, _ = record(step, names)
    assert {each.phase for each in recording.operators} == {"forward", "backward", "optimizer"}
    assert len(recording.operators) > 150
    assert read_back(tmp_path, trace(recording)).trace.recording == recording


def _operator(**changes: object) -> Recording:
    first, second = RECORDING.operators
    return replace(RECORDING, operators=(first, replace(second, **changes)))  # type: ignore[arg-type]


def _value(**changes: object) -> Recording:
    changed = replace(RECORDING.values[2], **changes)  # type: ignore[arg-type]
    return replace(RECORDING, values=(*RECORDING.values[:2], changed, RECORDING.values[3]))


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        (lambda: _operator(inputs=(4,)), "operators.inputs"),
        (lambda: _operator(outputs=(-1,)), "operators.outputs"),
        (lambda: _operator(stack=2), "operators.stack"),
        (lambda: _operator(forward=2), "operators.forward"),
        (lambda: _operator(settings=2), "operators.settings"),
        (lambda: _operator(phase="sideways"), "operators.phase"),
        (lambda: _operator(kernels=(Kernel("gemm", -1.0),)), "kernels.duration_s"),
        (lambda: _operator(kernels=(Kernel("gemm", float("inf")),)), "kernels.duration_s"),
        (lambda: _value(group=3), "values.group"),
        (lambda: _value(shape=(-2,)), "shapes.items"),
        (lambda: _value(kind="colour"), "values.kind"),
        (lambda: _value(origin="nowhere"), "values.origin"),
        (lambda: _value(sketch=replace(SKETCH, total=float("nan"))), "sketches.total"),
        (lambda: replace(RECORDING, stacks=((2,), ())), "stacks.items"),
        (lambda: replace(RECORDING, outputs=(4,)), "the step's outputs"),
        (lambda: replace(RECORDING, outputs=(0, -1)), "the step's outputs"),
    ],
)
def test_what_breaks_the_format_is_refused(
    broken: Callable[[], Recording], column: str, tmp_path: Path
) -> None:
    with pytest.raises(MagnetonError) as caught:
        read_trace(written(tmp_path, trace(broken())), Path("/w"))
    assert caught.value.fact == f"{tmp_path / 'a.magneton-trace'} is not a trace that can be read"
    assert caught.value.cause.startswith(column)
