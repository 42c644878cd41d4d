"""What really is equal: values with the same role whose elements are the same, up to their order.

The elements are kept, sorted, while the program is recorded; sketches have no part in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from unittest import mock

import torch
from torch import Tensor

from magneton_agent import recorder
from magneton_agent.schema.recording import Origin, Recording
from magneton_agent.values import Key, ValueTable

from .labels import Labels, labels_of
from .programs import Program

T = TypeVar("T")
# Root mean square of the differences between sorted elements, relative to that of the elements.
SAME = {"fp32": 5e-6, "bf16": 1.5e-2}


@dataclass(frozen=True)
class Known:
    """One recorded program with its labels, and the sorted elements of its values by group."""

    recording: Recording
    labels: Labels
    elements: dict[int, Tensor]


class KeepingTable(ValueTable, Generic[T]):
    """Keeps something of every value, by its group.

    ``owners`` gives the parameter that a tensor belongs to by the tensor's ``id``, ``owned`` that
    of a value that was there before the step.
    """

    def __init__(
        self, names: dict[int, str], owners: dict[int, str], keep: Callable[[Tensor], T]
    ) -> None:
        super().__init__(names)
        self.kept: dict[int, T] = {}
        self.owned: dict[int, str] = {}
        self._owners, self._keep = owners, keep

    def enter(
        self, tensor: Tensor, key: Key, origin: Origin, group: int | None, initialised: bool
    ) -> int:
        number = super().enter(tensor, key, origin, group, initialised)
        if group is None and initialised:
            self.kept[number] = self._keep(tensor)
            if (owner := self._owners.get(id(tensor))) is not None and origin != "operator":
                self.owned[number] = owner
        return number


def kept_of(program: Program, keep: Callable[[Tensor], T]) -> tuple[Recording, KeepingTable[T]]:
    """Record ``program`` once, and ``keep`` something of every value."""
    model = program.model
    owners = {id(each): name for name, held in program.state().items() for each in held}
    owners |= {id(each): name for name, each in model.named_buffers()}
    names = {id(each): name for name, each in model.named_parameters()}
    table = KeepingTable(names, owners, keep)
    with mock.patch.object(recorder, "ValueTable", lambda _: table):
        recording, _ = recorder.record(program.step, names)
    return recording, table


def known(program: Program) -> Known:
    """Record ``program`` once, with the sorted elements of all its values."""
    recording, table = kept_of(program, _sorted)
    return Known(recording, labels_of(recording, program.naming, table.owned), table.kept)


def true_edges(a: Known, b: Known, precision: str) -> set[tuple[int, int]]:
    """Groups of A and of B that are the same part's and hold the same elements."""
    by_role: dict[str, list[int]] = {}
    for group, label in b.labels.values.items():
        for role in label.roles:
            by_role.setdefault(role, []).append(group)
    edges = set()
    for group, label in a.labels.values.items():
        for other in {each for role in label.roles for each in by_role.get(role, ())}:
            if label.agrees(b.labels.values[other]) and _same(a, group, b, other, precision):
                edges.add((group, other))
    return edges | _equal_numbers(a, b)


def _equal_numbers(a: Known, b: Known) -> set[tuple[int, int]]:
    """Single numbers that are equal in the same phase, such as the step counters that an optimizer
    keeps for every parameter: whose is whose cannot be told, and does not matter."""
    held: dict[tuple[object, ...], list[int]] = {}
    for group, label in b.labels.values.items():
        if (number := _number(b, group)) is not None:
            held.setdefault((label.phase, number), []).append(group)
    return {
        (group, other)
        for group, label in a.labels.values.items()
        for other in held.get((label.phase, _number(a, group)), ())
    }


def _number(side: Known, group: int) -> float | None:
    elements = side.elements.get(group)
    return float(elements[0]) if elements is not None and len(elements) == 1 else None


def is_part(a: Known, group: int, b: Known, other: int, precision: str) -> bool:
    """Whether one of two values is a part of the other: the roles meet, and every element of the
    smaller is among those of the larger."""
    if not a.labels.values[group].agrees(b.labels.values[other]):
        return False
    found = [a.elements.get(group), b.elements.get(other)]
    part, whole = sorted((each for each in found if each is not None), key=len)
    if len(part) == len(whole) or not part.is_floating_point():
        return False
    place = torch.searchsorted(whole, part).clamp(1, len(whole) - 1)
    nearest = torch.minimum((part - whole[place - 1]).abs(), (part - whole[place]).abs())
    return float(nearest.norm()) <= SAME[precision] * float(part.norm())


def repeats_an_input(side: Known, operator: int) -> bool:
    """Whether all that an operator made are elements that it read: it only moved them."""
    values, made = side.recording.values, side.recording.operators[operator]
    read = [side.elements.get(values[value].group) for value in made.inputs]
    written = [side.elements.get(values[value].group) for value in made.outputs]
    return bool(written) and all(
        one is not None and any(two is not None and torch.equal(one, two) for two in read)
        for one in written
    )


def provable(a: Known, b: Known, edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of ``edges`` that a matcher must find. Elements that are all alike prove nothing: such
    values have to play the very same roles."""
    return {
        (one, two)
        for one, two in edges
        if a.labels.values[one].roles == b.labels.values[two].roles or not _uniform(a.elements[one])
    }


def most_pairs(a: Known, b: Known, edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """As many of ``edges`` as can hold at once, one to one; of one phase rather than of two."""
    others: dict[int, list[int]] = {}
    for one, two in sorted(edges, key=lambda edge: (_phases(a, b, edge), edge)):
        others.setdefault(one, []).append(two)
    holder: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        """Find a partner for ``one``, moving those that are placed where that is needed."""
        for two in others[one]:
            if two not in tried:
                tried.add(two)
                if two not in holder or place(holder[two], tried):
                    holder[two] = one
                    return True
        return False

    for one in sorted(others, key=lambda one: (_phases(a, b, (one, others[one][0])), one)):
        place(one, set())
    return {(one, two) for two, one in holder.items()}


def _phases(a: Known, b: Known, edge: tuple[int, int]) -> int:
    return len({a.labels.values[edge[0]].phase, b.labels.values[edge[1]].phase})


def _same(a: Known, group: int, b: Known, other: int, precision: str) -> bool:
    one, two = a.elements.get(group), b.elements.get(other)
    if one is None or two is None or one.shape != two.shape or not len(one):
        return False
    if a.recording.values[group].kind != b.recording.values[other].kind:
        return False
    return distance(one, two) <= SAME[precision]


def distance(one: Tensor, two: Tensor) -> float:
    """Root mean square of the differences of sorted elements, relative to that of the elements;
    infinite where other elements are infinite or no numbers."""
    finite = one.isfinite()
    if not torch.equal(one[~finite].nan_to_num(), two[~two.isfinite()].nan_to_num()):
        return float("inf")
    one, two = one[finite], two[two.isfinite()]
    size = max(float(one.norm()), float(two.norm()))
    return float((one - two).norm()) / size if size else 0.0


def _uniform(elements: Tensor) -> bool:
    return elements.numel() < 2 or bool(elements[0] == elements[-1])


def _sorted(tensor: Tensor) -> Tensor:
    flat = tensor.detach().resolve_conj().resolve_neg()
    flat = torch.view_as_real(flat) if flat.is_complex() else flat
    wide = torch.float32 if flat.is_floating_point() else torch.float64
    return flat.reshape(-1).to(wide).sort().values
