"""Findings about a backward pass that one side alone runs for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Cause, Evidence, Finding, SideName

from ..analysis.cost import SideCost
from ..analysis.diagnosis import unused as saying
from ..analysis.diagnosis.facts import Followed
from ..analysis.regions import Cut
from ..analysis.statistics import share_of
from ..analysis.unused import PHASE, unused
from ..source.program import ProgramText
from .assemble import Sites, dominant
from .explaining import Explainer, Subject
from .side import Side

_SIDES: tuple[SideName, SideName] = ("a", "b")
_SHOWN = 4


@dataclass(frozen=True)
class Idle:
    """``operators`` of one side that nothing needs, at a cost of ``share`` of its step or more."""

    side: SideName
    sites: Sites
    cost: SideCost
    operators: tuple[int, ...]
    share: float

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
        return self._finding(self._facts(await self._why(sites, sides)))

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
    cut: Cut, sites: tuple[Sites, Sites], costs: tuple[SideCost, SideCost], share: float
) -> tuple[Idle, ...]:
    """What one side alone does for nothing at a cost of ``share`` of its step or more; none where
    the other side does such work too, or nothing in that phase."""
    if not all(_has_phase(site) for site in sites):
        return ()
    found = []
    for number, unmatched in enumerate((cut.unmatched_a, cut.unmatched_b)):
        operators = unused(sites[number].recording, unmatched)
        each = Idle(_SIDES[number], sites[number], costs[number], operators, share)
        found += [each] if operators and each.is_costly(costs[number]) else []
    return tuple(found) if len(found) == 1 else ()


def _has_phase(sites: Sites) -> bool:
    return any(each.phase == PHASE for each in sites.recording.operators)
