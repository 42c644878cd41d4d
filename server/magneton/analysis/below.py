"""What one side runs below a place where the other goes another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Recording

from .paths import call_path, run_path
from .unions import Unions


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
        """Whether all that ``operators`` compute beyond operators of these ``names`` runs there."""
        chosen = [self._recording.operators[i] for i in operators]
        more = Counter(each.name for each in chosen if not each.movement)
        more.subtract(Counter(names))
        more = +more
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
