"""The framework settings in force, as text: what can change an operator without changing a call."""

from __future__ import annotations

import os

import torch

_AUTOCAST_DEVICES = ("cpu", "cuda")
_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_LAUNCH_BLOCKING",
    "NVIDIA_TF32_OVERRIDE",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_ALLOC_CONF",
    "ATEN_CPU_CAPABILITY",
    "KMP_BLOCKTIME",
)


class StepSettings:
    """The settings in force when a step first looks; autocast also where it comes later."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def look(self) -> None:
        """To be called where modules begin too: inside of an operator autocast always seems off."""
        if not self.found:
            self.found = settings_in_force()
        for device in _AUTOCAST_DEVICES:
            if torch.is_autocast_enabled(device):
                self.found[_autocast(device)] = "True"


def _autocast(device: str) -> str:
    return f"torch.is_autocast_enabled({device!r})"


def settings_in_force() -> dict[str, str]:
    """Name to ``repr`` of every setting that a torch operator may consult."""
    backends = torch.backends
    found: dict[str, object] = {
        "torch.get_float32_matmul_precision()": torch.get_float32_matmul_precision(),
        "torch.backends.cudnn.benchmark": backends.cudnn.benchmark,
        "torch.backends.cudnn.deterministic": backends.cudnn.deterministic,
        "torch.backends.mkldnn.enabled": backends.mkldnn.enabled,
        "torch.are_deterministic_algorithms_enabled()": (
            torch.are_deterministic_algorithms_enabled()
        ),
        "torch.is_grad_enabled()": torch.is_grad_enabled(),
        "torch.is_inference_mode_enabled()": torch.is_inference_mode_enabled(),
        **{_autocast(device): torch.is_autocast_enabled(device) for device in _AUTOCAST_DEVICES},
        "torch.get_num_threads()": torch.get_num_threads(),
        "torch.get_default_dtype()": torch.get_default_dtype(),
        "torch.backends.cuda.flash_sdp_enabled()": backends.cuda.flash_sdp_enabled(),
        "torch.backends.cuda.mem_efficient_sdp_enabled()": (
            backends.cuda.mem_efficient_sdp_enabled()
        ),
        "torch.backends.cuda.math_sdp_enabled()": backends.cuda.math_sdp_enabled(),
    }
    rendered = {name: repr(value) for name, value in found.items()}
    rendered |= {
        f"os.environ[{name!r}]": repr(os.environ[name]) for name in _VARIABLES if name in os.environ
    }
    return rendered
