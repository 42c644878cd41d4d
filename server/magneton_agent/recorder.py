"""Records one step: every operator with the values that it reads and writes.

Nothing of it outlives the step: the dispatch mode and the hooks are taken off also when the
program raises, and tensors are never held.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from .arguments import Told, draws_random_numbers, scalar_arguments, split, told_arguments
from .collectives import finished
from .context import StepContext
from .named_phases import Call
from .opaque_calls import watching
from .operands import (
    OperatorFacts,
    facts_of,
    flat_tensors,
    keeps_elements,
    moved_tensor,
    opaque_facts,
    written_tensors,
)
from .outputs import leaves, ordered
from .schema.recording import Operator, Phase, Recording, Sketch
from .settings import StepSettings
from .sketch import Sketcher
from .stacks import Stacks
from .step_mode import StepMode
from .values import ValueTable

Step = Callable[[], object]
_sequence_number = torch._C._autograd._get_sequence_nr
_backward_task = torch._C._current_graph_task_id
_Ids = tuple[int, ...]
_Call = tuple[OperatorFacts, Told | dict[str, str], _Ids, _Ids, bool, int]
"""Facts, scalar arguments, inputs, outputs, whether it only moves data, settings."""
_Row = tuple[_Call, Phase, str, int, int | None, str | Call]
"""A call, its phase, module, stack and forward operator, the phase that the program names: put
into words once the step is over, as what is built during the step delays it."""


def parameter_sketches(parameters: Mapping[str, torch.Tensor]) -> dict[int, Sketch | None]:
    """The sketches of ``parameters`` by ``id``, to be taken right before the step: what it reads
    first it need not read twice."""
    sketcher = Sketcher()
    for tensor in parameters.values():
        sketcher.sketch_later(tensor, id(tensor))
    return sketcher.finish()


def record(
    step: Step,
    names: dict[int, str],
    sketches: dict[int, Sketch | None] | None = None,
    order: Sequence[str] = (),
) -> tuple[Recording, object]:
    """Run ``step`` once and return what it did, and what it returned.

    ``names`` gives the dotted name of a parameter by the ``id`` of its tensor, ``sketches`` what
    :func:`parameter_sketches` found; outputs are kept in the ``order`` of the other side's names.

    Raises: whatever the step raises.
    """
    settings = StepSettings()
    context = StepContext(settings.look, sys._getframe())
    table = ValueTable(names)
    table.sketches.update(sketches or {})
    tape = _Tape(table, context, settings)
    mode = _RecordingMode(tape)
    with settings, context, watching(mode), mode:
        result = step()
    returned = ordered([*leaves(result)], order)
    found = (tape.returned(leaf.value) for leaf in returned)
    outputs = tuple(value for value in found if value is not None)
    recording = Recording(
        operators=tape.operators(),
        values=tape.table.values(),
        frames=tape.stacks.frames(),
        stacks=tape.stacks.stacks(),
        settings=settings.found,
        outputs=outputs,
        compiled=tuple(sorted(tape.stacks.compiled)),
        variants=tuple(settings.variants),
    )
    return recording, result


class _RecordingMode(StepMode):
    def __init__(self, tape: _Tape) -> None:
        super().__init__()
        self._tape = tape

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        # Torch's own threads (of a backward pass) call the mode from no Python frame.
        return self._tape.run(func, args, kwargs, sys._getframe(1).f_back)

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        written = flat_tensors(outputs)
        settings, read = self._tape.begin(flat_tensors(inputs))
        result = call()
        self._tape.end_opaque(name, read, settings, (written, result), sys._getframe(2))
        return result


class _Tape:
    """Operators and values of the step as they come."""

    def __init__(self, table: ValueTable, context: StepContext, settings: StepSettings) -> None:
        self.table, self._context, self._settings = table, context, settings
        self.stacks = Stacks()
        self._rows: list[_Row] = []
        self._origins = _Origins(context)
        self._arguments: dict[tuple[str, ...], dict[str, str]] = {}
        self._told: dict[tuple[OperatorFacts, Told], dict[str, str]] = {}
        self._facts: dict[int, OperatorFacts] = {}

    def run(
        self,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType | None,
    ) -> Any:
        # By identity, as the hash of an operator is a call of Python; `facts_of` keeps it alive.
        facts = self._facts.get(id(func)) or self._facts.setdefault(id(func), facts_of(func))
        settings = self._settings.variant()
        read, told = split(args, kwargs)
        inputs = tuple(map(self.table.read, read))
        result = finished(func, args, kwargs) if facts.collective else func(*args, **kwargs)
        results = [result] if isinstance(result, torch.Tensor) else flat_tensors((result,))
        if facts.written:
            written = written_tensors(facts, args, kwargs)
            for tensor in written:
                self.table.bump(tensor)
            results = [*written, *results]
        outputs, movement = self._outputs(facts, args, inputs, results)
        arguments = told or scalar_arguments(facts, args, kwargs)
        self._append((facts, arguments, inputs, outputs, movement, settings), frame)
        return result

    def begin(self, read: list[torch.Tensor]) -> tuple[int, tuple[int, ...]]:
        """What is known before an opaque call: the settings' number and the values it reads."""
        with torch.no_grad(), _disable_current_modes():
            return self._settings.variant(), tuple(map(self.table.read, read))

    def end_opaque(
        self,
        name: str,
        inputs: tuple[int, ...],
        settings: int,
        results: tuple[list[torch.Tensor], object],
        frame: FrameType,
    ) -> None:
        """Note an opaque call that wrote the first of ``results`` and returned the second."""
        written, returned = results
        number = len(self._rows)
        with torch.no_grad(), _disable_current_modes():
            for tensor in written:
                self.table.bump(tensor)
            found = [
                self.table.add(tensor, "operator", number, None)
                for tensor in (*written, *flat_tensors((returned,)))
            ]
        outputs = tuple(dict.fromkeys(found))
        self._append((opaque_facts(name), {}, inputs, outputs, False, settings), frame)

    def returned(self, tensor: torch.Tensor) -> int | None:
        """The value of a tensor that the step returned, None where no operator knew it."""
        if (known := self.table.known(tensor)) is not None:
            return known
        return None if self.table.writer(tensor) is None else self.table.read(tensor)

    def _append(self, call: _Call, frame: FrameType | None) -> None:
        module, anchor = self._context.running()
        stack = self.stacks.capture(frame, anchor)
        phase, forward = self._origins.of(len(self._rows), self.stacks.again)
        named = self._context.named_phase(frame)
        self._rows.append((call, phase, module, stack, forward, named))

    def operators(self) -> tuple[Operator, ...]:
        """All operators, built once the step is over."""
        found = [self._operator(number, row) for number, row in enumerate(self._rows)]
        for writer, value in self.table.shown:
            found[writer] = replace(found[writer], outputs=(*found[writer].outputs, value))
        return tuple(found)

    def _operator(self, number: int, row: _Row) -> Operator:
        call, phase, module, stack, forward, named = row
        facts, told, inputs, outputs, movement, settings = call
        arguments = self._arguments_of(facts, told)
        return Operator(
            id=number,
            name=facts.name,
            inputs=inputs,
            outputs=outputs,
            arguments=arguments,
            phase=phase,
            module=module,
            stack=stack,
            movement=movement,
            forward=forward,
            random=draws_random_numbers(facts, arguments),
            settings=settings,
            named_phase=self._context.phase_name(named),
        )

    def _arguments_of(self, facts: OperatorFacts, told: Told | dict[str, str]) -> dict[str, str]:
        if isinstance(told, dict):
            return self._one_of_all(told)
        found = self._told.get((facts, told))
        if found is None:
            found = self._told[facts, told] = self._one_of_all(told_arguments(facts, told))
        return found

    def _one_of_all(self, arguments: dict[str, str]) -> dict[str, str]:
        """Equal arguments of many operators are one dictionary: they are most of the memory."""
        return self._arguments.setdefault((*arguments, *arguments.values()), arguments)

    def _outputs(
        self,
        facts: OperatorFacts,
        args: tuple[Any, ...],
        inputs: tuple[int, ...],
        tensors: list[torch.Tensor],
    ) -> tuple[tuple[int, ...], bool]:
        add, writer = self.table.add, None if facts.view else len(self._rows)
        if facts.moves and (source := moved_tensor(facts, args)) is not None:
            # What was written to may have been the source's own memory.
            known = self.table.known(source) if facts.written else inputs[0]
            return self._moved(facts, source, known, tensors, writer)
        if len(tensors) == 1:
            return (add(tensors[0], "operator", writer, None, facts.writes_result),), False
        found = [add(tensor, "operator", writer, None, facts.writes_result) for tensor in tensors]
        return tuple(dict.fromkeys(found)), False

    def _moved(
        self,
        facts: OperatorFacts,
        source: torch.Tensor,
        known: int | None,
        tensors: list[torch.Tensor],
        writer: int | None,
    ) -> tuple[tuple[int, ...], bool]:
        outputs: dict[int, None] = {}
        movement = bool(tensors)
        for tensor in tensors:
            group = None
            if known is not None and keeps_elements(facts, source, tensor):
                group = self.table.group(known)
            movement = movement and group is not None
            outputs[self.table.add(tensor, "operator", writer, group)] = None
        return tuple(outputs), movement


class _Origins:
    """Leads operators of the backward pass to those whose autograd node they run for.

    Nodes carry the number that the thread's counter had when they were made. A pass that is
    computed again within the backward pass may run in another thread than the first one: its
    numbers are kept apart, and looked up by the backward pass that it is nested in.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._made: dict[int, int] = {}
        self._made_again: dict[int, int] = {}
        self._again_in: int | None = None

    def of(self, number: int, again: bool) -> tuple[Phase, int | None]:
        """Phase and forward operator of operator ``number``; ``again`` says that its own line is
        the forward one, within the backward pass."""
        # An operator that made an autograd node has drawn the number before the next one.
        node = _sequence_number() - 1
        task = _backward_task()
        if task == -1:
            self._made.setdefault(node, number)
            return self._context.phase(), None
        if again:
            self._again_in = task
            self._made_again.setdefault(node, number)
            return "backward", None
        running = self._context.backward_node()
        forward = None
        if self._again_in is not None and task > self._again_in:
            forward = self._made_again.get(running)
        if forward is None:
            forward = self._made.get(running)
        if torch.is_grad_enabled():  # of a second derivative
            self._made.setdefault(node, number if forward is None else forward)
        return "backward", forward
