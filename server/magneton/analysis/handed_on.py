"""Where a region's sides differ only in what they are given: another type or layout of a tensor,
which a region before it made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from magneton_agent.schema.recording import Operator, Recording, Value

from .diagnosis.operands import INDEX
from .regions import RegionPair

Kind = tuple[str, ...]
"""How two looks at one value differ: in ``dtype``, with both, or in ``layout``."""
_LAYOUT: Kind = ("layout",)
_TORCH = "torch."
Both = tuple[Recording, Recording]


@dataclass(frozen=True)
class Given:
    """What a region is given otherwise on either side, in which ways, and the ``origins`` of that:
    findings, or ``-1 - region`` where no finding holds the region that made it so, :func:`unknown`
    where that is not known."""

    kinds: frozenset[Kind]
    origins: frozenset[int]


def unknown(regions: Sequence[RegionPair]) -> int:
    """The origin of what no region made."""
    return -1 - len(regions)


def handed_on(
    recordings: Both, regions: Sequence[RegionPair], owners: Mapping[int, int]
) -> dict[int, Given]:
    """By region, of those that do the same on both sides and are given something otherwise by
    other regions alone. ``recordings`` are those that ``a`` and ``b`` of the regions are of;
    ``owners`` has the finding of each region that is in one."""
    tracer = _Tracer(recordings, regions, owners)
    tracer.fill()
    found = ((number, tracer.given(number)) for number in owners)
    return {number: each for number, each in found if each is not None}


@dataclass(frozen=True)
class _Differing:
    """One difference in what a region reads, and the regions that made it; none where it was there
    before the step."""

    kind: Kind
    sources: frozenset[int]


@dataclass
class _Tracer:
    recordings: Both
    regions: Sequence[RegionPair]
    owners: Mapping[int, int]
    _differing: dict[int, tuple[_Differing, ...]] = field(default_factory=dict)
    _origins: dict[tuple[int, Kind], frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._made_in = [
            _made_in(recording, (region[side] for region in map(_sides, self.regions)))
            for side, recording in enumerate(self.recordings)
        ]

    def fill(self) -> None:
        """Look at all regions in order, so that those before one are known when it is asked."""
        for number in range(len(self.regions)):
            for each in self._reads(number):
                self._came(number, each.kind)

    def given(self, number: int) -> Given | None:
        found = self._reads(number)
        kinds = frozenset(each.kind for each in found)
        made = frozenset(each.kind for each in found if each.sources)
        # Operands of one operator have one type: what was there before has it for the same reason.
        known = all(each.sources or (each.kind in made and each.kind != _LAYOUT) for each in found)
        if not found or not known or not self._plain(number):
            return None
        return Given(kinds, self._of(found))

    @property
    def _unknown(self) -> int:
        """Stands for the region of what is in none."""
        return len(self.regions)

    def _of(self, found: Iterable[_Differing]) -> frozenset[int]:
        return frozenset[int]().union(
            *(self._came(source, each.kind) for each in found for source in each.sources)
        )

    def _came(self, number: int, kind: Kind) -> frozenset[int]:
        """The origins of what a region hands on in another ``kind``."""
        own = frozenset((self._owner(number),))
        if number == self._unknown:
            return own
        if (number, kind) not in self._origins:
            self._origins[number, kind] = own | {self._owner(self._unknown)}  # while in a circle
            same = [each for each in self._reads(number) if each.kind == kind and each.sources]
            came = self._of(same) if same else own
            # A type lasts; a layout may as well be made anew by operators of its own.
            anew = kind == _LAYOUT and not self._plain(number)
            self._origins[number, kind] = came | own if anew else came
        return self._origins[number, kind]

    def _owner(self, number: int) -> int:
        return self.owners.get(number, -1 - number)

    def _plain(self, number: int) -> bool:
        """Whether both sides compute with the same operators and arguments."""
        a, b = (
            [each for each in (recording.operators[i] for i in side) if not each.movement]
            for recording, side in zip(self.recordings, _sides(self.regions[number]), strict=True)
        )
        return len(a) == len(b) and all(map(_same, a, b))

    def _reads(self, number: int) -> tuple[_Differing, ...]:
        if number not in self._differing:
            self._differing[number] = tuple(self._differ(number))
        return self._differing[number]

    def _differ(self, number: int) -> Iterable[_Differing]:
        region = self.regions[number]
        own = [
            _read(recording, side)
            for recording, side in zip(self.recordings, _sides(region), strict=True)
        ]
        for groups in region.inputs:
            seen = [own[side].get(group, []) for side, group in enumerate(groups)]
            if not all(seen):
                continue
            makers = {
                self._made_in[side].get(value.id, self._unknown)
                for side, values in enumerate(seen)
                for value in values
                if value.origin == "operator"
            }
            before = any(value.origin != "operator" for values in seen for value in values)
            for kind in _kinds(*seen):
                yield _Differing(kind, frozenset() if before else frozenset(makers - {number}))


def _sides(region: RegionPair) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return region.a, region.b


def _made_in(recording: Recording, parts: Iterable[Sequence[int]]) -> dict[int, int]:
    """By value that an operator gave first: the region of that operator."""
    region_of = {i: number for number, part in enumerate(parts) for i in part}
    found: dict[int, int] = {}
    for operator in recording.operators:
        for value in operator.outputs:
            if recording.values[value].origin == "operator" and operator.id in region_of:
                found.setdefault(value, region_of[operator.id])
    return found


def _read(recording: Recording, operators: Sequence[int]) -> dict[int, list[Value]]:
    """By group the values of it that the operators read and none of them made."""
    made = {i for number in operators for i in recording.operators[number].outputs}
    found: dict[int, dict[int, Value]] = {}
    for number in operators:
        for i in recording.operators[number].inputs:
            value = recording.values[i]
            if i not in made or value.origin != "operator":
                found.setdefault(value.group, {})[i] = value
    return {group: list(values.values()) for group, values in found.items()}


def _kinds(a: Sequence[Value], b: Sequence[Value]) -> list[Kind]:
    """In what two sides' looks at the same elements differ, if they have none in common."""
    found: list[Kind] = []
    dtypes = [sorted({each.dtype.removeprefix(_TORCH) for each in side}) for side in (a, b)]
    if dtypes[0] != dtypes[1]:
        found.append(("dtype", "/".join(dtypes[0]), "/".join(dtypes[1])))
    if {laid_out(each) for each in a}.isdisjoint(laid_out(each) for each in b):
        found.append(_LAYOUT)
    return found


def laid_out(value: Value) -> tuple[tuple[int, int], ...]:
    """Sizes and strides of a value, dimensions that follow each other in memory as one."""
    found: list[tuple[int, int]] = []
    for size, stride in zip(value.shape, value.strides, strict=True):
        if size == 1:
            continue
        if found and found[-1][1] == size * stride:
            found[-1] = (found[-1][0] * size, stride)
        else:
            found.append((size, stride))
    return tuple(found)


def _same(a: Operator, b: Operator) -> bool:
    """Whether two operators do the same to what they are given."""
    names = a.arguments.keys() & b.arguments.keys() - INDEX
    return a.name == b.name and all(a.arguments[name] == b.arguments[name] for name in names)
