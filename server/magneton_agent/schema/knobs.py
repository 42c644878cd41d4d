"""The one table of knobs: settings that a program need not make to compute the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .knob_operators import (
    ATTENTION,
    CONVOLUTIONS,
    PLANAR_CONVOLUTIONS,
    PRODUCTS,
    RECURRENT,
    RECURRENT_PRODUCTS,
)

KnobEffect = Literal["identical", "rounding", "precision"]
"""What it can change of what a program computes: nothing; the order of its sums; how many digits
they are computed with."""
Conversion = Literal[
    "", "channels-last", "foreach-optimizer", "fused-optimizer", "compile", "blocking-wait"
]
"""What is done to the objects that a step holds, or to the device."""
Device = Literal["cpu", "cuda"]


@dataclass(frozen=True)
class Knob:
    """One setting to try.

    ``settings`` are held at what they say, by the names of a recording's settings; ``conversion``
    is done to what the step holds. ``advice`` is what a developer writes to have it. It applies on
    ``devices``, to steps that run one of ``operators`` (as in knob_operators.py; none: any) and
    have none of ``without`` and all of ``within`` among their phases.
    """

    name: str
    advice: str
    effect: KnobEffect
    settings: dict[str, str] = field(default_factory=dict)
    conversion: Conversion = ""
    devices: tuple[Device, ...] = ("cpu", "cuda")
    operators: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def _attention(name: str, flag: str, kind: str, devices: tuple[Device, ...]) -> Knob:
    return Knob(
        name=f"attention-{name}",
        advice=f"with torch.nn.attention.sdpa_kernel(SDPBackend.{kind}):",
        effect="rounding",
        settings={
            f"torch.backends.cuda.{each}_sdp_enabled()": repr(each == flag)
            for each in ("flash", "mem_efficient", "math", "cudnn")
        },
        devices=devices,
        operators=ATTENTION,
    )


def _autocast(device: Device) -> Knob:
    return Knob(
        name="bf16-autocast",
        advice=f'with torch.autocast("{device}", torch.bfloat16):',
        effect="precision",
        settings={
            f"torch.is_autocast_enabled('{device}')": "True",
            f"torch.get_autocast_dtype('{device}')": "torch.bfloat16",
        },
        devices=(device,),
        operators=(*PRODUCTS, *CONVOLUTIONS, *RECURRENT, *ATTENTION),
    )


KNOBS: tuple[Knob, ...] = (
    Knob(
        name="inference-mode",
        advice="with torch.inference_mode():",
        effect="identical",
        settings={"torch.is_inference_mode_enabled()": "True"},
        without=("backward", "optimizer"),
    ),
    Knob(
        name="tf32",
        advice='torch.set_float32_matmul_precision("high")',
        effect="precision",
        settings={"torch.get_float32_matmul_precision()": "'high'"},
        devices=("cuda",),
        operators=PRODUCTS,
    ),
    Knob(
        name="bf16-products",
        advice='torch.set_float32_matmul_precision("medium")',
        effect="precision",
        settings={"torch.get_float32_matmul_precision()": "'medium'"},
        devices=("cpu",),  # on a GPU it is what tf32 sets
        operators=(*PRODUCTS, *RECURRENT_PRODUCTS),
    ),
    Knob(
        name="tf32-convolution",
        advice="torch.backends.cudnn.allow_tf32 = True",
        effect="precision",
        settings={"torch.backends.cudnn.allow_tf32": "True"},
        devices=("cuda",),
        operators=(*CONVOLUTIONS, *RECURRENT),
    ),
    Knob(
        name="cudnn-benchmark",
        advice="torch.backends.cudnn.benchmark = True",
        effect="rounding",
        settings={"torch.backends.cudnn.benchmark": "True"},
        devices=("cuda",),
        operators=CONVOLUTIONS,
    ),
    _attention("flash", "flash", "FLASH_ATTENTION", ("cpu", "cuda")),
    _attention("math", "math", "MATH", ("cpu", "cuda")),
    _attention("memory-efficient", "mem_efficient", "EFFICIENT_ATTENTION", ("cuda",)),
    _attention("cudnn", "cudnn", "CUDNN_ATTENTION", ("cuda",)),
    _autocast("cpu"),
    _autocast("cuda"),
    Knob(
        name="channels-last",
        advice="model.to(memory_format=torch.channels_last), and the inputs",
        effect="rounding",
        conversion="channels-last",
        operators=PLANAR_CONVOLUTIONS,
    ),
    Knob(
        name="foreach-optimizer",
        advice="foreach=True to the optimizer",
        effect="rounding",
        conversion="foreach-optimizer",
        within=("optimizer",),
    ),
    Knob(
        name="fused-optimizer",
        advice="fused=True to the optimizer",
        effect="rounding",
        conversion="fused-optimizer",
        within=("optimizer",),
    ),
    Knob(
        name="blocking-wait",
        advice="cudaSetDeviceFlags(cudaDeviceScheduleBlockingSync) before torch uses the GPU",
        effect="identical",
        conversion="blocking-wait",
        devices=("cuda",),
    ),
    Knob(
        name="compile",
        advice="torch.compile(model)",
        effect="rounding",
        conversion="compile",
    ),
)


def threads(count: int) -> Knob:
    """So many threads of torch's within an operator."""
    return Knob(
        name=f"threads={count}",
        advice=f"torch.set_num_threads({count})",
        effect="rounding",
        settings={"torch.get_num_threads()": str(count)},
        devices=("cpu",),
    )
