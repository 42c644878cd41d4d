"""What two programs give otherwise, one thing at a time, as a change of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .by_name import by_name
from .choice import Choice
from .exchange import Exchange
from .of_attributes import of_attributes
from .of_calls import of_calls
from .of_methods import of_methods
from .of_options import of_options
from .of_slots import of_slots
from .own import Program
from .texts import Texts


def exchanges(own: Program, other: Program, data: Sequence[Exchange] = ()) -> list[Exchange]:
    """What can be exchanged of ``own`` for what the ``other`` has, likely ones first; ``data`` is
    what can be in their files of options."""
    texts = Texts(own.modules(other), other.modules(own))
    options = [replace(each, choice=Choice.of_words(texts, each.words)) for each in data]
    try:
        found = [
            *options,
            *of_options(texts),
            *of_calls(texts),
            *of_slots(texts),
            *of_attributes(texts),
            *of_methods(texts),
            *by_name(texts),
        ]
    except RecursionError:  # an expression is too long to be gone through
        return options
    unique = {(each.path, each.text): each for each in reversed(found)}
    return sorted(reversed(unique.values()), key=lambda each: each.rank)
