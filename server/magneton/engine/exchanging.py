"""Tries what the two programs' own texts give otherwise, where nothing better is known of a cause.

One thing at a time of the wasteful program becomes what it is in the other one, and a step of that
is recorded: the thing with which most of what the side does more is gone decides.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding, SideName

from ..analysis.cost import SideCost
from ..analysis.diagnosis.exchanged import Exchanged, explain
from ..analysis.vanishing import Share, Surplus
from ..source.exchanges.data import data_exchanges
from ..source.exchanges.differences import exchanges
from ..source.exchanges.exchange import Exchange
from ..source.exchanges.own import Program
from ..source.exchanges.within import within
from ..source.targets import parse, target_file
from .assemble import Sites
from .case_findings import cause_of
from .change import Change
from .exchange_causes import (
    Order,
    decides,
    is_known,
    is_mirrored,
    is_operand,
    placed,
    same,
    with_default,
)
from .findings import is_of_both
from .side import Side
from .stage import UNHEARD, Stage
from .together import together
from .trial import Glance, Trials, Untried

_MOST = 40  # processes
_MOST_S = 30.0
_MOST_WITHIN, _WITHIN_S = 12, 10.0  # of one choice; and all of them are given that time
_AT_ONCE = 2  # processes: nothing is measured meanwhile
_SETTLED = 0.6  # of the energy that a side takes more
_BETTER = 0.2  # by which a later one must settle more
_SIDES: tuple[SideName, SideName] = ("a", "b")


@dataclass(frozen=True)
class Doubt:
    """A finding, and what its side runs for it; ``others`` are what the other side runs instead."""

    finding: Finding
    operators: tuple[int, ...]
    others: tuple[int, ...]

    @property
    def side(self) -> SideName:
        return self.finding.wasteful_side


@dataclass(frozen=True)
class Settled:
    """An exchange, and what it does, as ``glance`` shows; None where only a finding's cause is
    known to be that."""

    exchange: Exchange
    told: Exchanged | None
    glance: Glance | None = None


@dataclass(frozen=True)
class Exchanger:
    """``sides`` were loaded with their construction traced; ``trials`` are of those that can be
    run again. ``sites`` and ``costs`` are side a's first."""

    sides: Mapping[SideName, Side]
    trials: Mapping[SideName, Trials]
    sites: tuple[Sites, Sites]
    costs: tuple[SideCost, SideCost]

    async def decided(self, doubts: Sequence[Doubt], stage: Stage = UNHEARD) -> list[Finding]:
        """The findings of ``doubts``, with what was found to decide on those whose cause is not
        known, or lies where the programs do not differ."""
        found = [each.finding for each in doubts]
        settled: list[Settled] = []
        for side in sorted(_SIDES, key=lambda side: -_saving_j(side, found)):
            numbers = [number for number, each in enumerate(doubts) if each.side == side]
            if side in self.trials and len(self.trials) == len(_SIDES) and numbers:
                own = [doubts[i] for i in numbers]
                decided, settled = await self._of_side(side, own, settled, stage)
                for number, finding in zip(numbers, decided, strict=True):
                    found[number] = finding
        return found

    async def _of_side(
        self, side: SideName, doubts: Sequence[Doubt], theirs: Sequence[Settled], stage: Stage
    ) -> tuple[list[Finding], list[Settled]]:
        """``theirs`` is what was found to decide on the other side."""
        known = self._exchanges(side)
        sites = self._site(side)
        findings = [each.finding for each in doubts]
        near = {
            number
            for number, each in enumerate(findings)
            if is_operand(each) and not any(decides(other, [each], sites) for other in known)
        }
        open_ = {
            number: more
            for number, each in enumerate(doubts)
            if not is_of_both(each.finding, ())
            and (number in near or not is_known(each.finding, known, sites))
            and (more := self._surplus(each)).energy_j > 0
        }
        prices = {n: price for n, more in open_.items() if (price := _price(more, theirs, known))}
        open_ = {number: more for number, more in open_.items() if number not in prices}
        ordered = sorted(known, key=Order(known, findings, sites).of)
        until_s, best = time.monotonic() + _MOST_S, dict[int, Settled]()
        at_once = self._at_once(side)
        for begin in range(0, min(len(ordered), _MOST), at_once):
            chosen = ordered[begin : begin + at_once]
            left = open_.keys() - best.keys()
            # What is made as it is by what decides on another finding is asked of that alone.
            left -= set() if any(decides(each, findings, sites) for each in chosen) else near
            if not left or time.monotonic() > until_s:
                break
            stage.at(begin / _MOST, f"trying {', '.join(each.words.name for each in chosen)}")
            await self._tried(side, chosen, open_, best)
        for number, each in enumerate(findings):
            is_open = number not in best and not (each.cause and each.cause.confirmed)
            if is_open and (about := same(each, known, sites)) is not None:
                best[number] = Settled(about, None)
        mores = {number: self._surplus(doubts[number]) for number in best}
        until_s = max(until_s, time.monotonic() + _WITHIN_S)
        await self._looked_into(side, best, mores, until_s, stage)
        for number, told in {**prices, **{n: each.told for n, each in best.items()}}.items():
            if told is not None:
                findings[number] = self._explained(findings[number], told, sites)
        return [placed(each, known, sites) for each in findings], [*best.values()]

    async def _tried(
        self,
        side: SideName,
        chosen: Sequence[Exchange],
        open_: Mapping[int, Surplus],
        best: dict[int, Settled],
    ) -> None:
        glances = await together([self._glance(side, each) for each in chosen])
        for each, glance in zip(chosen, glances, strict=True):
            if isinstance(glance, Untried):
                continue
            for number, more in open_.items():
                told = _told(each, glance, more, side)
                known = best.get(number)
                if told is not None and _is_better(told, known.told if known else None):
                    best[number] = Settled(each, told, glance)

    async def _looked_into(
        self,
        side: SideName,
        best: dict[int, Settled],
        mores: Mapping[int, Surplus],
        until_s: float,
        stage: Stage,
    ) -> None:
        """Where the sides choose between two definitions, what in these decides as much."""
        choices = {id(each.exchange): each.exchange for each in best.values()}
        for choice in choices.values():
            numbers = [i for i, each in best.items() if each.exchange is choice]
            inner, found = within(choice)[:_MOST_WITHIN], dict[int, Settled]()
            for begin in range(0, len(inner), self._at_once(side)):
                chosen = inner[begin : begin + self._at_once(side)]
                if time.monotonic() > until_s:
                    break
                stage.at(0.9, f"trying {', '.join(each.words.name for each in chosen)}")
                await self._tried(side, chosen, {i: mores[i] for i in numbers}, found)
            best |= found

    def _at_once(self, side: SideName) -> int:
        return _AT_ONCE if self.sides[side].loaded.device == "cpu" else 1

    async def _glance(self, side: SideName, exchange: Exchange) -> Glance | Untried:
        return await self.trials[side].glance(Change(sources={exchange.path: exchange.text}))

    def _exchanges(self, side: SideName) -> list[Exchange]:
        own, other = self.sides[side], self.sides["b" if side == "a" else "a"]
        folders = own.locator.workspace, other.locator.workspace
        files = own.loaded.option_files, other.loaded.option_files
        return exchanges(_program(own), _program(other), data_exchanges(folders, files))

    def _site(self, side: SideName) -> Sites:
        return self.sites[_SIDES.index(side)]

    def _surplus(self, doubt: Doubt) -> Surplus:
        own, other = (0, 1) if doubt.side == "a" else (1, 0)
        everything = range(len(self.sites[other].recording.operators))
        return Surplus(
            self._share(own, doubt.operators),
            self._share(other, doubt.others),
            self._share(other, everything),
        )

    def _share(self, number: int, operators: Sequence[int]) -> Share:
        energies_j = {i: self.costs[number].energy_of((i,)).value for i in operators}
        return Share.of(self.sites[number].recording, operators, energies_j)

    @staticmethod
    def _explained(finding: Finding, told: Exchanged, sites: Sites) -> Finding:
        found = explain(with_default(told, finding.cause), finding.wasteful_side)
        notes = [
            Evidence(note.kind, note.text, sites.location(note.frame) if note.frame else None)
            for note in found.evidence
        ]
        return replace(
            finding,
            category=finding.category if finding.category == "redundant" else found.category,
            cause=cause_of(found, sites),
            evidence=(*finding.evidence, *notes),
            message=found.message,
            remedy=found.remedy,
        )


