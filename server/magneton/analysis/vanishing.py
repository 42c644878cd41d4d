"""How much of what one side takes more is gone with a change of it, told by what it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Recording

from .work.amount import work_of

Work = tuple[str, tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...], tuple[str, ...]]
"""What tells operators apart that may cost otherwise: name, types, shapes and strides of what it
is given, scalar arguments."""


@dataclass(frozen=True)
class Share:
    """Operators of one step: how often each work occurs, the energy of one, J, and its size, as
    :func:`_sizes` has it."""

    counts: Counter[Work]
    each_j: Mapping[Work, float]
    sizes: Mapping[Work, float]

    @property
    def energy_j(self) -> float:
        return sum(count * self.each_j[work] for work, count in self.counts.items())

    @classmethod
    def of(
        cls, recording: Recording, operators: Iterable[int], energies_j: Mapping[int, float]
    ) -> Share:
        """``operators`` of ``recording``, by number, which take ``energies_j``."""
        found: dict[Work, list[float]] = {}
        chosen: dict[Work, Operator] = {}
        for number in operators:
            work = _work(recording.operators[number], recording)
            found.setdefault(work, []).append(energies_j[number])
            chosen[work] = recording.operators[number]
        counts = Counter({work: len(each) for work, each in found.items()})
        each_j = {work: sum(each) / len(each) for work, each in found.items()}
        return cls(counts, each_j, _sizes(chosen, recording))


@dataclass(frozen=True)
class Surplus:
    """What one side runs (``own``) for what the other computes with ``others``, of a whole step of
    which ``step`` has the prices."""

    own: Share
    others: Share
    step: Share

    @property
    def energy_j(self) -> float:
        """What the side takes more, J."""
        return self.own.energy_j - self.others.energy_j

    def gone(self, before: Recording, after: Recording) -> float:
        """The share of that which is gone in the step ``after`` a change. What comes instead costs
        what the other side's does, or, where that runs no such thing, what one of its name did,
        by how much it has to do; what has no name of those that are lost comes for other reasons.
        Where all comes that the other side runs for it, that is all; of what the other side has
        nothing for, nothing comes instead."""
        had, has = _counted(before), _counted(after)
        lost = {work: min(n, max(0, had[work] - has[work])) for work, n in self.own.counts.items()}
        saved_j = sum(count * self.own.each_j[work] for work, count in lost.items())
        named: dict[str, list[tuple[float, float]]] = {}
        for work, count in lost.items():
            one = (self.own.each_j[work], self.own.sizes[work])
            named.setdefault(work[0], []).extend([one] * count)
        instead = has - had if self.others.counts else Counter[Work]()
        if self.others.counts and self.others.counts <= instead:
            instead = self.others.counts  # the rest comes in the place of something else
        ran = {work: each for each in after.operators if (work := _work(each, after)) in instead}
        sizes = _sizes(ran, after)
        for work, count in instead.items():
            if work in self.others.counts:
                saved_j -= min(count, self.others.counts[work]) * self.others.each_j[work]
            elif work in self.step.counts and work[0] in named:
                saved_j -= count * self.step.each_j[work]
            else:
                saved_j -= sum(
                    each_j * sizes[work] / size for each_j, size in named.get(work[0], [])[:count]
                )
        return saved_j / self.energy_j if self.energy_j > 0 else 0.0

    def brought(self, before: Recording, after: Recording) -> float:
        """The share of that which the step ``after`` a change of the *other* side newly runs: what
        the same decision costs this one."""
        new = _counted(after) - _counted(before)
        counts, each_j = self.own.counts, self.own.each_j
        brought_j = sum(min(count, new[work]) * each_j[work] for work, count in counts.items())
        return min(brought_j / self.energy_j, 1.0) if self.energy_j > 0 else 0.0


def _counted(recording: Recording) -> Counter[Work]:
    return Counter(_work(each, recording) for each in recording.operators)


def _sizes(chosen: Mapping[Work, Operator], recording: Recording) -> dict[Work, float]:
    """What the energy of operators of one name grows by: operations of a product, else bytes that
    are read and written."""
    return {work: _size(operator, recording) for work, operator in chosen.items()}


def _size(operator: Operator, recording: Recording) -> float:
    amount = work_of(recording, operator)
    if amount.unit == "matrix":
        return amount.operations or 1.0
    return float(sum(each.bytes for each in (*amount.reads, *amount.writes))) or 1.0


def _work(operator: Operator, recording: Recording) -> Work:
    values = (recording.values[i] for i in operator.inputs)
    given = tuple((each.dtype, each.shape, each.strides) for each in values)
    return operator.name, given, tuple(f"{k}={v}" for k, v in operator.arguments.items())
