"""What one side runs below a place where the other goes another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Operator, Recording

from .paths import Path, call_path, run_path
from .unions import Unions

Added = tuple[tuple[str, ...], frozenset[Path]]
"""Operators that one side runs more, in order, and the Python frames that they run below."""


def added(own: Recording, operators: Sequence[int], names: Iterable[str]) -> Added | None:
    """What of ``operators`` comes on top of operators of these ``names``, all of which are among
    them; None without such. What leads nowhere, as a check does, is where it ran; all else where it
    was written, and in a backward pass that may not be known."""
    more, left = [], Counter(names)
    for operator in (own.operators[i] for i in operators):
        if left[operator.name] > 0:
            left[operator.name] -= 1
        else:
            more.append(operator)
    if not more or +left:
        return None
    aside = _leads_nowhere(own, more)
    if not aside and any(each.phase == "backward" and each.forward is None for each in more):
        return None
    path = run_path if aside else call_path
    return tuple(each.name for each in more), frozenset(path(own, each.id) for each in more)


def _leads_nowhere(own: Recording, operators: Sequence[Operator]) -> bool:
    """Whether nothing else reads what ``operators`` make, nor does the step return it."""
    ids = {each.id for each in operators}
    made = {value for each in operators for value in each.outputs}
    read = {value for each in own.operators if each.id not in ids for value in each.inputs}
    return made.isdisjoint(read) and made.isdisjoint(own.outputs)


class Below:
    """The operators of one recording that run through ``frame``, also as a backward pass."""

    def __init__(self, recording: Recording, frame: Frame) -> None:
        self._recording = recording
        stacks: dict[tuple[int, int | None], bool] = {}
        found = []
        for operator in recording.operators:
            key = (operator.stack, operator.forward)
            if key not in stacks:
                paths = (call_path(recording, operator.id), run_path(recording, operator.id))
                stacks[key] = any(frame in path for path in paths)
            found += [operator.id] if stacks[key] else []
        self.operators = frozenset(found)
        self._sets = _connected(recording, found)

    def explains(self, operators: Iterable[int], names: Iterable[str]) -> bool:
        """Whether all of ``operators`` beyond operators of these ``names`` run there."""
        chosen = [self._recording.operators[i] for i in operators]
        more = Counter(each.name for each in chosen) - Counter(names)
        there = Counter(each.name for each in chosen if each.id in self.operators)
        return bool(more) and more <= there

    def connects(self, one: Sequence[int], other: Sequence[int]) -> bool:
        """Whether operators of both sets that run there hand values to one another."""
        sets = [{self._sets[i] for i in each if i in self._sets} for each in (one, other)]
        return not sets[0].isdisjoint(sets[1])


def _connected(recording: Recording, chosen: Sequence[int]) -> dict[int, int]:
    """By operator of ``chosen`` the number of its set: those that hand values to one another."""
    place = {operator: number for number, operator in enumerate(chosen)}
    unions, made_by = Unions(len(chosen)), dict[int, int]()
    for number in chosen:
        operator = recording.operators[number]
        for value in operator.inputs:
            maker = made_by.get(recording.values[value].group)
            if maker is not None:
                unions.join(place[number], maker)
        for value in operator.outputs:
            if recording.values[value].origin == "operator":
                made_by.setdefault(recording.values[value].group, place[number])
    return {operator: unions.find(number) for operator, number in place.items()}
