"""What is known of a finding: its figures, what each rule's step found, what both sides run, and
where they part."""

from __future__ import annotations

from collections.abc import Iterator

from magneton_agent.schema.location import Frame
from magneton_agent.schema.result import Evidence

from ..analysis.diagnosis.calls import OPERATORS, running
from ..analysis.diagnosis.facts import Explanation, Facts, Note
from ..analysis.diagnosis.followed import PATH
from ..analysis.kernels import differ, kernel_rows, launched_text
from ..analysis.paths import Fork
from ..analysis.phases import phases_text
from .assemble import Sites
from .cases import Case
from .reconciling import beside_ratio


def evidence_of(
    case: Case, facts: Facts, found: Explanation | None, fork: Fork | None
) -> tuple[Evidence, ...]:
    """All that supports a finding, with or without an explanation. What tells more of the cause
    stands before what every finding has: reports have room for some of it only."""
    ratio = case.energy_ratio
    text = f"these operators take {ratio.value:.2f} times the energy of the other side's "
    text += f"({ratio.low:.2f} to {ratio.high:.2f})"
    return (
        Evidence("energy", text, None),
        *_phases(case),
        *_kernels(case),
        *_versions(case),
        *_rules(case, found),
        *_running(case, facts),
        *_path(case, found, fork),
        *beside_ratio(case),
    )


def _rules(case: Case, found: Explanation | None) -> Iterator[Evidence]:
    """What the rule that explains found, but for what every finding has."""
    for note in found.evidence if found is not None else ():
        if note.kind != OPERATORS:
            yield _placed(note, case.sites[0])


def _running(case: Case, facts: Facts) -> Iterator[Evidence]:
    """The operators of both sides, each where that side has them."""
    for side, sites in zip((facts.wasteful, facts.efficient), case.sites, strict=True):
        yield _placed(running(side), sites)


def _path(case: Case, found: Explanation | None, fork: Fork | None) -> Iterator[Evidence]:
    """Where the call paths part, unless the rule has told of that place."""
    if fork is None:
        return
    known = [note.frame for note in found.evidence if note.kind == PATH] if found else []
    frame = fork.at or fork.on[0]
    if frame is not None and frame not in known:
        yield _placed(Note(PATH, _parting(case, fork), frame), case.sites[0])


def _parting(case: Case, fork: Fork) -> str:
    """From which function the call paths go on differently, and to what."""
    names = (case.wasteful, "b" if case.wasteful == "a" else "a")
    on = [_next(case, index, frame) for index, frame in enumerate(fork.on)]
    ways = ", ".join(f"side {name} to {each}" for name, each in zip(names, on, strict=True))
    if fork.at is None:
        return f"the call paths share no function: {ways}"
    from_there = f"the call paths part in {fork.at.function}"
    return from_there if on[0] == on[1] else f"{from_there}: {ways}"


def _next(case: Case, index: int, frame: Frame | None) -> str:
    """What a call path goes on to: a function, or its operator."""
    if frame is not None:
        return frame.function
    return case.sites[index].recording.operators[case.dominant[index]].name


def _placed(note: Note, sites: Sites) -> Evidence:
    return Evidence(note.kind, note.text, sites.location(note.frame) if note.frame else None)


def _phases(case: Case) -> tuple[Evidence, ...]:
    text = phases_text(case.sites[0].recording, case.every[0])
    return (Evidence("phase", text, None),) if text is not None else ()


def _kernels(case: Case) -> tuple[Evidence, ...]:
    """What both sides launch on a GPU in one place, where that differs."""
    rows = [
        kernel_rows(site.recording.operators[i] for i in operators)
        for site, operators in zip(case.sites, case.operators, strict=True)
    ]
    if not differ(*rows):
        return ()
    names = (case.wasteful, "b" if case.wasteful == "a" else "a")
    return tuple(
        Evidence("kernels", f"side {name} launches {launched_text(each)}", None)
        for name, each in zip(names, rows, strict=True)
    )


def _versions(case: Case) -> tuple[Evidence, ...]:
    if case.versions is None:
        return ()
    name, own, other = case.versions
    others = "b" if case.wasteful == "a" else "a"
    text = f"side {case.wasteful} runs {name} {own}, side {others} {other}"
    return (Evidence("versions", text, None),)
