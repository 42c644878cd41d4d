"""The settings in force, of torch and of the interpreter, as text: what can change the cost of a
step without changing a call."""

from __future__ import annotations

import functools
import gc
import os
import tracemalloc
from collections.abc import Callable
from types import TracebackType
from typing import Any

import torch
import torch.utils._device

_AUTOCAST_DEVICES = ("cpu", "cuda")
# As a program writes them; "()" at the end is a call. What a torch does not have is left out.
_NAMES = (
    "torch.get_float32_matmul_precision()",
    "torch.get_default_dtype()",
    "torch.get_num_threads()",
    "torch.get_num_interop_threads()",
    "torch.is_grad_enabled()",
    "torch.is_inference_mode_enabled()",
    "torch.is_autocast_cache_enabled()",
    "torch.are_deterministic_algorithms_enabled()",
    "torch.is_deterministic_algorithms_warn_only_enabled()",
    "torch.is_warn_always_enabled()",
    "torch.is_anomaly_enabled()",
    "torch.is_anomaly_check_nan_enabled()",
    "torch._C._is_multithreading_enabled()",
    "torch.sparse.check_sparse_tensor_invariants.is_enabled()",
    "torch.utils.deterministic.fill_uninitialized_memory",
    "torch.backends.fp32_precision",
    "torch.backends.cpu.get_cpu_capability()",
    "torch.backends.cuda.matmul.allow_tf32",
    "torch.backends.cuda.matmul.fp32_precision",
    "torch.backends.cuda.matmul.allow_fp16_accumulation",
    "torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction",
    "torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction_split_k",
    "torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction",
    "torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction_split_k",
    "torch.backends.cuda.flash_sdp_enabled()",
    "torch.backends.cuda.mem_efficient_sdp_enabled()",
    "torch.backends.cuda.math_sdp_enabled()",
    "torch.backends.cuda.cudnn_sdp_enabled()",
    "torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed()",
    "torch.backends.cuda.preferred_blas_library()",
    "torch.backends.cuda.preferred_linalg_library()",
    "torch.backends.cudnn.enabled",
    "torch.backends.cudnn.benchmark",
    "torch.backends.cudnn.benchmark_limit",
    "torch.backends.cudnn.deterministic",
    "torch.backends.cudnn.allow_tf32",
    "torch.backends.cudnn.fp32_precision",
    "torch.backends.cudnn.conv.fp32_precision",
    "torch.backends.cudnn.rnn.fp32_precision",
    "torch.backends.cudnn.depthwise_kernel",
    "torch.backends.mkldnn.enabled",
    "torch.backends.mkldnn.deterministic",
    "torch.backends.mkldnn.allow_tf32",
    "torch.backends.mkldnn.fp32_precision",
    "torch.backends.mkldnn.matmul.fp32_precision",
    "torch.backends.mkldnn.conv.fp32_precision",
    "torch.backends.mkldnn.rnn.fp32_precision",
    "torch.backends.mha.get_fastpath_enabled()",
    "torch.backends.miopen.immediate",
    "torch.backends.opt_einsum.enabled",
    "torch.backends.opt_einsum.strategy",
    "torch.backends.nnpack.enabled",
    "torch.backends.quantized.engine",
    "gc.isenabled()",
    "gc.get_threshold()",
    "tracemalloc.is_tracing()",
)
_ROOTS = {"torch": torch, "gc": gc, "tracemalloc": tracemalloc}
_Path = tuple[tuple[str, bool], ...]
"""Attributes from a root on, and whether what each holds is called."""
_PATHS: tuple[tuple[str, Any, _Path], ...] = tuple(
    (name, _ROOTS[root], tuple((each.removesuffix("()"), each.endswith("()")) for each in path))
    for name, (root, *path) in ((name, name.split(".")) for name in _NAMES)
)


def _default_device() -> str | None:
    """Where tensors are made that are not told where, None where nobody has said so: to say so
    costs at every call of a function of torch."""
    device = torch.utils._device.CURRENT_DEVICE
    return str(device) if device is not None else None


