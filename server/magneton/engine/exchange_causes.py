"""What findings say of their causes, beside what the two programs' texts give otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from magneton_agent.schema.result import Cause, Finding

from ..analysis.diagnosis.exchanged import Exchanged
from ..source.exchanges.exchange import Exchange
from ..source.exchanges.words import LEFT, NOT_GIVEN, Words
from .assemble import Sites
from .netting import as_python


def same(finding: Finding, known: Sequence[Exchange], sites: Sites) -> Exchange | None:
    """The exchange that the finding's cause is about."""
    cause = finding.cause
    found = (each for each in known if cause is not None and _is_same(cause, each, sites))
    return next(found, None)


def is_known(finding: Finding, known: Sequence[Exchange], sites: Sites) -> bool:
    """Whether the cause was confirmed, or is what one of the exchanges is about."""
    cause = finding.cause
    if cause is None:
        return False
    return cause.confirmed or any(_is_same(cause, each, sites) for each in known)


def with_default(told: Exchanged, cause: Cause | None) -> Exchanged:
    """``told`` with the value that the efficient side has without giving any, where the ``cause``
    that was followed says so: in its words, or as the default of both programs."""
    if cause is None or told.efficient_value not in (LEFT, NOT_GIVEN) or cause.name != told.name:
        return told
    same = _bare(cause.wasteful_value) in (_bare(told.wasteful_value), _bare(cause.efficient_value))
    return replace(told, efficient_value=cause.efficient_value) if same else told


def is_operand(finding: Finding) -> bool:
    """Whether the cause is what an operator is given, which something before it has made so."""
    return finding.cause is not None and finding.cause.kind in ("dtype", "layout")


def decides(exchange: Exchange, findings: Sequence[Finding], sites: Sites) -> bool:
    causes = [each.cause for each in findings if each.cause is not None]
    return any(_is_same(each, exchange, sites) for each in causes)


def is_mirrored(own: Words, other: Words) -> bool:
    """Whether both are one thing, the values of the sides exchanged."""
    values = [as_python(each) for each in (own.wasteful_value, own.efficient_value)]
    others = [as_python(each) for each in (other.efficient_value, other.wasteful_value)]
    return own.name == other.name and values == others


def _is_same(cause: Cause, exchange: Exchange, sites: Sites) -> bool:
    place = sites.location(exchange.place)
    at = cause.location
    if at is None or (at.path, at.start.line) != (place.path, place.start.line):
        return False
    values = cause.wasteful_value, cause.efficient_value
    words = exchange.words
    alike = values == (words.wasteful_value, words.efficient_value)
    moved = cause.kind == "redundant" and words.kind == "call"  # what is called is what moves it
    return alike or moved or cause.name == words.name or not exchange.has_name


def placed(finding: Finding, known: Sequence[Exchange], sites: Sites) -> Finding:
    """``finding``, whose cause is placed where the program gives its value by that name, if that is
    one place and its own is none where the programs differ."""
    cause = finding.cause
    if cause is None or any(_is_same(cause, each, sites) for each in known):
        return finding
    said = (cause.name, _bare(cause.wasteful_value), _bare(cause.efficient_value))
    places = {
        sites.location(each.place)
        for each in known
        if said
        == (each.words.name, _bare(each.words.wasteful_value), _bare(each.words.efficient_value))
    }
    return (
        replace(finding, cause=replace(cause, location=places.pop()))
        if len(places) == 1
        else finding
    )


def _bare(text: str) -> str:
    return text.strip("'\"")


class Order:
    """In which order the ``known`` exchanges are tried: what is the cause of a finding first, then
    what one speaks of; a whole file of options, or a whole call, after what they change in it."""

    def __init__(
        self, known: Sequence[Exchange], findings: Sequence[Finding], sites: Sites
    ) -> None:
        self._findings, self._sites = findings, sites
        texts = [(each.message, *(note.text for note in each.evidence)) for each in findings]
        self._said = " ".join(text for each in texts for text in each)
        self._files = {PurePath(each.path).name for each in known}
        self._owners = {each.owner for each in known}

    def of(self, exchange: Exchange) -> tuple[bool, bool, bool, int]:
        """The key to sort by."""
        first = decides(exchange, self._findings, self._sites)
        told = exchange.words
        words = (told.name, told.wasteful_value, told.efficient_value)
        spoken = any(len(word) > 1 and _bare(word) in self._said for word in words)
        if told.kind == "call":
            whole = told.name in self._owners
        else:
            whole = PurePath(_bare(told.wasteful_value)).name in self._files
        return not first, whole, not spoken, exchange.rank
