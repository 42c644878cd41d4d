"""Notices when a program sets a setting of torch, and where."""

from __future__ import annotations

import functools
import os
import sys
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

# Whatever sets a setting ends in one of these; torch looks them up at every call.
_WRITERS: tuple[tuple[Any, str], ...] = (
    *(
        (torch._C, f"_set_{name}")
        for name in (
            *("float32_matmul_precision", "fp32_precision_setter", "deterministic_algorithms"),
            *("cublas_allow_tf32", "cublas_allow_fp16_accumulation"),
            "cublas_allow_fp16_reduced_precision_reduction",
            "cublas_allow_bf16_reduced_precision_reduction",
            *("cudnn_enabled", "cudnn_benchmark", "cudnn_deterministic", "cudnn_allow_tf32"),
            *("mkldnn_enabled", "mkldnn_deterministic", "onednn_allow_tf32"),
            *("sdp_use_flash", "sdp_use_mem_efficient", "sdp_use_math", "sdp_use_cudnn"),
            "math_sdp_allow_fp16_bf16_reduction",
        )
    ),
    (torch, "set_num_threads"),
    (torch, "set_autocast_enabled"),
    (torch, "set_autocast_dtype"),
    (torch.backends.mha, "set_fastpath_enabled"),
    (ContextProp, "__set__"),
    (type(os.environ), "__setitem__"),
)


@contextmanager
def after_writes(react: Callable[[], None]) -> Iterator[None]:
    """Within the context ``react`` is called after everything that sets a setting, in the frame
    below it."""
    with ExitStack() as stack:
        for owner, name in _WRITERS:
            if hasattr(owner, name):
                _follow(stack, owner, name, react)
        yield


def _follow(stack: ExitStack, owner: Any, name: str, react: Callable[[], None]) -> None:
    write = getattr(owner, name)

    @functools.wraps(write)
    def writing(*args: Any, **kwargs: Any) -> Any:
        result = write(*args, **kwargs)
        react()
        return result

    setattr(owner, name, writing)
    stack.callback(setattr, owner, name, write)


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

    def _note(self) -> None:
        now = settings_in_force()
        frames: tuple[Frame, ...] | None = None
        for name, value in now.items():
            if self._seen.get(name) != value:
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