# What nothing tells is called by what sets it.
_FLUSHES = functools.partial((2.0**-1060).__eq__, 0.0)
"""Whether this thread takes denormal numbers for zero, as the processor compares one."""
_TOLD_OTHERWISE: tuple[tuple[str, Callable[[], object]], ...] = (
    ("torch.set_flush_denormal", _FLUSHES),
    ("torch.set_default_device", _default_device),
    (
        "torch.distributions.Distribution.set_default_validate_args",
        lambda: torch.distributions.Distribution._validate_args,
    ),
)
_VARIABLES = (
    "ATEN_CPU_CAPABILITY",
    "CUBLASLT_WORKSPACE_SIZE",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_DEVICE_MAX_CONNECTIONS",
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_MODULE_LOADING",
    "CUDA_VISIBLE_DEVICES",
    "DNNL_DEFAULT_FPMATH_MODE",
    "DNNL_MAX_CPU_ISA",
    "DNNL_VERBOSE",
    "GOMP_CPU_AFFINITY",
    "KMP_AFFINITY",
    "KMP_BLOCKTIME",
    "LD_PRELOAD",
    "LRU_CACHE_CAPACITY",
    "MKL_CBWR",
    "MKL_DEBUG_CPU_TYPE",
    "MKL_DISABLE_FAST_MM",
    "MKL_DOMAIN_NUM_THREADS",
    "MKL_DYNAMIC",
    "MKL_ENABLE_INSTRUCTIONS",
    "MKL_NUM_THREADS",
    "MKL_VERBOSE",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_DYNAMIC",
    "OMP_NUM_THREADS",
    "OMP_PLACES",
    "OMP_PROC_BIND",
    "OMP_SCHEDULE",
    "OMP_THREAD_LIMIT",
    "OMP_WAIT_POLICY",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "ONEDNN_VERBOSE",
    "OPENBLAS_NUM_THREADS",
    "PYTHONMALLOC",
    "PYTORCH_ALLOC_CONF",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_NO_CUDA_MEMORY_CACHING",
    "PYTORCH_TUNABLEOP_ENABLED",
    "THP_MEM_ALLOC_ENABLE",
    "TORCHDYNAMO_DISABLE",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
    "TORCH_BLAS_PREFER_CUBLASLT",
    "TORCH_COMPILE_DISABLE",
    "TORCH_CUDNN_USE_HEURISTIC_MODE_B",
    "TORCH_CUDNN_V8_API_DISABLED",
    "TORCH_LINALG_PREFER_CUSOLVER",
    "TORCH_LINEAR_FLATTEN_3D",
    "TORCH_MKLDNN_MATMUL_MIN_DIM",
    "TORCH_MKLDNN_MATMUL_MIN_SIZE",
)
# What programs change around a call, by functions of torch._C that take tens of nanoseconds and
# never raise: read at every operator. Only where one of them changed is everything read again.
_QUICK_NAMES = (
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "get_num_threads",
    "get_default_dtype",
    "_get_deterministic_algorithms",
    "_get_flash_sdp_enabled",
    "_get_mem_efficient_sdp_enabled",
    "_get_math_sdp_enabled",
    "_get_cudnn_sdp_enabled",
    "_get_math_sdp_allow_fp16_bf16_reduction",
    "_get_cublas_allow_fp16_reduced_precision_reduction",
    "_get_cublas_allow_bf16_reduced_precision_reduction",
    "_get_cudnn_enabled",
    "_get_cudnn_benchmark",
    "_get_cudnn_deterministic",
    "_get_mkldnn_enabled",
    "_get_mkldnn_deterministic",
    "is_anomaly_enabled",
    "is_anomaly_check_nan_enabled",
    "_is_multithreading_enabled",
    "_check_sparse_tensor_invariants",
)
_PRECISIONS = (("cuda", "matmul"), ("cuda", "conv"), ("mkldnn", "matmul"), ("mkldnn", "conv"))
Autocast = tuple[tuple[bool, torch.dtype], ...]


