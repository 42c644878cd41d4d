"""What is given by one name in both programs, in calls of other functions or in a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .exchange import LIBRARY, Exchange
from .of_calls import replaced
from .own import Module
from .slots import Slot, called, slots
from .texts import Texts


def by_name(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of arguments and entries for what the other program gives by their
    name elsewhere, where it gives nothing in the same place."""
    theirs = list(_given(texts, texts.others))
    keys = {each.key for each in theirs}
    for slot in _given(texts, texts.own):
        values = [each for each in theirs if each.name == slot.name]
        if slot.key not in keys and not texts.is_among(slot, values):
            yield from replaced(texts, slot, values, LIBRARY)


def _given(texts: Texts, modules: Sequence[Module]) -> Iterator[Slot]:
    """Arguments of the user's own functions, by name, and entries."""
    for module in modules:
        for each in called(module, texts.callees):
            if texts.callees.is_users(each.root):
                yield from (slot for slot in each.given.values() if slot.name.isidentifier())
        yield from (slot for slot in slots(module, texts.callees) if slot.kind == "entry")
