"""What role an operator or value plays, from module path and source line alone.

A role is a part of a network, with the numbers of the layers that it is in: ``3/norm1``. What is
fused on one side has several. The lines of the suite's own programs say their roles themselves,
in a comment ``#: role``; a tuple is unpacked into one role each.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Operator, Phase, Recording, Value

Roles = frozenset[str]
UNKNOWN: Roles = frozenset()
INPUT: Roles = frozenset({"input"})
_MARK = re.compile(r"#: ([\w. ]+)$")


@dataclass(frozen=True)
class Naming:
    """Roles, separated by spaces, of modules and of source lines.

    A line decides before its module. Lines count up to the innermost module's own: what called it
    says nothing of it. With ``own`` a module that is not listed bears the name of its role.

    ``modules`` are keyed by the module's dotted path without its root and numbers, ``lines`` by
    how the source line begins, with the next one after a space.
    """

    modules: Mapping[str, str]
    lines: Mapping[str, str]
    own: bool = False


@dataclass(frozen=True)
class Label:
    """``phase`` is None for what was there before the step."""

    phase: Phase | None
    roles: Roles

    def agrees(self, other: Label) -> bool:
        """Whether the two may be the same part of a program."""
        phases = {self.phase, other.phase} - {None}
        return len(phases) < 2 and not self.roles.isdisjoint(other.roles)


@dataclass(frozen=True)
class Labels:
    """Labels of one recording, by operator id and by value group; unknown ones are left out."""

    operators: dict[int, Label]
    values: dict[int, Label]


def labels_of(recording: Recording, naming: Naming, state: Mapping[int, str]) -> Labels:
    """Label ``recording``; ``state`` gives the parameter's name of values that belong to one."""
    return _Labeller(recording, naming, state).run()


class _Labeller:
    def __init__(self, recording: Recording, naming: Naming, state: Mapping[int, str]) -> None:
        self._recording, self._naming, self._state = recording, naming, state
        self._of_operator: dict[int, Label] = {}
        self._of_value: dict[int, Label] = {}
        self._made: set[int] = set()

    def run(self) -> Labels:
        for operator in self._recording.operators:
            for value in operator.inputs:
                self._leaf(self._recording.values[value])
            self._operator(operator)
        return Labels(self._of_operator, self._of_value)

    def _leaf(self, value: Value) -> None:
        if value.group not in self._made:
            self._made.add(value.group)
            name = value.name or self._state.get(value.id)
            roles = INPUT if name is None else self._parameter(name)
            self._add_value(value.group, Label(None, roles))

    def _parameter(self, name: str) -> Roles:
        path, _, _ = name.rpartition(".")
        layer, module = _split(path)
        return _placed(layer, self._naming.modules.get(module, module or name))

    def _operator(self, operator: Operator) -> None:
        if operator.phase == "optimizer":
            by_output = self._optimised(operator)
        else:
            each = self._roles(operator)
            groups = list(dict.fromkeys(self._recording.values[v].group for v in operator.outputs))
            fresh = [group for group in groups if group not in self._made]
            unpacked = len(each) > 1 and len(each) == len(fresh)
            union: Roles = frozenset().union(*each)
            by_output = {g: each[i] if unpacked else union for i, g in enumerate(fresh)}
            if union:
                self._of_operator[operator.id] = Label(operator.phase, union)
        for group, roles in by_output.items():
            self._made.add(group)
            self._add_value(group, Label(operator.phase, roles))

    def _add_value(self, group: int, label: Label) -> None:
        if label.roles:
            self._of_value.setdefault(group, label)

    def _roles(self, operator: Operator) -> list[Roles]:
        """One set of roles, or one for each of several results."""
        if operator.phase == "backward":
            return [self._differentiated(operator)]
        layer, module = _split(operator.module.partition(".")[2])
        named = self._naming.modules.get(module, module if self._naming.own else "")
        found = self._line(operator) or named
        return [_placed(layer, role) for role in found.split()] or [UNKNOWN]

    def _line(self, operator: Operator) -> str | None:
        for index in self._recording.stacks[operator.stack]:
            line, following = _source(self._recording.frames[index])
            if (mark := _MARK.search(line)) is not None:
                return mark[1]
            for part, role in self._naming.lines.items():
                if f"{line} {following}".startswith(part):
                    return role
            if self._recording.frames[index].function.endswith(".forward"):
                return None
        return None

    def _differentiated(self, operator: Operator) -> Roles:
        """The roles of the forward operator; of the gradients read, where none is known."""
        if operator.forward is not None:
            made = self._of_operator.get(operator.forward)
            return UNKNOWN if made is None else made.roles
        read = [self._of_value.get(self._group(value)) for value in operator.inputs]
        return frozenset().union(
            *(label.roles for label in read if label and label.phase == "backward")
        )

    def _optimised(self, operator: Operator) -> dict[int, Roles]:
        """An optimizer's values belong to their parameter: that of the input in the same place."""
        read = [self._of_value.get(self._group(value)) for value in operator.inputs]
        roles = [UNKNOWN if label is None else label.roles for label in read]
        union: Roles = frozenset().union(*roles)
        if union:
            self._of_operator[operator.id] = Label("optimizer", union)
        by_place = operator.name.startswith(("aten::_foreach", "aten::_fused"))
        outputs = [self._group(value) for value in operator.outputs]
        return {
            group: roles[place] if by_place else union
            for place, group in enumerate(outputs)
            if group not in self._made
        }

    def _group(self, value: int) -> int:
        return self._recording.values[value].group


def _split(path: str) -> tuple[str, str]:
    """The numbers in a dotted path, and what follows the first of them (all, without any)."""
    parts = path.split(".")
    numbers = [part for part in parts if part.isdigit()]
    if numbers:
        parts = parts[parts.index(numbers[0]) + 1 :]
    return ".".join(numbers), ".".join(part for part in parts if not part.isdigit())


def _placed(layer: str, roles: str) -> Roles:
    return frozenset(f"{layer}/{role}" if layer else role for role in roles.split())


@cache
def _source(frame: Frame) -> tuple[str, str]:
    """The line of ``frame`` and the next that is not empty, which tells equal lines apart."""
    lines = [line.strip() for line in linecache.getlines(frame.path)[frame.line - 1 :]]
    return lines[0] if lines else "", next(filter(None, lines[1:]), "")
