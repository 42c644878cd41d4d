"""Which of the calls that a dispatch mode sees are operators of the step."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .values_only import as_asked


def _hidden_from_compiler(code: CodeType) -> bool:
    """Have torch's compiler, should the program load it, run ``code`` and what it calls as they
    are; False where this torch has no such switch."""
    compiler = torch._C._dynamo.eval_frame
    try:
        skip = compiler._FrameAction.SKIP
        compiler.set_code_exec_strategy(code, compiler._FrameExecStrategy(skip, skip))
    except AttributeError:
        return False
    return True


class StepMode(TorchDispatchMode):
    """Sees a step operator by operator, the same ones whatever is done with them.

    To be entered around the step, and to be told of opaque calls: each is one operator, whatever
    torch does within it.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's constructor has no types
        self._pid, self._within_opaque = os.getpid(), False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Asked by torch, which else wraps the method: that imports its compiler, which takes a
        # second, and makes every operator pay for the wrapper.
        return not _hidden_from_compiler(cls.__torch_dispatch__.__code__)

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        # Marks of torch's own profiler compute nothing; a forked child (a DataLoader's worker) is
        # not the step.
        if self._within_opaque or func.namespace == "profiler" or os.getpid() != self._pid:
            return func(*args, **kwargs)
        return self.run(func, as_asked(func, args, sys._getframe().f_back), kwargs)

    def opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Have ``call`` run as one operator, and return its result."""
        if self._within_opaque:
            return call()
        self._within_opaque = True
        try:
            return self.run_opaque(name, call, inputs, outputs)
        finally:
            self._within_opaque = False

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call ``func``, an operator of the step, and return its result."""
        raise NotImplementedError

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Make ``call``, which the program calls ``name``, and return its result."""
        raise NotImplementedError
