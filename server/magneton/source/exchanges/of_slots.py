"""Names, entries, defaults, decorators, contexts and statements that differ."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from magneton_agent.schema.result import CauseKind

from . import changed
from .absent import Absent
from .exchange import CHOSEN, ELSE, LIBRARY, Exchange, exchange
from .of_calls import replaced
from .slots import Function, Slot, slots
from .texts import Texts
from .words import MODES, NOT_GIVEN, Words

_VALUES = ("entry", "value", "default", "returned")
_LEFT_OUT = ("entry", "decorator", "context", "statement")


def of_slots(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of all but arguments and methods."""
    theirs: dict[object, list[Slot]] = {}
    absent = Absent(texts)
    for module in texts.others:
        for slot in slots(module, texts.callees):
            theirs.setdefault(slot.key, []).append(slot)
    for module in texts.own:
        for slot in slots(module, texts.callees):
            values = theirs.get(slot.key, [])
            if texts.is_among(slot, values) or _is_same_maker(texts, slot, values):
                continue
            if slot.kind in _VALUES:
                yield from replaced(texts, slot, values)
            if not values and (variable := _variable(slot)) is not None:
                yield from _left(absent, variable, CHOSEN)
            elif not values and slot.kind in _LEFT_OUT and slot.name not in MODES:
                yield from _left(absent, slot, ELSE)
            elif not values and _is_set_later(slot):
                yield from _left(absent, slot, CHOSEN)
    yield from _more_decorators(texts)


def _is_set_later(slot: Slot) -> bool:
    """Whether it is an attribute of something that is made elsewhere."""
    target = slot.node.targets[0] if isinstance(slot.node, ast.Assign) else None
    owner = getattr(target.value, "id", "") if isinstance(target, ast.Attribute) else "self"
    return owner not in ("self", "cls")


def _variable(slot: Slot) -> Slot | None:
    """What ``NAME.set(value)``, a statement, gives a context variable."""
    call = slot.value
    if slot.kind != "statement" or slot.name != "set" or not isinstance(call, ast.Call):
        return None
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(owner, ast.Name) or len(call.args) != 1 or call.keywords:
        return None
    return Slot("value", "", owner.id, call.args[0], slot.node, slot.module)


def _left(absent: Absent, slot: Slot, rank: int) -> Iterator[Exchange]:
    text = changed.without(slot)
    if text is not None:
        kind: CauseKind = "argument" if slot.kind in ("entry", "value") else "call"
        left = absent.told(slot) if kind == "argument" else NOT_GIVEN
        words = Words(kind, slot.name, slot.module.source(slot.value), left)
        if words.wasteful_value == left:
            return
        yield exchange(words, slot.module, slot.place, text, rank)


def _more_decorators(texts: Texts) -> Iterator[Exchange]:
    """Of functions of one name, those that only the other program's have."""
    own = {
        node.name: (node, module)
        for module in texts.own
        for node in module.own()
        if isinstance(node, Function)
    }
    for module in texts.others:
        for slot in slots(module, texts.callees):
            if slot.kind != "decorator" or slot.owner not in own or slot.name in MODES:
                continue
            node, mine = own[slot.owner]
            has = {each.name for each in slots(mine, texts.callees) if each.kind == "decorator"}
            value = texts.portable(slot, mine)
            if slot.name not in has and value is not None:
                words = Words("call", slot.name, NOT_GIVEN, value.text)
                text = changed.with_decorator(mine, node, value)
                yield exchange(words, mine, node, text, LIBRARY)


def _is_same_maker(texts: Texts, slot: Slot, values: Sequence[Slot]) -> bool:
    """Whether what differs is given within calls of one function: it is found there."""
    if not isinstance(slot.value, ast.Call):
        return False
    own = texts.callees.root(slot.module, slot.value.func)
    return any(
        isinstance(each.value, ast.Call) and texts.callees.root(each.module, each.value.func) == own
        for each in values
    )
