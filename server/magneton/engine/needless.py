"""Findings about casts and other layouts that one side undoes itself, without a second program."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from magneton_agent.schema.result import Cause, Evidence, Finding, SideName

from ..analysis.copies import Copied
from ..analysis.cost import SideCost
from ..analysis.diagnosis import movement as saying
from ..analysis.diagnosis.counted import times
from ..analysis.diagnosis.moves import Move
from ..analysis.retracing import Readers
from ..analysis.statistics import share_of
from ..analysis.undone import Undone, undone
from .assemble import Sites
from .moving import move_of


@dataclass(frozen=True)
class Needless:
    """What one side moves and undoes at a cost of ``share`` of its step or more."""

    side: SideName
    sites: Sites
    cost: SideCost
    places: tuple[Undone, ...]
    share: float

    def confirmed(self, again: SideCost) -> Needless:
        """What costs as much in other processes too."""
        kept = tuple(each for each in self.places if each.is_costly(again, self.share))
        return replace(self, places=kept)

    def beside(self, repeated: Set[int]) -> Needless:
        """Without places whose operators are ``repeated`` work: no joule is counted twice."""
        kept = (each for each in self.places if repeated.isdisjoint(each.superfluous))
        return replace(self, places=tuple(kept))

    def findings(self) -> tuple[Finding, ...]:
        """One a place; their ids are still to be given."""
        readers = Readers(self.sites.recording)
        return tuple(
            self._finding(each, move_of(self.sites, readers, each.copied)) for each in self.places
        )

    def _finding(self, place: Undone, move: Move) -> Finding:
        sites, saving_j = self.sites, place.saving_j(self.cost)
        location = sites.location(move.frame) if move.frame is not None else None
        name, often = saying.named(move), times(move.times)
        return Finding(
            id="",
            class_="performance",  # what need not run takes neither energy nor time
            category="redundant",
            regions=(),
            count=len(place.copied),
            wasteful_side=self.side,
            saving_j=saving_j,
            saving_ratio=share_of(saving_j, self.cost.energy_j),
            location=location,
            counterpart=None,
            call_path=sites.path(place.copied[0].operator.id),
            cause=Cause("redundant", name, often, times(0), location, confirmed=False),
            evidence=self._evidence(place.copied, move),
            candidates=(),
            message=f"{saying.message(move)} before anything computes with it",
            remedy=saying.remedy(move),
            fix=None,
        )

    def _evidence(self, copied: tuple[Copied, ...], move: Move) -> tuple[Evidence, ...]:
        note = saying.note(move)
        back = self.sites.location(move.back) if move.back is not None else None
        kind = "type" if copied[0].kind == "cast" else "layout"
        text = f"the {kind} is given back here, and nothing but movement is in between"
        own = self.sites.location(note.frame) if note.frame is not None else None
        return Evidence(note.kind, note.text, own), Evidence(note.kind, text, back)


def needless(side: SideName, sites: Sites, cost: SideCost, share: float) -> Needless:
    """What one side seems to move for nothing at a cost of ``share`` of its step or more."""
    found = (each for each in undone(sites.recording) if each.is_costly(cost, share))
    return Needless(side, sites, cost, tuple(found), share)
