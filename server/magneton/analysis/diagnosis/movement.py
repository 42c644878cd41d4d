"""One side copies, casts or lays out anew what the other computes with as it is."""

from __future__ import annotations

from ..copies import Kind
from .counted import times
from .facts import Explanation, Facts, Note
from .moves import Move

NOTE = "movement"
_MOST_OF_IT = 0.5
_REMEDY: dict[Kind, str] = {
    "cast": "leave the cast out: the other side computes the same in the type that is there",
    "layout": "leave it out, and keep the layout that is there",
    "copy": "leave the copy out, and work on what is there",
}
_WITHIN = "give it tensors of the type and layout that it works on, so that it need not copy them"


def explain(facts: Facts) -> Explanation | None:
    """The costliest place that moves data on the wasteful side alone, where moving is most of the
    difference. Where both sides run other operators, one that also computes is another call."""
    found = facts.moves
    if found is None or not found.moves or found.share < _MOST_OF_IT:
        return None
    main = found.moves[0]
    if not (main.only or facts.same_operators):
        return None
    text = f"moving data makes {100 * found.share:.0f} % of the difference between the sides"
    return Explanation(
        category="redundant",
        kind="redundant",
        name=named(main),
        wasteful_value=times(main.times),
        efficient_value=times(0),
        frame=main.frame,
        evidence=(*map(note, found.moves), Note("energy", text, None)),
        message=f"{message(main)}; the other side computes the same without",
        remedy=remedy(main),
    )


def is_movement(found: Explanation) -> bool:
    """Whether this rule explains, which knows what moves data and not what chose that."""
    return any(each.kind == NOTE for each in found.evidence)


def named(move: Move) -> str:
    return move.text or move.name


def message(move: Move) -> str:
    """What is done at one place, and where it is undone."""
    return f"`{named(move)}` {move.does}{_undone(move)}"


def note(move: Move) -> Note:
    """A place that moves data, as evidence."""
    text = f"`{named(move)}` {move.does} {times(move.times)} a step ({move.name}){_undone(move)}"
    return Note(NOTE, text, move.frame)


def remedy(move: Move) -> str:
    if not move.only:
        return _WITHIN
    if move.undone is not None:
        return f"leave it out, and `{move.undone}`, which undoes it, as well"
    return _REMEDY[move.kind]


def _undone(move: Move) -> str:
    if move.undone is None:
        return ""
    line = f" on line {move.back.line}" if move.back is not None else ""
    return f", which `{move.undone}`{line} undoes"
