"""Casts and other layouts that one side undoes before anything computes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Operator, Recording, Value

from .copies import Copied, copies
from .cost import SideCost
from .paths import call_path
from .repeats import only_looks, written_storages
from .retracing import Moved, Readers, begun

_EXACT = {  # by type the others that hold all of its numbers
    "float16": {"float32", "float64"},
    "bfloat16": {"float32", "float64"},
    "float32": {"float64"},
    "complex64": {"complex128"},
    "int8": {"int16", "int32", "int64"},
    "uint8": {"int16", "int32", "int64"},
    "int16": {"int32", "int64"},
    "int32": {"int64"},
}
_TORCH = "torch."


@dataclass(frozen=True)
class Undone:
    """Copies of one place that do the same and are undone, in order, and all operators that copy
    data from there to where it is as it was before; none of them need run."""

    copied: tuple[Copied, ...]
    superfluous: tuple[int, ...]

    def saving_j(self, cost: SideCost) -> Quantity:
        """Energy (J a step) of all that need not run."""
        return cost.energy_of(self.superfluous).scaled(cost.to_whole_steps)

    def is_costly(self, cost: SideCost, share: float) -> bool:
        """Whether they surely cost ``share`` of the step or more."""
        return self.saving_j(cost).low >= share * cost.energy_j.value


def undone(recording: Recording) -> tuple[Undone, ...]:
    """What the forward pass of the step casts or lays out anew, and undoes, with nothing but
    movement in between; one a place, in order of appearance."""
    search, places = _Search(recording), dict[object, list[tuple[Copied, tuple[int, ...]]]]()
    taken: set[int] = set()
    for copied in copies(recording, range(len(recording.operators))):
        needless = search.needless(copied) if copied.operator.id not in taken else ()
        if needless:
            taken.update(needless)
            place = (call_path(recording, copied.operator.id), copied.key)
            places.setdefault(place, []).append((copied, needless))
    return tuple(
        Undone(
            tuple(copied for copied, _ in found),
            tuple(sorted(i for _, needless in found for i in needless)),
        )
        for found in places.values()
    )


class _Search:
    def __init__(self, recording: Recording) -> None:
        self._recording, self._readers = recording, Readers(recording)
        self._returned = {recording.values[i].storage for i in recording.outputs}
        self._last_write = dict(_last_writes(recording))

    def needless(self, copied: Copied) -> tuple[int, ...]:
        """The operators that copy between what ``copied`` reads and where that is given back in
        full; none where it is not, or anything else reads what lies between."""
        if copied.kind == "copy" or not self._may_be_left_out(copied):
            return ()
        found, pending, seen = {copied.operator.id}, [begun(copied)], {copied.result.id}
        while pending:
            moved = pending.pop()
            ways = list(self._readers.moved(moved))
            if not ways or len(ways) != len(self._readers.of(moved.value.id)):
                return ()
            for each in ways:
                if not self._is_plain(each, copied) or each.operator.name == "aten::copy_":
                    return ()
                found.update(() if self._looks(each.operator) else (each.operator.id,))
                back = self._is_back(each, copied.source)
                if back and not self._readers.of(each.value.id):
                    return ()
                if not back and each.value.id not in seen:
                    seen.add(each.value.id)
                    pending.append(each)
        return tuple(sorted(found)) if len(found) > 1 else ()

    def _may_be_left_out(self, copied: Copied) -> bool:
        """Whether what it reads stays as it is from there on, and it makes something new of it."""
        start = begun(copied)
        return (
            self._last_write.get(copied.source.storage, -1) <= copied.operator.id
            and copied.operator.name != "aten::copy_"
            and self._is_plain(start, copied)
        )

    def _is_plain(self, moved: Moved, copied: Copied) -> bool:
        """Whether it stays on its device, in memory that is neither written nor returned, and holds
        every number of what was copied."""
        operator, value, source = moved.operator, moved.value, copied.source
        types = _EXACT.get(_type(source), set()) | {_type(source)}
        return (
            operator.phase == "forward"
            and operator.arguments.get("device", "None") == "None"
            and value.storage not in self._last_write
            and value.storage not in self._returned
            and _type(value) in types
        )

    def _is_back(self, moved: Moved, source: Value) -> bool:
        again = moved.value.dtype == source.dtype and moved.looks_like(source)
        return again and not self._looks(moved.operator)

    def _looks(self, operator: Operator) -> bool:
        return only_looks(operator, self._recording.values)


def _last_writes(recording: Recording) -> Iterator[tuple[int, int]]:
    """Every storage that is written after it was made, with each operator that does."""
    values = recording.values
    for operator in recording.operators:
        if any(values[i].version for i in operator.outputs):
            yield from ((each, operator.id) for each in written_storages(operator, values))


def _type(value: Value) -> str:
    return value.dtype.removeprefix(_TORCH)