def _saving_j(side: SideName, findings: Sequence[Finding]) -> float:
    savings = (each.saving_j for each in findings if each.wasteful_side == side)
    return sum(each.value for each in savings if isinstance(each, Quantity))


def _program(side: Side) -> Program:
    folder = side.locator.workspace
    parsed = parse(side.target)
    file = target_file(parsed, folder)
    entry = None
    if file is not None and file.is_relative_to(folder):
        entry = (file.relative_to(folder).as_posix(), parsed.name)
    return Program(folder, side.loaded.files, entry)


def _is_better(found: Exchanged, known: Exchanged | None) -> bool:
    return known is None or min(found.gone, 1) > min(known.gone, 1) + _BETTER


def _price(more: Surplus, theirs: Sequence[Settled], known: Sequence[Exchange]) -> Exchanged | None:
    """What was found to decide on the other side, where that brings what this one takes ``more``;
    ``known`` are the exchanges of this side."""
    for each in theirs:
        share = more.brought(*each.glance.recordings) if each.glance is not None else 0.0
        exchange = each.exchange
        own = [
            one
            for one in known
            if one.owner == exchange.owner and is_mirrored(one.words, exchange.words)
        ]
        if share >= _SETTLED and each.told is not None and len(own) == 1:
            return _exchanged(own[0], share, each.told.side)
    return None


def _told(exchange: Exchange, glance: Glance, more: Surplus, side: SideName) -> Exchanged | None:
    """What an exchange does, where that settles it."""
    if glance.outputs.equal is not True:
        return None
    gone = more.gone(*glance.recordings)
    if gone < _SETTLED:
        return None
    return _exchanged(exchange, gone, side)


def _exchanged(exchange: Exchange, gone: float, side: SideName) -> Exchanged:
    words = exchange.words
    return Exchanged(
        kind=words.kind,
        name=words.name,
        wasteful_value=words.wasteful_value,
        efficient_value=words.efficient_value,
        place=exchange.place,
        owner=exchange.owner,
        gone=gone,
        side=side,
    )
