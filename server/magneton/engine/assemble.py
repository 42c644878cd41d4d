"""Puts recordings, costs and findings into the parts of a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from magneton_agent.schema.judging import Per
from magneton_agent.schema.location import Frame, Location, Position
from magneton_agent.schema.messages import Checked, Loaded
from magneton_agent.schema.meters import BoardState
from magneton_agent.schema.quantity import Absent, Figure, Quantity
from magneton_agent.schema.recording import Operator, Recording
from magneton_agent.schema.result import (
    BoardEnergy,
    OperatorRow,
    Region,
    RegionSide,
    ReplaySummary,
    Side,
)

from ..analysis.breakdown import Place
from ..analysis.classify import Judged
from ..analysis.cost import SideCost, model_warning, residual_warning
from ..analysis.kernels import kernel_rows
from ..analysis.paths import Path, call_path, costliest, forwards_in
from ..analysis.phases import phase_rows
from ..analysis.regions import Cut
from ..source.positions import Locator
from .conditions import conditions_of
from .side import Side as Running


def now() -> str:
    """The time of day as results carry it, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


_MOST = 0.6


class Sites:
    """Where the operators of one recording stand in the user's sources; ``packages`` are the
    versions of those that ran, ``files`` the digests of the user's."""

    def __init__(
        self,
        recording: Recording,
        locator: Locator,
        packages: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.recording, self._locator = recording, locator
        self.packages, self.files = packages or {}, files or {}
        self._locations: dict[Frame, Location] = {}
        self._places: dict[int, Place] = {}
        self._within: dict[Path, int] = {}

    @classmethod
    def of(cls, side: Running, recording: Recording, check: Checked) -> Sites:
        """Those of the step that ``side`` recorded after ``check``. Traces of earlier versions
        know only what had been imported before the first step."""
        packages = check.packages or side.loaded.packages
        return cls(recording, side.locator, packages, side.loaded.files)

    def location(self, frame: Frame) -> Location:
        """The range of a frame."""
        if frame not in self._locations:
            self._locations[frame] = self._locator.location(frame)
        return self._locations[frame]

    def text(self, frame: Frame) -> str | None:
        """What is written at a frame, None where that cannot be told."""
        return self._locator.text(frame)

    def is_user(self, frame: Frame) -> bool:
        """Whether the frame lies in the workspace."""
        return not self.location(frame).path.startswith("/")

    def user_frame(self, operator: int) -> Frame | None:
        """The innermost frame of an operator that lies in the workspace."""
        path = call_path(self.recording, operator)
        return next((frame for frame in reversed(path) if self.is_user(frame)), None)

    def path(self, operator: int) -> tuple[Location, ...]:
        """The call path of an operator from the outermost frame in the workspace inwards."""
        path = call_path(self.recording, operator)
        start = next((i for i, frame in enumerate(path) if self.is_user(frame)), 0)
        return tuple(self.location(frame) for frame in path[start:])

    def user_range(self, operators: Sequence[int], cost: SideCost) -> Frame | None:
        """What of the user's source the operators are: the range of the one that costs most of
        them, else the range in the same function that covers all."""
        main = dominant(operators, cost)
        frame = self.user_frame(main)
        total = sum(cost.duration_s[i] * cost.power_w[i] for i in operators)
        if frame is None or cost.duration_s[main] * cost.power_w[main] >= _MOST * total:
            return frame
        return self.whole_range(operators, cost)

    def whole_range(self, operators: Sequence[int], cost: SideCost) -> Frame | None:
        """The range that covers all operators in the function of the one that costs most."""
        frame = self.user_frame(dominant(operators, cost))
        return _covering(frame, map(self.user_frame, operators)) if frame is not None else None

    def place(self, operator: Operator) -> Place:
        """The operator's innermost user range and the user functions around it."""
        key = operator.stack if operator.forward is None else -operator.forward - 1
        if key not in self._places:
            self._places[key] = self._place(call_path(self.recording, operator.id))
        return self._places[key]

    def _place(self, path: Path) -> Place:
        users = [number for number, frame in enumerate(path) if self.is_user(frame)][::-1]
        functions = tuple(_function(path[i], self.location(path[i])) for i in users)
        heights = tuple(forwards_in(path[i + 1 :]) for i in users)
        modules = [number for number, frame in enumerate(path) if forwards_in((frame,))]
        return Place(
            range=self.location(path[users[0]]) if users else None,
            functions=functions,
            forwards=heights,
            within=tuple(self._numbered(path[i:]) for i in users),
            within_module=self._numbered(path[modules[-1] :]) if modules else None,
        )

    def _numbered(self, frames: Path) -> int:
        return self._within.setdefault(frames, len(self._within))

    def places(self) -> list[Place]:
        """One place an operator."""
        return [self._with_memory(operator) for operator in self.recording.operators]

    def _with_memory(self, operator: Operator) -> Place:
        place = self.place(operator)
        if operator.phase != "optimizer" or not operator.inputs:
            return place
        return replace(place, memory=self.recording.values[operator.inputs[0]].storage)


def _covering(frame: Frame, others: Iterable[Frame | None]) -> Frame:
    """``frame`` widened over those of ``others`` that lie in the same function."""
    same = [
        each
        for each in others
        if each is not None
        and (each.path, each.function, each.first_line)
        == (frame.path, frame.function, frame.first_line)
    ]
    start = min((each.line, each.column) for each in same)
    end = max((each.end_line, each.end_column) for each in same)
    return replace(frame, line=start[0], column=start[1], end_line=end[0], end_column=end[1])


def _function(frame: Frame, location: Location) -> tuple[str, Location]:
    definition = Position(frame.first_line, 0)
    return frame.function, replace(location, start=definition, end=definition)


def side_of(
    side: Running,
    sites: Sites,
    cost: SideCost,
    unmatched_j: Figure,
    warnings: Iterable[str],
    replays: ReplaySummary | None,
    per: Per | None = None,
    states: Sequence[BoardState] = (),
    ranks_energy_j: Figure | None = None,
) -> Side:
    """One side of a result; ``states`` are what its boards said in each window, ``ranks_energy_j``
    the energy of all its ranks."""
    loaded = side.loaded
    return Side(
        target=side.target,
        revision=side.revision,
        files=loaded.files,
        python=loaded.python,
        torch=loaded.torch,
        device=loaded.device,
        meter=loaded.meter if loaded.meter_absent is None else f"model: {loaded.meter_absent}",
        conditions=conditions_of(
            loaded, sites.packages, sites.recording.settings, states, warnings
        ),
        energy_j=cost.energy_j,
        duration_s=cost.step_s,
        operators=len(sites.recording.operators),
        operators_j=cost.operators_j,
        idle_j=cost.idle_j,
        host_j=cost.host_j,
        unmatched_j=unmatched_j,
        residual_j=cost.residual_j,
        cpu_s=cost.cpu_s,
        boards=_boards_of(loaded, cost),
        phases=phase_rows(sites.recording, cost),
        replays=replays,
        energy_per_unit_j=None if per is None else per_unit_j(cost.energy_j, ranks_energy_j, per),
        ranks_energy_j=ranks_energy_j,
    )


def per_unit_j(energy_j: Quantity, ranks_energy_j: Figure | None, per: Per) -> Figure:
    """A step's energy for one of what it does, J: that of all ranks, where there are several, as it
    is all of them that do so many."""
    whole_j = energy_j if ranks_energy_j is None else ranks_energy_j
    return whole_j.scaled(1 / per.count) if isinstance(whole_j, Quantity) else whole_j


def _boards_of(loaded: Loaded, cost: SideCost) -> tuple[BoardEnergy, ...]:
    names = {board.uuid: board.name for board in loaded.boards}
    return tuple(
        BoardEnergy(uuid, names.get(uuid, uuid), energy_j)
        for uuid, energy_j in cost.boards_j.items()
    )


def warnings_of(cost: SideCost, common: Iterable[str], measuring: Iterable[str]) -> tuple[str, ...]:
    """All that a reader must know before relying on a side's figures."""
    own = (residual_warning(cost) if cost.duration_s else NO_OPERATORS, model_warning(cost))
    return (*common, *measuring, *(each for each in own if each is not None))


NO_OPERATORS = (
    "the step runs no operator of torch: nothing in it can be costed by place, or matched; name "
    "the function that does the work, or a factory that returns it"
)
NOT_COMPARED = Absent("one side alone has nothing to be matched with")


def regions_of(
    cut: Cut, judged: Sequence[Judged], a: Sites, b: Sites, costs: tuple[SideCost, SideCost]
) -> tuple[Region, ...]:
    """Every region with the class of its group."""
    classes = {number: each for each in judged for number in each.group.regions}
    return tuple(
        Region(
            id=f"r{number}",
            class_=classes[number].class_,
            a=_region_side(region.a, a, costs[0]),
            b=_region_side(region.b, b, costs[1]),
        )
        for number, region in enumerate(cut.regions)
    )


def _region_side(operators: Sequence[int], sites: Sites, cost: SideCost) -> RegionSide:
    frame = sites.user_range(operators, cost) if operators else None
    return RegionSide(
        operators=tuple(sites.recording.operators[i].name for i in operators),
        energy_j=cost.energy_of(operators),
        duration_s=cost.duration_of(operators),
        location=sites.location(frame) if frame is not None else None,
        kernels=kernel_rows(sites.recording.operators[i] for i in operators),
    )


def dominant(operators: Sequence[int], cost: SideCost) -> int:
    """The operator that costs most; where the region stands."""
    return costliest(operators, (cost.duration_s[i] * cost.power_w[i] for i in operators))


def operator_rows(sites: Sites, cost: SideCost, regions: dict[int, str]) -> tuple[OperatorRow, ...]:
    """One row an operator, in execution order."""
    return tuple(
        OperatorRow(
            id=operator.id,
            name=operator.name,
            phase=operator.phase,
            module=operator.module,
            location=place.range,
            duration_s=cost.duration_of((operator.id,)),
            energy_j=cost.energy_of((operator.id,)),
            region=regions.get(operator.id),
        )
        for operator, place in zip(sites.recording.operators, sites.places(), strict=True)
    )
