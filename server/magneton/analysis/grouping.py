"""Joins regions that are the same code run many times: the layers of a model are one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Phase, Recording

from .regions import Cut
from .sameness import keys_of

Signature = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Group:
    """``regions`` are indices into ``Cut.regions``; ``a`` and ``b`` all of their operators.

    ``same_work`` says that both sides run the very same operators, on operands laid out alike and
    under the same settings: what they differ in is then the machine's, not the programs'.
    """

    regions: tuple[int, ...]
    a: tuple[int, ...]
    b: tuple[int, ...]
    same_work: bool = False


def group_alike(cut: Cut, a: Recording, b: Recording) -> tuple[Group, ...]:
    """Regions of one phase whose operators have the same names and stacks on both sides, in
    order."""
    found: dict[tuple[Phase, Signature, Signature], list[int]] = {}
    keys = (keys_of(a), keys_of(b))
    for number, region in enumerate(cut.regions):
        key = (region.phase, _signature(a, region.a), _signature(b, region.b))
        found.setdefault(key, []).append(number)
    return tuple(
        Group(
            regions=tuple(numbers),
            a=tuple(i for number in numbers for i in cut.regions[number].a),
            b=tuple(i for number in numbers for i in cut.regions[number].b),
            same_work=all(
                [keys[0][i] for i in cut.regions[number].a]
                == [keys[1][i] for i in cut.regions[number].b]
                for number in numbers
            ),
        )
        for numbers in found.values()
    )


def telling(operators: Iterable[Operator]) -> tuple[Operator, ...]:
    """The operators that tell what a region does: those that compute, or all where none does."""
    found = tuple(operators)
    return tuple(each for each in found if not each.movement) or found


def _signature(recording: Recording, operators: Iterable[int]) -> Signature:
    chosen = telling(recording.operators[i] for i in operators)
    return tuple(sorted((each.name, _stack(recording, each)) for each in chosen))


def _stack(recording: Recording, operator: Operator) -> int:
    """The stack of the operator's own line: all of a backward pass runs below one call."""
    return (
        operator.stack if operator.forward is None else recording.operators[operator.forward].stack
    )
