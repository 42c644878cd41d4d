"""Findings about what one side alone runs for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Cause, Evidence, Finding, SideName

from ..analysis.cost import SideCost
from ..analysis.diagnosis import unused as saying
from ..analysis.diagnosis.facts import Followed
from ..analysis.regions import Cut
from ..analysis.statistics import share_of
from ..analysis.unused import PHASE, surplus, unused
from ..source.program import ProgramText
from .assemble import Sites, dominant
from .explaining import Explainer, Subject
from .side import Side

_SIDES: tuple[SideName, SideName] = ("a", "b")
_SHOWN = 4


@dataclass(frozen=True)
class Idle:
    """``operators`` of one side that nothing needs, at a cost of ``share`` of its step or more:
    ``gradients`` that nothing reads, or what the other side comes to equal outputs without."""

    side: SideName
    sites: Sites
    cost: SideCost
    operators: tuple[int, ...]
    share: float
    gradients: bool = True

    @property
    def saving_j(self) -> Quantity:
        """Energy, J a step."""
        return self.cost.energy_of(self.operators).scaled(self.cost.to_whole_steps)

    def is_costly(self, cost: SideCost) -> bool:
        """Whether it surely costs its share, by what the side's operators ``cost``."""
        seen = replace(self, cost=cost)
        return seen.saving_j.low >= self.share * cost.energy_j.value

    async def finding(self, sites: tuple[Sites, Sites], sides: Mapping[SideName, Side]) -> Finding:
        """Its id is still to be given. ``sides`` were loaded with their construction traced; of
        traces nothing can be asked."""
        why = await self._why(sites, sides) if self.gradients else None
        return self._finding(self._facts(why))

    async def _why(
        self, sites: tuple[Sites, Sites], sides: Mapping[SideName, Side]
    ) -> Followed | None:
        order = (0, 1) if self.side == "a" else (1, 0)
        live = [sides[_SIDES[number]] for number in order]
        if any(each.taken is not None for each in live):
            return None
        x, y = (
            Subject(side, sites[number].recording, (), operator)
            for side, number, operator in zip(live, order, (self._main, 0), strict=True)
        )
        try:
            return await Explainer(x, y, ProgramText(), self.sites.is_user).gradients()
        except MagnetonError:  # it ended while it was looked into: what was measured stands
            return None

    @property
    def _main(self) -> int:
        return dominant(self.operators, self.cost)

    def _facts(self, why: Followed | None) -> saying.Unused:
        frame = self.sites.user_frame(self._main)
        operators = [self.sites.recording.operators[i] for i in self.operators]
        names = Counter(each.name for each in operators if not each.movement)
        return saying.Unused(
            wasteful=self.side,
            count=len(operators),
            names=tuple(name for name, _ in names.most_common(_SHOWN)),
            frame=frame,
            text=self.sites.text(frame) if frame is not None else None,
            why=why,
            gradients=self.gradients,
        )

    def _finding(self, facts: saying.Unused) -> Finding:
        sites = self.sites
        return Finding(
            id="",
            class_="performance",  # what need not run takes neither energy nor time
            category="redundant",
            regions=(),
            count=1,
            wasteful_side=self.side,
            saving_j=self.saving_j,
            saving_ratio=share_of(self.saving_j, self.cost.energy_j),
            location=sites.location(facts.frame) if facts.frame is not None else None,
            counterpart=None,
            call_path=sites.path(self._main),
            cause=_cause(facts.why, sites) if facts.why is not None else None,
            evidence=tuple(
                Evidence(each.kind, each.text, sites.location(each.frame) if each.frame else None)
                for each in saying.evidence(facts)
            ),
            candidates=(),
            message=saying.message(facts),
            remedy=saying.remedy(facts),
            fix=None,
        )


def _cause(why: Followed, sites: Sites) -> Cause:
    values = (why.wasteful_value, why.efficient_value)
    return Cause(why.kind, why.name, *values, sites.location(why.place), confirmed=False)


def idle_work(
    cut: Cut,
    sites: tuple[Sites, Sites],
    costs: tuple[SideCost, SideCost],
    share: float,
    repeated: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset()),
) -> tuple[Idle, ...]:
    """What one side alone does for nothing at a cost of ``share`` of its step or more: gradients
    that nothing reads, else what the other side runs nothing like. None where both do so.
    ``repeated`` are the operators that are told of as such."""
    a, b = cut.unmatched_a, cut.unmatched_b
    unmatched = [i for i in a if i not in repeated[0]], [i for i in b if i not in repeated[1]]
    unread: tuple[Sequence[int], ...] = ((), ())
    if all(_has_phase(site) for site in sites):
        unread = tuple(
            unused(site.recording, each) for site, each in zip(sites, unmatched, strict=True)
        )
    a_j, b_j = (cost.energy_of(each).value for cost, each in zip(costs, unmatched, strict=True))
    more = (
        surplus(sites[0].recording, unmatched[0], a_j, b_j),
        surplus(sites[1].recording, unmatched[1], b_j, a_j),
    )
    for chosen, gradients in ((unread, True), (more, False)):
        found = [
            Idle(side, sites[number], costs[number], tuple(operators), share, gradients)
            for number, (side, operators) in enumerate(zip(_SIDES, chosen, strict=True))
        ]
        costly = [each for each in found if each.operators and each.is_costly(each.cost)]
        if costly:
            return tuple(costly) if len(costly) == 1 else ()
    return ()


def _has_phase(sites: Sites) -> bool:
    return any(each.phase == PHASE for each in sites.recording.operators)
