"""What two programs choose between, a class, a function or an entry of a table or registry, told by
what differs in it.

Both may be defined in files that both programs run. What is written as code is left alone: there
the choice decides.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from . import changed
from .choice import Choice
from .definitions import Definition, Definitions
from .exchange import CHOSEN, Exchange
from .of_attributes import overridden
from .of_calls import of_calls, replaced
from .of_slots import of_slots
from .own import Module
from .slots import Function, Slot, slots
from .surfaces import surface
from .texts import Texts


def within(chosen: Exchange) -> list[Exchange]:
    """What can be exchanged in the definition of what the program chooses for what is in that of
    the other's choice; none where they are not known, or one."""
    try:
        return _within(chosen.choice) if chosen.choice is not None else []
    except RecursionError:  # an expression is too long to be gone through
        return []


def _within(choice: Choice) -> list[Exchange]:
    texts = choice.texts
    own = Definitions(texts, texts.own).of(choice.own)
    others = {each.form: each for each in Definitions(texts, texts.others).of(choice.other)}
    for x in own:
        y = others.get(x.form)
        if y is not None and _is_another(x, y) and (found := _between(texts, x, y)):
            return found
    return []


def _is_another(x: Definition, y: Definition) -> bool:
    """Whether two definitions are of one kind, and not one."""
    return type(x.node) is type(y.node) and (
        x.module.path != y.module.path or changed.span(x.node) != changed.span(y.node)
    )


def _between(texts: Texts, x: Definition, y: Definition) -> list[Exchange]:
    inner = Texts(_with_part(texts.own, x), _with_part(texts.others, y))
    found = [*of_calls(inner), *of_slots(inner)]
    given = [each for each in found if each.words.kind == "argument"]
    if isinstance(x.node, ast.ClassDef) and isinstance(y.node, ast.ClassDef):
        given += overridden(inner, (x.module, x.node), (y.module, y.node))
    elif isinstance(x.node, Function) and isinstance(y.node, Function):
        given += _defaults(inner, x, y)
    return given


def _with_part(modules: Sequence[Module], found: Definition) -> list[Module]:
    return [
        replace(each, part=surface(found.node) if each.path == found.module.path else None)
        for each in modules
    ]


def _defaults(texts: Texts, x: Definition, y: Definition) -> Iterator[Exchange]:
    """Defaults of parameters that two functions have by one name."""
    theirs = {each.name: each for each in _default_slots(texts, texts.others, y)}
    for slot in _default_slots(texts, texts.own, x):
        value = theirs.get(slot.name)
        if value is not None and not texts.is_among(slot, [value]):
            yield from replaced(texts, slot, [value], CHOSEN)


def _default_slots(texts: Texts, modules: Sequence[Module], found: Definition) -> Iterator[Slot]:
    module = next(each for each in modules if each.path == found.module.path)
    whole = replace(module, part=found.node)
    own = getattr(found.node, "name", "")
    for each in slots(whole, texts.callees):
        if each.kind == "default" and each.owner == own:
            yield replace(each, module=module)
