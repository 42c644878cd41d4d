"""Findings about work that one side does more than once: in a comparison, and of one side alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.location import Frame, Location
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import Cause, Evidence, Finding, Instance, SideName

from ..analysis.cost import SideCost
from ..analysis.diagnosis.facts import Explanation, Followed
from ..analysis.diagnosis.repeated import Line, Repeated, explain, explain_decided
from ..analysis.kernels import kernel_rows, launched_text
from ..analysis.paths import Path, call_path, forwards_in
from ..analysis.redundancy import (
    Repetition,
    alike,
    costly,
    instances_of,
    origins,
    repetitions_of,
    saving_of,
)
from ..analysis.runs import runs_of
from ..analysis.statistics import share_of
from .assemble import Sites, dominant

MOST_INSTANCES = 200
OF_BOTH = "both"
"""The kind of the evidence that the other side does the same needlessly."""


@dataclass(frozen=True)
class Instead:
    """Operators of one side, of which some repeat work, and where the other side does the same."""

    operators: tuple[int, ...]
    counterpart: Location | None


@dataclass(frozen=True)
class Suspect:
    """One side, and what of it seems to be repeated at a cost of ``share`` of its step."""

    side: SideName
    sites: Sites
    cost: SideCost
    repetitions: tuple[Repetition, ...]
    share: float

    def confirmed(self, again: SideCost) -> Suspect:
        """What costs as much in other processes too."""
        kept = costly(self.repetitions, again, self.share)
        return replace(self, repetitions=kept)

    def findings(
        self,
        instead: Sequence[Instead] = (),
        why: Mapping[int, Followed] | None = None,
        common: Collection[int] = (),
    ) -> tuple[Finding, ...]:
        """One finding a repetition; their ids are still to be given. ``instead`` are the regions
        that cost more for no other reason; ``why`` says of what is repeated on this side alone, by
        its :attr:`mains`, what decides that, ``common`` are those that the other side computes as
        often."""
        known = why or {}
        found = (
            (main, self._finding(each, main, instead, known.get(main)))
            for each, main in zip(self.repetitions, self.mains, strict=True)
        )
        both = Evidence(OF_BOTH, "the other side computes it as often", None)
        return tuple(
            replace(each, evidence=(*each.evidence, both)) if main in common else each
            for main, each in found
        )

    @property
    def mains(self) -> tuple[int, ...]:
        """The costliest of the operators of each repetition that need not run."""
        return tuple(dominant(each.superfluous, self.cost) for each in self.repetitions)

    def _finding(
        self,
        repetition: Repetition,
        main: int,
        instead: Sequence[Instead],
        why: Followed | None,
    ) -> Finding:
        sites, cost = self.sites, self.cost
        instances = instances_of(sites.recording, repetition)
        frame = sites.user_range(next(each for each in instances if main in each), cost)
        facts = self._facts(repetition, main)
        found = explain(facts) if why is None else explain_decided(facts, why, self.side)
        saving_j = saving_of(repetition, cost)
        own = set(repetition.superfluous)
        others = [each.counterpart for each in instead if not own.isdisjoint(each.operators)]
        return Finding(
            id="",
            class_="performance",  # what need not run takes neither energy nor time
            category=found.category,
            regions=(),
            count=len(alike(sites.recording, repetition, main).operators),
            wasteful_side=self.side,
            saving_j=saving_j,
            saving_ratio=share_of(saving_j, cost.energy_j),
            location=sites.location(frame) if frame is not None else None,
            counterpart=next(iter(others), None),
            call_path=sites.path(main),
            cause=Cause(
                found.kind,
                found.name,
                found.wasteful_value,
                found.efficient_value,
                sites.location(found.frame) if found.frame is not None else None,
                False,
            ),
            evidence=(*self._evidence(found), *self._kernels(repetition)),
            candidates=(),
            message=found.message,
            remedy=found.remedy,
            fix=None,
            instances=self._instances(instances),
        )

    def _facts(self, repetition: Repetition, main: int) -> Repeated:
        recording, frames = self.sites.recording, self._frames(repetition)
        user, lines = self.sites.user_frame(main), _lines(self.sites, repetition, frames)
        own = next(found for found in repetition.classes if main in found)
        same = alike(recording, repetition, main)
        places = dict.fromkeys(self.sites.user_frame(operator) for operator in own)
        return Repeated(
            line=lines[frames[main]],
            lines=tuple(lines.values()),
            times=len(same.operators),
            sets=len(same.classes),
            caller=self.sites.text(user) if user is not None and user != frames[main] else None,
            places=tuple(place for place in places if place is not None),
            starts_from=origins(recording, repetition),
        )

    def _frames(self, repetition: Repetition) -> dict[int, Frame | None]:
        """For every operator the outermost frame, from the user's innermost one on, that ran each
        time: where a library goes through layers by itself, that is the library's."""
        recording = self.sites.recording
        found: dict[int, Frame | None] = {}
        for equal in repetition.classes:
            by_stack: dict[int, list[Operator]] = {}
            for operator in (recording.operators[i] for i in equal):
                by_stack.setdefault(operator.stack, []).append(operator)
            paths = {stack: call_path(recording, each[0].id) for stack, each in by_stack.items()}
            for stack, operators in by_stack.items():
                others = [path for other, path in paths.items() if other != stack]
                frame = self._running(operators, paths[stack], others)
                found.update(dict.fromkeys((each.id for each in operators), frame))
        return found

    def _running(
        self, operators: Sequence[Operator], path: Path, others: Sequence[Path]
    ) -> Frame | None:
        """The frame of ``path`` that ran anew for each of ``operators``, which all came that way,
        and through which none of the ``others`` went."""
        users = [number for number, frame in enumerate(path) if self.sites.is_user(frame)]
        for number in range(users[-1] if users else 0, len(path)):
            height = max(0, forwards_in(path[number + 1 :]) - 1)
            shared = any(other[: number + 1] == path[: number + 1] for other in others)
            if not shared and len(runs_of(operators, _always(height))) == len(operators):
                return path[number]
        return path[-1] if path else None

    def _evidence(self, found: Explanation) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(note.kind, note.text, self.sites.location(note.frame) if note.frame else None)
            for note in found.evidence
        )

    def _kernels(self, repetition: Repetition) -> tuple[Evidence, ...]:
        operators = self.sites.recording.operators
        rows = kernel_rows(operators[i] for i in repetition.superfluous)
        text = f"all but the needed times launch {launched_text(rows)}"
        return (Evidence("kernels", text, None),) if rows else ()

    def _instances(self, instances: Sequence[tuple[int, ...]]) -> tuple[Instance, ...]:
        cost, operators = self.cost, self.sites.recording.operators
        return tuple(
            Instance(
                label=operators[dominant(each, cost)].module or f"#{number}",
                operators=len(each),
                energy_j=cost.energy_of(each),
                duration_s=cost.duration_of(each),
            )
            # The first time is needed, and is none of them.
            for number, each in enumerate(instances[:MOST_INSTANCES], start=2)
        )


def _always(height: int) -> Callable[[int], int]:
    return lambda operator: height


def suspect(side: SideName, sites: Sites, cost: SideCost, share: float) -> Suspect:
    """What one side seems to repeat at a cost of ``share`` of its step or more."""
    found = costly(repetitions_of(sites.recording), cost, share)
    return Suspect(side, sites, cost, found, share)


def _lines(
    sites: Sites, repetition: Repetition, frames: dict[int, Frame | None]
) -> dict[Frame | None, Line]:
    """The lines that the repeated operators are on, in order of their first run."""
    found: dict[Frame | None, list[Operator]] = {}
    for number in repetition.operators:
        found.setdefault(frames[number], []).append(sites.recording.operators[number])
    return {frame: _line(sites, frame, operators) for frame, operators in found.items()}


def _line(sites: Sites, frame: Frame | None, operators: Sequence[Operator]) -> Line:
    names = dict.fromkeys(operator.name for operator in operators)
    runs = [sum(each.name == name for each in operators) for name in names]
    return Line(
        frame=frame,
        text=sites.text(frame) if frame is not None else None,
        names=tuple(names),
        times=max(runs),
        modules=tuple(dict.fromkeys(each.module for each in operators if each.module)),
    )
