"""Notices when a program sets a setting of torch, and where."""

from __future__ import annotations

import functools
import gc
import inspect
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.backends import ContextProp

from .schema.location import Frame
from .schema.messages import FindSetting, FoundSetting
from .settings import settings_in_force
from .stacks import is_plumbing, resolve
from .step import Step, Steps

_SPARSE = "torch.sparse.check_sparse_tensor_invariants.is_enabled()"
_VALIDATE = "torch.distributions.Distribution.set_default_validate_args"
_ANOMALY = ("torch.is_anomaly_enabled()", "torch.is_anomaly_check_nan_enabled()")
# Whatever sets a setting ends in one of these; torch looks them up at every call. With each what
# it sets, as far as one call sets no more: a value may be given that is there already.
_OF_CORE: dict[str, tuple[str, ...]] = {
    "float32_matmul_precision": ("torch.get_float32_matmul_precision()",),
    "fp32_precision_setter": (),
    "deterministic_algorithms": ("torch.are_deterministic_algorithms_enabled()",),
    "deterministic_fill_uninitialized_memory": (
        "torch.utils.deterministic.fill_uninitialized_memory",
    ),
    "default_dtype": ("torch.get_default_dtype()",),
    "default_tensor_type": ("torch.get_default_dtype()",),
    "multithreading_enabled": ("torch._C._is_multithreading_enabled()",),
    "check_sparse_tensor_invariants": (_SPARSE,),
    "warnAlways": ("torch.is_warn_always_enabled()",),
    "cublas_allow_tf32": ("torch.backends.cuda.matmul.allow_tf32",),
    "cublas_allow_fp16_accumulation": ("torch.backends.cuda.matmul.allow_fp16_accumulation",),
    "cublas_allow_fp16_reduced_precision_reduction": (
        "torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction",
    ),
    "cublas_allow_bf16_reduced_precision_reduction": (
        "torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction",
    ),
    "cudnn_enabled": ("torch.backends.cudnn.enabled",),
    "cudnn_benchmark": ("torch.backends.cudnn.benchmark",),
    "cudnn_deterministic": ("torch.backends.cudnn.deterministic",),
    "cudnn_allow_tf32": ("torch.backends.cudnn.allow_tf32",),
    "mkldnn_enabled": ("torch.backends.mkldnn.enabled",),
    "mkldnn_deterministic": ("torch.backends.mkldnn.deterministic",),
    "onednn_allow_tf32": ("torch.backends.mkldnn.allow_tf32",),
    "sdp_use_flash": ("torch.backends.cuda.flash_sdp_enabled()",),
    "sdp_use_mem_efficient": ("torch.backends.cuda.mem_efficient_sdp_enabled()",),
    "sdp_use_math": ("torch.backends.cuda.math_sdp_enabled()",),
    "sdp_use_cudnn": ("torch.backends.cuda.cudnn_sdp_enabled()",),
    "math_sdp_allow_fp16_bf16_reduction": (
        "torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed()",
    ),
}
_WRITERS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    *((torch._C, f"_set_{name}", settings) for name, settings in _OF_CORE.items()),
    (torch, "set_num_threads", ("torch.get_num_threads()",)),
    (torch, "set_num_interop_threads", ("torch.get_num_interop_threads()",)),
    (torch, "set_anomaly_enabled", _ANOMALY),
    (torch, "set_flush_denormal", ("torch.set_flush_denormal",)),
    (torch, "set_default_device", ("torch.set_default_device",)),
    (torch, "set_autocast_enabled", ()),
    (torch, "set_autocast_dtype", ()),
    (torch.backends.mha, "set_fastpath_enabled", ("torch.backends.mha.get_fastpath_enabled()",)),
    (torch.distributions.Distribution, "set_default_validate_args", (_VALIDATE,)),
    (ContextProp, "__set__", ()),
    (type(os.environ), "__setitem__", ()),
    (gc, "enable", ("gc.isenabled()",)),
    (gc, "disable", ("gc.isenabled()",)),
    (gc, "set_threshold", ("gc.get_threshold()",)),
    (tracemalloc, "start", ("tracemalloc.is_tracing()",)),
    (tracemalloc, "stop", ("tracemalloc.is_tracing()",)),
)
_Reaction = Callable[[tuple[str, ...]], None]
"""What is done after a call that set these settings, and maybe others."""


@contextmanager
def after_writes(react: _Reaction) -> Iterator[None]:
    """Within the context ``react`` is called after everything that sets a setting, in the frame
    below it."""
    with ExitStack() as stack:
        for owner, name, settings in _WRITERS:
            if hasattr(owner, name):
                _follow(stack, owner, name, functools.partial(react, settings))
        yield


def _follow(stack: ExitStack, owner: Any, name: str, react: Callable[[], None]) -> None:
    write, kept = getattr(owner, name), inspect.getattr_static(owner, name)

    @functools.wraps(write)
    def writing(*args: Any, **kwargs: Any) -> Any:
        result = write(*args, **kwargs)
        react()
        return result

    setattr(owner, name, staticmethod(writing) if isinstance(kept, staticmethod) else writing)
    stack.callback(setattr, owner, name, kept)


class SettingWrites:
    """The stacks, innermost frame first, from which the program gave settings their values. Of a
    value that was given more than once the last time counts."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._found: dict[tuple[str, str], tuple[Frame, ...]] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what is set within the context."""
        self._seen = settings_in_force()
        with after_writes(self._note):
            yield

    def frames(self, settings: dict[str, str]) -> tuple[Frame, ...]:
        """From where the first of ``settings`` that the program set was given that value; empty
        where it set none of them so."""
        return next((self._found[each] for each in settings.items() if each in self._found), ())

    def find(self, request: FindSetting) -> Steps[FoundSetting]:
        """Where the program set what ``request`` asks for, in a step if not before."""
        frames = self.frames(request.settings)
        if not frames:

            def around(step: Step) -> object:
                with self.watching():
                    return step()

            yield around
            frames = self.frames(request.settings)
        return FoundSetting(frames)

    def _note(self, given: tuple[str, ...]) -> None:
        now = settings_in_force()
        frames: tuple[Frame, ...] | None = None
        for name, value in now.items():
            changed = self._seen.get(name) != value
            # Whoever leaves a context gives the value of before once more.
            if changed or (name in given and (name, value) not in self._found):
                frames = frames if frames is not None else _stack()
                self._found[name, value] = frames
        self._seen = now


def _stack() -> tuple[Frame, ...]:
    found = []
    frame = sys._getframe(2)
    while frame.f_back is not None:
        if not is_plumbing(frame.f_code):
            found.append(resolve(frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)
