"""Records one step: every operator with the values that it reads and writes.

Nothing of it outlives the step: the dispatch mode and the hooks are taken off also when the
program raises, and tensors are never held.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from .collectives import finished
from .context import StepContext
from .opaque_calls import OPAQUE, watching
from .operands import (
    OperatorFacts,
    draws_random_numbers,
    facts_of,
    flat_tensors,
    keeps_elements,
    moved_tensor,
    scalar_arguments,
    split,
    written_tensors,
)
from .outputs import leaves
from .schema.recording import Operator, Phase, Recording, Sketch
from .settings import StepSettings
from .sketch import Sketcher
from .stacks import Stacks
from .step_mode import StepMode
from .values import ValueTable

Step = Callable[[], object]
_sequence_number = torch._C._autograd._get_sequence_nr
_backward_task = torch._C._current_graph_task_id
_Row = tuple[Any, ...]
"""The fields of an operator in order: what is built during the step delays it."""
_Call = tuple[dict[str, str], bool]
"""Scalar arguments, and whether with them random numbers are drawn."""
_OPAQUE_CALL: _Call = ({}, False)


def parameter_sketches(parameters: Mapping[str, torch.Tensor]) -> dict[int, Sketch | None]:
    """The sketches of ``parameters`` by ``id``, to be taken right before the step: what it reads
    first it need not read twice."""
    sketcher = Sketcher()
    for tensor in parameters.values():
        sketcher.sketch_later(tensor, id(tensor))
    return sketcher.finish()


def record(
    step: Step, names: dict[int, str], sketches: dict[int, Sketch | None] | None = None
) -> tuple[Recording, object]:
    """Run ``step`` once and return what it did, and what it returned.

    ``names`` gives the dotted name of a parameter by the ``id`` of its tensor, ``sketches`` what
    :func:`parameter_sketches` found.

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
    found = (tape.returned(leaf.value) for leaf in leaves(result))
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
        self._called: dict[tuple[OperatorFacts, Hashable], _Call] = {}
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
        read, others = split(args, kwargs)
        inputs = tuple(map(self.table.read, read))
        result = finished(func, args, kwargs) if facts.collective else func(*args, **kwargs)
        results = [result] if isinstance(result, torch.Tensor) else flat_tensors((result,))
        if facts.written:
            written = written_tensors(facts, args, kwargs)
            for tensor in written:
                self.table.bump(tensor)
            results = [*written, *results]
        outputs, movement = self._outputs(facts, args, inputs, results)
        called = self._called.get((facts, others)) if others is not None else None
        if called is None:
            called = self._call(facts, others, args, kwargs)
        self._append(facts.name, inputs, outputs, called, frame, movement, settings)
        return result

    def _call(
        self,
        facts: OperatorFacts,
        others: Hashable | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> _Call:
        """The scalar arguments of a call, and whether with them it draws random numbers."""
        arguments = scalar_arguments(facts, args, kwargs)
        # Equal arguments of many operators are one dictionary: they are most of the memory.
        arguments = self._arguments.setdefault((*arguments, *arguments.values()), arguments)
        called = arguments, draws_random_numbers(facts, arguments)
        if others is not None:
            self._called[facts, others] = called
        return called

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
        self._append(OPAQUE + name, inputs, outputs, _OPAQUE_CALL, frame, False, settings)

    def returned(self, tensor: torch.Tensor) -> int | None:
        """The value of a tensor that the step returned, None where no operator knew it."""
        if (known := self.table.known(tensor)) is not None:
            return known
        return None if self.table.writer(tensor) is None else self.table.read(tensor)

    def _append(
        self,
        name: str,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
        called: _Call,
        frame: FrameType | None,
        movement: bool,
        settings: int,
    ) -> None:
        context, number, (arguments, random) = self._context, len(self._rows), called
        module, anchor = context.running()
        stack = self.stacks.capture(frame, anchor)
        phase, forward = self._origins.of(number, self.stacks.again)
        named = context.named_phase(frame)
        self._rows.append(
            (
                number,
                name,
                inputs,
                outputs,
                arguments,
                phase,
                module,
                stack,
                movement,
                forward,
                random,
                settings,
                (),
                named,
            )
        )

    def operators(self) -> tuple[Operator, ...]:
        """All operators, built once the step is over."""
        name = self._context.phase_name
        found = [Operator(*(*row[:-1], name(row[-1]))) for row in self._rows]
        for writer, value in self.table.shown:
            found[writer] = replace(found[writer], outputs=(*found[writer].outputs, value))
        return tuple(found)

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
