"""What to say of work that one side alone does, and of which the step needs nothing."""

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
_REMEDY_SURPLUS = "leave it out, or compute it once and keep it, as the other side does"


@dataclass(frozen=True)
class Unused:
    """The ``wasteful`` side runs ``count`` operators for nothing, most of them of these ``names``;
    the costliest comes from ``frame``, where ``text`` is written. ``why`` is what decides that this
    side alone does, where that was found. ``gradients`` that nothing reads, or anything that the
    other side comes to equal outputs without."""

    wasteful: SideName
    count: int
    names: tuple[str, ...]
    frame: Frame | None
    text: str | None
    why: Followed | None
    gradients: bool = True


def message(facts: Unused) -> str:
    """What is found, and what decides it."""
    found = _found(facts)
    if facts.why is None:
        return f"{found}; the other side does without"
    why = facts.why
    left = "" if why.given is not False else ", left at its default,"
    return (
        f"{found}: `{why.name}`{left} is {why.wasteful_value}; with {why.efficient_value} the "
        "other side does without"
    )


def _found(facts: Unused) -> str:
    if facts.gradients:
        where = f" of `{facts.text}`" if facts.text else ""
        return f"the backward pass{where} computes gradients that nothing in the step reads"
    what = f"`{facts.text}`" if facts.text else ", ".join(facts.names)
    return f"every step runs {what}, on which its outputs do not depend or which could be kept"


def remedy(facts: Unused) -> str:
    """What to change."""
    if facts.why is not None:
        return remedy_of(facts.why)
    return _REMEDY if facts.gradients else _REMEDY_SURPLUS


def evidence(facts: Unused) -> tuple[Note, ...]:
    """What was run for nothing, and the way to what decides it."""
    other: SideName = "b" if facts.wasteful == "a" else "a"
    without = (
        "and whose results nothing in the step reads"
        if facts.gradients
        else "while the outputs of both are equal"
    )
    note = Note(
        "unused",
        f"side {facts.wasteful} runs {facts.count} operators that side {other} does not run, "
        f"{without}: {', '.join(facts.names)}",
        facts.frame,
    )
    if facts.why is None:
        return (note,)
    return (note, parting(facts.why), *passing(facts.why, facts.wasteful, other))
