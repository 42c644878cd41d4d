"""The one table of knobs."""

from __future__ import annotations

from .knob_operators import (
    ATTENTION,
    CONVOLUTIONS,
    PLANAR_CONVOLUTIONS,
    PRODUCTS,
    RECURRENT,
    RECURRENT_PRODUCTS,
)
from .knobs import Device, Knob

_SINGLE = ("float32",)
_HALF = ("float16", "bfloat16")
_FLASH = ("_scaled_dot_product_flash_attention*",)
_EFFICIENT = ("_scaled_dot_product_efficient_attention*",)
_CUDNN = ("_scaled_dot_product_cudnn_attention*",)
_WRITTEN_OUT = ("_scaled_dot_product_attention_math*", "_safe_softmax")
_ONE_KERNEL = ("_fused_*",)
_LISTS_OF_TENSORS = ("_foreach_*", *_ONE_KERNEL)  # one kernel is beyond that


def _attention(
    name: str,
    kind: str,
    flag: str,
    done_by: tuple[str, ...],
    devices: tuple[Device, ...] = ("cuda",),
    dtypes: tuple[str, ...] = (),
) -> Knob:
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
        dtypes=dtypes,
        done_by=done_by,
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
        dtypes=_SINGLE,
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
        dtypes=_SINGLE,
        moot={
            "torch.get_float32_matmul_precision()": "'medium'",  # the same on a GPU
            "torch.backends.cuda.matmul.fp32_precision": "'tf32'",
            "torch.is_autocast_enabled('cuda')": "True",
        },
    ),
    Knob(
        name="bf16-products",
        advice='torch.set_float32_matmul_precision("medium")',
        effect="precision",
        settings={"torch.get_float32_matmul_precision()": "'medium'"},
        devices=("cpu",),  # on a GPU it is what tf32 sets
        operators=(*PRODUCTS, *RECURRENT_PRODUCTS),
        dtypes=_SINGLE,
        moot={
            "torch.backends.mkldnn.matmul.fp32_precision": "'bf16'",
            "torch.backends.mkldnn.enabled": "False",
            "torch.is_autocast_enabled('cpu')": "True",
        },
    ),
    Knob(
        name="tf32-convolution",
        advice="torch.backends.cudnn.allow_tf32 = True",
        effect="precision",
        settings={"torch.backends.cudnn.allow_tf32": "True"},
        devices=("cuda",),
        operators=(*CONVOLUTIONS, *RECURRENT),
        dtypes=_SINGLE,
        moot={
            "torch.backends.cudnn.enabled": "False",
            "torch.is_autocast_enabled('cuda')": "True",
        },
    ),
    Knob(
        name="cudnn-benchmark",
        advice="torch.backends.cudnn.benchmark = True",
        effect="rounding",
        settings={"torch.backends.cudnn.benchmark": "True"},
        devices=("cuda",),
        operators=CONVOLUTIONS,
        moot={"torch.backends.cudnn.enabled": "False"},
    ),
    _attention("flash", "FLASH_ATTENTION", "flash", _FLASH, ("cpu",)),
    _attention("flash", "FLASH_ATTENTION", "flash", _FLASH, dtypes=_HALF),
    _attention("math", "MATH", "math", _WRITTEN_OUT, ("cpu", "cuda")),
    _attention("memory-efficient", "EFFICIENT_ATTENTION", "mem_efficient", _EFFICIENT),
    _attention("cudnn", "CUDNN_ATTENTION", "cudnn", _CUDNN, dtypes=_HALF),
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
        done_by=_LISTS_OF_TENSORS,
    ),
    Knob(
        name="fused-optimizer",
        advice="fused=True to the optimizer",
        effect="rounding",
        conversion="fused-optimizer",
        within=("optimizer",),
        done_by=_ONE_KERNEL,
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
