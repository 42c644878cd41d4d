"""The texts of two programs side by side: what expressions of one are in the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .bases import Bases
from .callees import Callees
from .defaults import Defaults
from .own import Module
from .portable import Names, Portable, same
from .slots import Kind, Slot

_MOST_VALUES, _FURTHEST = 2, 6  # of the other program, for one place; names behind names


class Texts:
    """The modules of the program that is to be changed, ``own``, and of the other."""

    def __init__(self, own: Sequence[Module], others: Sequence[Module]) -> None:
        self.own, self.others = own, others
        self.callees = Callees([*own, *others])
        self.defaults = Defaults([*own, *others], self.callees)
        self.bases = Bases(own)
        self._names = {id(each): Names(each) for each in (*own, *others)}

    def portable(self, slot: Slot, to: Module) -> Portable | None:
        """The value of a ``slot`` of the other program as it can be written in a module of this."""
        return self.names(slot.module).portable(slot.value, self.names(to))

    def names(self, module: Module) -> Names:
        """What the names of a module are."""
        return self._names[id(module)]

    def resolved(self, slot: Slot) -> ast.expr:
        """The slot's value with its names resolved."""
        return self.names(slot.module).resolved(slot.value)

    def is_among(self, slot: Slot, values: Sequence[Slot]) -> bool:
        """Whether one of ``values`` is the slot's."""
        own = self.resolved(slot)
        return any(same(own, self.resolved(each)) for each in values)

    def values(self, values: Sequence[Slot], to: Module) -> Iterator[tuple[Portable, Slot]]:
        """The first few different ones that can be written in ``to``."""
        texts: list[str] = []
        for each in values:
            value = self.portable(each, to)
            if value is not None and value.text not in texts and len(texts) < _MOST_VALUES:
                texts.append(value.text)
                yield value, each

    def given(self, slot: Slot, depth: int = 0) -> Slot:
        """Where the slot's value is written: of a name or an entry of a mapping what gives it."""
        known = self.names(slot.module).given(slot.value) if depth < _FURTHEST else None
        if known is None:
            return slot
        name, value, node = known
        kind: Kind = "value" if isinstance(node, ast.stmt) else "entry"
        return self.given(Slot(kind, "", name, value, node, slot.module), depth + 1)
