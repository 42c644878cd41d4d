"""Calls that give other arguments, are of another function, or are in one program alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from . import changed
from .choice import Choice
from .command_lines import is_command_line
from .exchange import BY_POSITION, CHOSEN, ELSE, LIBRARY, Exchange, exchange
from .portable import Portable, same
from .slots import Called, Slot, called
from .texts import Texts
from .words import LEFT, MODES, NOT_GIVEN, Words


def of_calls(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of calls."""
    theirs: dict[str, list[Called]] = {}
    for module in texts.others:
        for each in called(module, texts.callees):
            theirs.setdefault(each.root, []).append(each)
    own = [each for module in texts.own for each in called(module, texts.callees)]
    roots = {each.root for each in own}
    instead = [calls[0] for root, calls in theirs.items() if root not in roots]
    for each in own:
        if each.root in theirs:
            yield from _arguments(texts, each, theirs[each.root])
        elif not each.partial and each.root not in MODES:
            yield from _other_function(texts, each, instead)
            yield from _left_out(each)


def _arguments(texts: Texts, own: Called, theirs: Sequence[Called]) -> Iterator[Exchange]:
    for name, slot in own.given.items():
        values = [each.given[name] for each in theirs if name in each.given]
        if texts.is_among(slot, values):
            continue
        yield from replaced(texts, slot, values)
        if any(name not in each.given and not each.open for each in theirs):
            yield from _left(texts, slot, own.call, own.root)
    if own.open or any(_is_same(texts, own, each) for each in theirs):
        return
    more = dict.fromkeys(name for each in theirs for name in each.given)
    for name in more:
        if name not in own.given and name.isidentifier():
            yield from _added(texts, own, name, [e.given[name] for e in theirs if name in e.given])


def replaced(
    texts: Texts, slot: Slot, values: Sequence[Slot], rank: int | None = None
) -> Iterator[Exchange]:
    """With other values for the slot, where that is given; ``rank`` in the place of its own."""
    there = texts.given(slot)
    for value, each in texts.values(values, slot.module):
        names = texts.names(slot.module)
        if is_command_line(there.value, names) or is_command_line(value.node, names):
            continue  # its options are exchanged one by one
        words = _words(there, each, value)
        owner = slot.owner if there is slot and slot.kind == "argument" else None
        text = changed.replaced(there, value)
        own_rank = ELSE if isinstance(there.value, ast.Call) else _rank(texts, slot)
        made = exchange(words, slot.module, there.place, text, rank or own_rank, owner)
        yield replace(made, choice=Choice.of_slots(texts, there, each))


def _words(own: Slot, other: Slot, value: Portable) -> Words:
    """The other's value as it is written, unless names in it stand for something else."""
    as_written = ast.dump(value.node) == ast.dump(other.value)
    theirs = other.module.source(other.value) if as_written else value.text
    return Words("argument", own.name, own.module.source(own.value), theirs)


def _left(texts: Texts, slot: Slot, call: ast.Call, root: str) -> Iterator[Exchange]:
    default = texts.defaults.left(call, root, slot.name)
    text = changed.without(slot)
    if text is None or (default is not None and same(default, texts.resolved(slot))):
        return
    left = ast.unparse(default) if default is not None else LEFT
    words = Words("argument", slot.name, slot.module.source(slot.value), left)
    yield exchange(words, slot.module, slot.place, text, _rank(texts, slot), slot.owner or None)


def _added(texts: Texts, own: Called, name: str, values: Sequence[Slot]) -> Iterator[Exchange]:
    default = texts.defaults.left(own.call, own.root, name)
    left = ast.unparse(default) if default is not None else LEFT
    for value, _ in texts.values(values, own.module):
        if default is not None and same(default, value.node):
            continue
        words = Words("argument", name, left, value.text)
        text = changed.with_argument(own, name, value)
        rank = CHOSEN if texts.callees.is_users(own.root) else LIBRARY
        yield exchange(words, own.module, own.call, text, rank, own.root)


def _other_function(texts: Texts, own: Called, theirs: Sequence[Called]) -> Iterator[Exchange]:
    """A function of the user's that the other program calls with arguments of those names."""
    callees = texts.callees
    if not callees.is_users(own.root):
        return
    function = own.function
    for each in theirs:
        if not callees.is_users(each.root) or callees.names(each.root) != callees.names(own.root):
            continue
        for value, _ in texts.values([each.function], own.module):
            words = Words("call", own.root, own.root, each.root)
            text = changed.replaced(function, value)
            made = exchange(words, own.module, own.call, text, LIBRARY)
            yield replace(made, choice=Choice.of_slots(texts, function, each.function))


def _left_out(own: Called) -> Iterator[Exchange]:
    """What is called on one value, and gives one like it, may be left out."""
    inner = own.call.func.value if isinstance(own.call.func, ast.Attribute) else None
    if len(own.call.args) == 1 and not isinstance(own.call.args[0], ast.Starred):
        inner = own.call.args[0]
    elif own.call.args:
        return
    if inner is not None:
        words = Words("call", own.root, own.module.source(own.call), NOT_GIVEN)
        text = changed.by_part(own.module, own.call, inner)
        yield exchange(words, own.module, own.call, text, ELSE)


def _rank(texts: Texts, slot: Slot) -> int:
    if isinstance(slot.value, ast.Call):
        return ELSE  # what is called, or given to that, says more
    if slot.kind != "argument" or texts.callees.is_users(slot.owner):
        return CHOSEN
    return LIBRARY if slot.name.isidentifier() else BY_POSITION


def _is_same(texts: Texts, own: Called, other: Called) -> bool:
    """Whether two calls give the same."""
    return own.given.keys() == other.given.keys() and all(
        texts.is_among(slot, [other.given[name]]) for name, slot in own.given.items()
    )
