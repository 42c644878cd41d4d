"""Records one step: every operator with the values that it reads and writes.

Nothing of it outlives the step: the dispatch mode and the hooks are taken off also when the
program raises, and tensors are never held.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .context import StepContext
from .operands import (
    draws_random_numbers,
    keeps_elements,
    moved_tensor,
    scalar_arguments,
    tensors_in,
    written_tensors,
)
from .outputs import leaves
from .schema.recording import Operator, Phase, Recording
from .settings import StepSettings
from .stacks import Stacks
from .values import ValueTable

_UNINITIALISED = frozenset(
    (
        "aten::empty",
        "aten::empty_like",
        "aten::empty_strided",
        "aten::empty_permuted",
        "aten::new_empty",
        "aten::new_empty_strided",
    )
)
Step = Callable[[], object]


def record(step: Step, names: dict[int, str]) -> tuple[Recording, object]:
    """Run ``step`` once and return what it did, and what it returned.

    ``names`` gives the dotted name of a parameter by the ``id`` of its tensor.

    Raises: whatever the step raises.
    """
    settings = StepSettings()
    context = StepContext(settings.look)
    tape = _Tape(ValueTable(names), context, settings)
    with settings, context, _RecordingMode(tape):
        result = step()
    found = (tape.table.known(leaf.value) for leaf in leaves(result))
    outputs = tuple(value for value in found if value is not None)
    recording = Recording(
        operators=tuple(tape.operators),
        values=tape.table.values(),
        frames=tape.stacks.frames(),
        stacks=tape.stacks.stacks(),
        settings=settings.found,
        outputs=outputs,
        compiled=tuple(sorted(tape.stacks.compiled)),
        variants=tuple(settings.variants),
    )
    return recording, result


class _RecordingMode(TorchDispatchMode):
    def __init__(self, tape: _Tape) -> None:
        super().__init__()
        self._tape = tape

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return self._tape.run(func, args, kwargs or {}, sys._getframe(1))


class _Tape:
    """Operators and values of the step as they come."""

    def __init__(self, table: ValueTable, context: StepContext, settings: StepSettings) -> None:
        self.table, self._context, self._settings = table, context, settings
        self.stacks = Stacks()
        self.operators: list[Operator] = []
        self._forward_of: dict[int, int] = {}

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any], frame: Any
    ) -> Any:
        if func.namespace == "profiler":
            return func(*args, **kwargs)  # marks of torch's own profiler compute nothing
        settings = self._settings.variant()
        inputs = [self._input(tensor) for tensor in tensors_in((args, kwargs))]
        result = func(*args, **kwargs)
        number = len(self.operators)
        written = list(written_tensors(func, args, kwargs))
        for tensor in written:
            self.table.bump(tensor)
        outputs, movement = self._outputs(func, args, [*written, *tensors_in(result)], number)
        phase, module, forward = self._where(number)
        arguments = scalar_arguments(func, args, kwargs)
        self.operators.append(
            Operator(
                id=number,
                name=func._schema.name,
                inputs=tuple(inputs),
                outputs=outputs,
                arguments=arguments,
                phase=phase,
                module=module,
                stack=self.stacks.capture(frame),
                movement=movement,
                forward=forward,
                random=draws_random_numbers(func, arguments),
                settings=settings,
            )
        )
        return result

    def _input(self, tensor: torch.Tensor) -> int:
        if (known := self.table.known(tensor)) is not None:
            return known
        writer = self.table.writer(tensor)
        value = self.table.add(tensor, "input" if writer is None else "operator", None, None)
        if writer is not None:
            # A view made before an in-place operator shows what that operator wrote.
            operator = self.operators[writer]
            self.operators[writer] = _with_output(operator, value)
        return value

    def _outputs(
        self,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        tensors: list[torch.Tensor],
        number: int,
    ) -> tuple[tuple[int, ...], bool]:
        source = moved_tensor(func, args)
        writer = None if func.is_view else number
        initialised = func._schema.name not in _UNINITIALISED
        outputs: list[int] = []
        movement = bool(tensors) and source is not None
        for tensor in tensors:
            group = None
            if source is not None and keeps_elements(func, source, tensor):
                group = self._group(source)
            movement = movement and group is not None
            value = self.table.add(tensor, "operator", writer, group, initialised)
            if value not in outputs:
                outputs.append(value)
        return tuple(outputs), movement

    def _group(self, source: torch.Tensor) -> int | None:
        known = self.table.known(source)
        return self.table.group(known) if known is not None else None

    def _where(self, number: int) -> tuple[Phase, str, int | None]:
        context = self._context
        sequence, node = torch._C._autograd._get_sequence_nr(), context.backward_node()
        if node is None:
            # An operator that made an autograd node has drawn the number before the next one.
            self._forward_of.setdefault(sequence - 1, number)
            return context.phase(), context.module(), None
        return "backward", context.module(), self._forward_of.get(node)


def _with_output(operator: Operator, value: int) -> Operator:
    return Operator(**{**vars(operator), "outputs": (*operator.outputs, value)})
