"""Which knobs are tried for steps that torch itself has run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn

from magneton.analysis.applicable import applicable
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import names, recorded
from tests.analysis.steps import loaded

ANYWHERE = ["compile", "inference-mode", "threads=1"]
ON_A_GPU = ["blocking-wait", "compile", "inference-mode"]
LSTM, GRU = nn.LSTM(4, 4), nn.GRU(4, 4)
SEQUENCE, SQUARE = torch.randn(3, 2, 4), torch.randn(4, 4)


def inferring(step: Callable[[], object]) -> Recording:
    with torch.inference_mode():
        return recorded(step)


def tried(recording: Recording, device: str) -> list[str]:
    """The names of the knobs, without those that need nothing of the operators."""
    everywhere = ANYWHERE if device == "cpu" else ON_A_GPU
    found = applicable(recording, loaded(device=device))
    return [knob.name for knob in found if knob.name not in everywhere]


@pytest.fixture
def every_digit() -> Iterator[None]:
    """cuDNN's tensor cores are no longer the default, as where a program wants every digit."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32 = before


CONVOLVING = (["bf16-autocast"], ["tf32-convolution", "cudnn-benchmark", "bf16-autocast"])
MULTIPLYING = (["bf16-products", "bf16-autocast"], ["tf32", "bf16-autocast"])


@pytest.mark.usefixtures("every_digit")
@pytest.mark.parametrize(
    ("operator", "step", "on_cpu", "on_gpu"),
    [
        ("conv1d", lambda: nn.Conv1d(4, 4, 1)(SEQUENCE.mT), *CONVOLVING),
        ("conv3d", lambda: nn.Conv3d(4, 4, 1)(SQUARE.view(1, 4, 2, 2, 1)), *CONVOLVING),
        ("conv_transpose1d", lambda: nn.ConvTranspose1d(4, 4, 1)(SEQUENCE.mT), *CONVOLVING),
        ("einsum", lambda: torch.einsum("ij,jk->ik", SQUARE, SQUARE), *MULTIPLYING),
        ("inner", lambda: torch.inner(SQUARE, SQUARE), *MULTIPLYING),
        ("lstm_cell", lambda: nn.LSTMCell(4, 4)(SEQUENCE[0]), *MULTIPLYING),
        ("lstm", lambda: LSTM(SEQUENCE), ["bf16-autocast"], ["tf32-convolution", "bf16-autocast"]),
        ("gru", lambda: GRU(SEQUENCE), MULTIPLYING[0], ["tf32-convolution", "bf16-autocast"]),
    ],
)
def test_what_inference_mode_leaves_whole_is_known(
    operator: str, step: Callable[[], object], on_cpu: list[str], on_gpu: list[str]
) -> None:
    made = inferring(step)
    assert operator in names(made)
    assert (tried(made, "cpu"), tried(made, "cuda:0")) == (on_cpu, on_gpu)


def test_attention_alone_is_tried_under_autocast() -> None:
    x = SQUARE[None]
    made = inferring(lambda: nn.functional.scaled_dot_product_attention(x, x, x))
    assert names(made)[-1] == "scaled_dot_product_attention"
    assert tried(made, "cpu") == ["attention-flash", "attention-math", "bf16-autocast"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_numbers_of_another_size_are_not_tried_in_fewer_digits(dtype: torch.dtype) -> None:
    model, x = nn.Linear(4, 4).to(dtype), SQUARE.to(dtype)
    made = inferring(lambda: model(x))
    assert (tried(made, "cpu"), tried(made, "cuda:0")) == ([], [])


def test_products_under_autocast_have_fewer_digits_already() -> None:
    def step() -> object:
        x = SQUARE * 2  # before autocast is entered: what was in force first says nothing
        with torch.autocast("cpu", torch.bfloat16):
            return torch.einsum("ij,jk->ik", x, x)

    assert tried(inferring(step), "cpu") == []


def test_images_whose_channels_lie_side_by_side_are_left_alone() -> None:
    model, x = nn.Conv2d(4, 4, 3), torch.randn(2, 4, 8, 8)
    step = recorded(lambda: model(x))
    assert "channels-last" in tried(step, "cpu")
    model, x = nn.Conv2d(4, 4, 3), x.to(memory_format=torch.channels_last)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as documented
    assert "channels-last" not in tried(recorded(lambda: model(x)), "cpu")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ({"foreach": False}, ["foreach-optimizer", "fused-optimizer"]),
        ({"foreach": True}, ["fused-optimizer"]),
        ({"fused": True}, []),
    ],
)
def test_an_optimizers_way_is_seen_in_what_it_runs(
    way: dict[str, bool], expected: list[str]
) -> None:
    model = nn.Linear(4, 4)
    optimizer = torch.optim.AdamW(model.parameters(), **way)  # type: ignore[arg-type]  # flags

    def step() -> None:
        optimizer.zero_grad()
        model(SQUARE).sum().backward()
        optimizer.step()

    found = tried(recorded(step), "cpu")
    assert [name for name in found if name.endswith("optimizer")] == expected


@pytest.mark.parametrize("within", [True, False])
def test_what_the_backward_pass_keeps_in_float32_is_no_reason_to_try_fewer_digits(
    within: bool,
) -> None:
    """It is given the logarithms of attention's sums, which have these digits in any case."""
    parameter = torch.randn(1, 2, 4, 8, dtype=torch.float32 if within else torch.bfloat16)
    parameter.requires_grad_()

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=within):
            x = nn.functional.scaled_dot_product_attention(parameter, parameter, parameter)
        x.sum().backward()

    made = recorded(step)
    assert "_scaled_dot_product_flash_attention_for_cpu_backward" in names(made)
    assert "bf16-autocast" not in tried(made, "cpu")
