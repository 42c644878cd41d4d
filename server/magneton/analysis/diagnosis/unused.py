"""What to say of a backward pass that one side alone runs, and of which the step reads nothing."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.result import SideName

from .facts import Followed, Note
from .followed import parting, passing, remedy_of

_REMEDY = (
    "let what is not trained record no gradients: requires_grad_(False), detach() or "
    "torch.no_grad()"
)


@dataclass(frozen=True)
class Unused:
    """The ``wasteful`` side runs ``count`` operators for nothing, most of them of these ``names``;
    the costliest comes from ``frame``, where ``text`` is written. ``why`` is what decides that this
    side alone does, where that was found."""

    wasteful: SideName
    count: int
    names: tuple[str, ...]
    frame: Frame | None
    text: str | None
    why: Followed | None


def message(facts: Unused) -> str:
    """What is found, and what decides it."""
    where = f" of `{facts.text}`" if facts.text else ""
    found = f"the backward pass{where} computes gradients that nothing in the step reads"
    if facts.why is None:
        return f"{found}; the other side does without"
    why = facts.why
    left = "" if why.given is not False else ", left at its default,"
    return (
        f"{found}: `{why.name}`{left} is {why.wasteful_value}; with {why.efficient_value} the "
        "other side does without"
    )


def remedy(facts: Unused) -> str:
    """What to change."""
    return remedy_of(facts.why) if facts.why is not None else _REMEDY


def evidence(facts: Unused) -> tuple[Note, ...]:
    """What was run for nothing, and the way to what decides it."""
    other: SideName = "b" if facts.wasteful == "a" else "a"
    note = Note(
        "unused",
        f"side {facts.wasteful} runs {facts.count} operators that side {other} does not run, and "
        f"whose results nothing in the step reads: {', '.join(facts.names)}",
        facts.frame,
    )
    if facts.why is None:
        return (note,)
    return (note, parting(facts.why), *passing(facts.why, facts.wasteful, other))
