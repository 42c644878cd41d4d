"""Where in the step the program is: phase, module, backward node.

Global hooks of torch tell it; they are taken off again when the context ends.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as module_hooks
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from torch.utils.hooks import RemovableHandle

from .named_phases import Call, Generations, named_phase
from .schema.recording import Phase
from .stacks import Anchor


class StepContext:
    """Knows phase and module path while it is entered.

    ``on_module`` is called where a module begins; ``frame`` is that of the call around the step.
    """

    def __init__(self, on_module: Callable[[], None], frame: FrameType) -> None:
        self._on_module = on_module
        self._path: list[tuple[nn.Module, str, Anchor]] = []
        self._step: Anchor | None = Anchor(frame, None)
        self._names: dict[int, dict[int, str]] = {}
        self._known: dict[int, str] = {}
        self._optimizers = 0
        self._handles: list[RemovableHandle] = []
        self._generations = Generations()
        self._thread, self._phase_name = threading.get_ident(), ""

    def __enter__(self) -> StepContext:
        self._handles = [
            module_hooks.register_module_forward_pre_hook(self._enter_module),
            module_hooks.register_module_forward_hook(self._leave_module, always_call=True),
            register_optimizer_step_pre_hook(self._enter_optimizer),
            register_optimizer_step_post_hook(self._leave_optimizer),
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._path.clear()
        self._generations.clear()
        self._step = None
        self._names.clear()
        self._known.clear()

    def phase(self) -> Phase:
        """The phase of an operator that runs outside of autograd's backward pass."""
        return "optimizer" if self._optimizers else "forward"

    def named_phase(self, frame: FrameType | None) -> str | Call:
        """The phase that the program names around an operator called from ``frame``, else what
        tells it once the step is over: :meth:`phase_name`."""
        if threading.get_ident() != self._thread:
            return named_phase() or self._phase_name  # a backward pass has threads of its own
        self._phase_name = named_phase()
        return self._phase_name or self._generations.call(len(self._path), frame) or ""

    def phase_name(self, found: str | Call) -> str:
        """The name of what :meth:`named_phase` gave, ``""`` where there is none."""
        return found if isinstance(found, str) else self._generations.name(found)

    def running(self) -> tuple[str, Anchor | None]:
        """The dotted path of the module that is running, from its root's class name, and its call;
        where there is none, "" and the call of the step."""
        return self._path[-1][1:] if self._path else ("", self._step)

    @staticmethod
    def backward_task() -> int:
        """The number of the backward pass that is running, -1 in the forward pass."""
        return torch._C._current_graph_task_id()

    @staticmethod
    def backward_node() -> int:
        """The sequence number of the autograd node that is running, -1 where there is none."""
        node = torch._C._current_autograd_node()
        return -1 if node is None else int(node._sequence_nr())

    def _enter_module(self, module: nn.Module, arguments: Any) -> None:
        self._on_module()
        frame, (_, outer) = sys._getframe(1), self.running()
        until = None if outer is None else outer.frame
        self._generations.enter(module, len(self._path), frame, until)
        # A part that is called again by itself (activation checkpointing) keeps its path.
        again = not self._path and self.backward_task() != -1
        name = (self._known.get(id(module)) if again else None) or self._name(module)
        self._known.setdefault(id(module), name)
        self._path.append((module, name, Anchor(frame, outer)))

    def _leave_module(self, module: nn.Module, arguments: Any, result: Any) -> None:
        # An exception may have skipped the leaving of inner modules.
        while self._path and self._path.pop()[0] is not module:
            pass

    def _name(self, module: nn.Module) -> str:
        own = type(module).__name__
        if not self._path:
            if id(module) not in self._names:
                self._names[id(module)] = _paths(module, "", {id(module): ""})
            return own
        root = self._path[0][0]
        inner = self._names.get(id(root), {}).get(id(module))
        top = type(root).__name__
        return f"{top}.{inner}" if inner is not None else f"{self._path[-1][1]}.{own}"

    def _enter_optimizer(self, *_: Any) -> None:
        self._optimizers += 1

    def _leave_optimizer(self, *_: Any) -> None:
        self._optimizers -= 1


def _paths(module: nn.Module, prefix: str, found: dict[int, str]) -> dict[int, str]:
    """Adds to ``found`` what ``named_modules`` gives, in a third of the time: it is the step's."""
    for name, child in module._modules.items():
        if child is not None and id(child) not in found:
            found[id(child)] = prefix + name
            _paths(child, f"{prefix}{name}.", found)
    return found