class StepSettings:
    """The settings of a step, operator by operator; to be entered around the step.

    ``found`` are those at the first operator, or now where there was none; ``variants`` what
    differs from them at later ones, the first of which is empty.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.variants: list[dict[str, str]] = []
        self._quick = _quick_getters()
        self._numbers: dict[tuple[object, ...], int] = {}
        self._mark: list[object] = []
        self._number = 0
        self._autocast: Autocast = ()
        self._methods: tuple[Callable[..., object], Callable[..., object]] = (
            torch.autocast.__enter__,
            torch.autocast.__exit__,
        )

    def __enter__(self) -> StepSettings:
        # What the first operator reads again: for the first time, it takes three times as long.
        settings_in_force()
        self.look()
        enter, leave = self._methods
        look = self.look

        @functools.wraps(enter)
        def entering(context: torch.autocast) -> object:
            result = enter(context)
            look()
            return result

        @functools.wraps(leave)
        def leaving(context: torch.autocast, *error: object) -> object:
            result = leave(context, *error)
            look()
            return result

        # Nothing else tells an operator whether it runs under autocast: see `look`.
        _set_methods(entering, leaving)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _set_methods(*self._methods)
        if not self.variants:
            self.variant()

    def look(self) -> None:
        """Note whether autocast is on; to be called outside of operators, inside of which it
        always seems off."""
        self._autocast = _autocast()

    def variant(self) -> int:
        """The number of the settings in force at the operator that is running."""
        mark = [getter() for getter in self._quick]
        mark.append(self._autocast)
        if mark != self._mark:
            known = tuple(mark)
            number = self._numbers.get(known)
            if number is None:
                number = self._numbers[known] = self._read()
            self._mark, self._number = mark, number
        return self._number

    def _read(self) -> int:
        now = settings_in_force() | _rendered_autocast(self._autocast)
        self.found = self.found or now
        found = self.found
        names = sorted(now.keys() | found.keys()) if now != found else []
        changed = {
            name: now.get(name, "not set") for name in names if now.get(name) != found.get(name)
        }
        if changed not in self.variants:
            self.variants.append(changed)
        return self.variants.index(changed)


def settings_in_force() -> dict[str, str]:
    """Name to ``repr`` of every setting that can change what a step costs; "unknown" where torch
    refuses to tell."""
    read = {name: _value(root, path) for name, root, path in _PATHS}
    read |= {name: repr(tell()) for name, tell in _TOLD_OTHERWISE}
    rendered = {name: value for name, value in read.items() if value is not None}
    present = set(os.environ)  # to look a variable up that is not there takes a microsecond
    variables = {
        f"os.environ[{name!r}]": repr(os.environ[name]) for name in _VARIABLES if name in present
    }
    return rendered | _rendered_autocast(_autocast()) | variables


def _value(found: Any, path: _Path) -> str | None:
    """The ``repr`` of a setting, None where this torch does not have it."""
    try:
        for name, called in path:
            found = getattr(found, name)
            if called:
                found = found()
    except AttributeError:
        return None
    except RuntimeError:
        # Once ``fp32_precision`` was set, torch refuses to tell ``allow_tf32`` and the like.
        return "unknown"
    return repr(found)


def _quick_getters() -> tuple[Callable[[], object], ...]:
    names = [name for name in _QUICK_NAMES if hasattr(torch._C, name)]
    precision = getattr(torch._C, "_get_fp32_precision_getter", None)
    return (
        *(getattr(torch._C, name) for name in names),
        *(functools.partial(precision, *each) for each in _PRECISIONS if precision is not None),
        # What torch.backends.mha.get_fastpath_enabled() reads: torch._C knows nothing of it.
        functools.partial(getattr, torch.backends.mha, "_is_fastpath_enabled", None),
        functools.partial(getattr, torch.utils._device, "CURRENT_DEVICE", None),
        _FLUSHES,
    )


def _autocast() -> Autocast:
    enabled, dtype = torch.is_autocast_enabled, torch.get_autocast_dtype
    return tuple([(enabled(device), dtype(device)) for device in _AUTOCAST_DEVICES])


def _rendered_autocast(state: Autocast) -> dict[str, str]:
    found = {}
    for device, (enabled, dtype) in zip(_AUTOCAST_DEVICES, state, strict=True):
        found[f"torch.is_autocast_enabled({device!r})"] = repr(enabled)
        found[f"torch.get_autocast_dtype({device!r})"] = repr(dtype)
    return found


def _set_methods(enter: Callable[..., object], leave: Callable[..., object]) -> None:
    setattr(torch.autocast, "__enter__", enter)  # noqa: B010  # mypy refuses to assign to methods
    setattr(torch.autocast, "__exit__", leave)  # noqa: B010
