"""Records one step: every operator with the values that it reads and writes.

Nothing of it outlives the step: the dispatch mode and the hooks are taken off also when the
program raises, and tensors are never held.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .context import StepContext
from .schema.recording import Operator, Phase, Recording
from .settings import settings_in_force
from .stacks import Stacks
from .values import ValueTable

_COPIES = frozenset(
    ("aten::clone", "aten::_to_copy", "aten::copy_", "aten::_reshape_copy", "aten::_unsafe_view")
)
Step = Callable[[], object]


def record(step: Step, names: dict[int, str]) -> tuple[Recording, object]:
    """Run ``step`` once and return what it did, and what it returned.

    ``names`` gives the dotted name of a parameter by the ``id`` of its tensor.

    Raises: whatever the step raises.
    """
    tape = _Tape(ValueTable(names))
    settings: dict[str, str] = {}
    with StepContext() as context:
        tape.context = context
        with _RecordingMode(tape, settings):
            result = step()
    outputs = tuple(
        found for tensor in tensors_in(result) if (found := tape.table.known(tensor)) is not None
    )
    recording = Recording(
        operators=tuple(tape.operators),
        values=tape.table.values(),
        frames=tape.stacks.frames(),
        stacks=tape.stacks.stacks(),
        settings=settings or settings_in_force(),
        outputs=outputs,
        compiled=tuple(sorted(tape.stacks.compiled)),
    )
    return recording, result


def tensors_in(structure: object) -> Iterator[torch.Tensor]:
    """The tensors in nested tuples, lists and dicts, in order."""
    if isinstance(structure, torch.Tensor):
        yield structure
    elif isinstance(structure, list | tuple):
        for item in structure:
            yield from tensors_in(item)
    elif isinstance(structure, dict):
        for item in structure.values():
            yield from tensors_in(item)


class _RecordingMode(TorchDispatchMode):
    def __init__(self, tape: _Tape, settings: dict[str, str]) -> None:
        super().__init__()
        self._tape, self._settings = tape, settings

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if not self._settings:
            # Grad mode and autocast are those of the program only while it runs.
            self._settings.update(settings_in_force())
        return self._tape.run(func, args, kwargs or {}, sys._getframe(1))


class _Tape:
    """Operators and values of the step as they come."""

    def __init__(self, table: ValueTable) -> None:
        self.table = table
        self.stacks = Stacks()
        self.operators: list[Operator] = []
        self.context: StepContext | None = None
        self._forward_of: dict[int, int] = {}
        self._extra_outputs: dict[int, list[int]] = {}

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any], frame: Any
    ) -> Any:
        if func.namespace == "profiler":
            return func(*args, **kwargs)  # marks of torch's own profiler compute nothing
        inputs = [self._input(tensor) for tensor in tensors_in((args, kwargs))]
        result = func(*args, **kwargs)
        number = len(self.operators)
        written = [] if not func._schema.is_mutable else list(_written(func, args, kwargs))
        for tensor in written:
            self.table.bump(tensor)
        outputs, movement = self._outputs(func, args, [*written, *tensors_in(result)], number)
        phase, module, forward = self._where(number)
        self.operators.append(
            Operator(
                id=number,
                name=func._schema.name,
                inputs=tuple(inputs),
                outputs=outputs,
                arguments=_scalar_arguments(func, args, kwargs),
                phase=phase,
                module=module,
                stack=self.stacks.capture(frame),
                movement=movement,
                forward=forward,
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
        source = _moved(func, args)
        outputs: list[int] = []
        movement = bool(tensors) and source is not None
        for tensor in tensors:
            group = self._same_elements(source, tensor) if source is not None else None
            movement = movement and group is not None
            value = self.table.add(tensor, "operator", number, group)
            if value not in outputs:
                outputs.append(value)
        return tuple(outputs), movement

    def _same_elements(self, source: torch.Tensor, tensor: torch.Tensor) -> int | None:
        known = self.table.known(source)
        same = source.numel() == tensor.numel() and source.is_complex() == tensor.is_complex()
        kinds = source.is_floating_point() == tensor.is_floating_point()
        return self.table.group(known) if known is not None and same and kinds else None

    def _where(self, number: int) -> tuple[Phase, str, int | None]:
        context = self.context
        if context is None:
            raise RuntimeError("an operator ran outside of the recorded step")
        sequence, node = torch._C._autograd._get_sequence_nr(), context.backward_node()
        if node is None:
            # An operator that made an autograd node has drawn the number before the next one.
            self._forward_of.setdefault(sequence - 1, number)
            return context.phase(), context.module(), None
        return "backward", context.module(), self._forward_of.get(node)


def _with_output(operator: Operator, value: int) -> Operator:
    return Operator(**{**vars(operator), "outputs": (*operator.outputs, value)})


def _written(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[torch.Tensor]:
    for position, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[position] if position < len(args) else kwargs.get(argument.name)
            yield from tensors_in(value)


def _moved(func: torch._ops.OpOverload, args: tuple[Any, ...]) -> torch.Tensor | None:
    """The argument whose elements ``func`` may merely move or relabel."""
    name = func._schema.name
    if not (func.is_view or name in _COPIES) or not args:
        return None
    source = args[1] if name == "aten::copy_" and len(args) > 1 else args[0]
    return source if isinstance(source, torch.Tensor) else None


def _scalar_arguments(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for position, argument in enumerate(func._schema.arguments):
        if position < len(args):
            value = args[position]
        elif argument.name in kwargs:
            value = kwargs[argument.name]
        elif argument.has_default_value():
            value = argument.default_value
        else:
            continue
        if next(tensors_in(value), None) is None:
            found[argument.name] = repr(value)
    return found
