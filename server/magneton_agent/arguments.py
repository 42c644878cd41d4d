"""The arguments of an operator that are no tensors, as text."""

from __future__ import annotations

from typing import Any

import torch

from .operands import OperatorFacts, flat_tensors, tensors_in
from .texts import PLAIN_TYPES, rendered

_QUICK = frozenset((bool, int, float, str, type(None)))
_Tensor = torch.Tensor
Told = tuple[Any, ...]
"""How many arguments are positional, the names of the others, and for each its type and value (as
text where that is not what tells it from others), or ``...`` where it holds tensors."""
# By argument the values with which an operator that can draw random numbers does not.
_WITHOUT_DRAWING = {
    "train": ("False",),
    "training": ("False",),
    "dropout": ("0.0", "0"),
    "dropout_p": ("0.0", "0"),
}


def split(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[torch.Tensor], Told | None]:
    """The tensors of a call, in order, and its other arguments, for :func:`told_arguments`; None
    where only :func:`scalar_arguments` can tell them."""
    tensors: list[torch.Tensor] = []
    others: list[object] = [len(args), tuple(kwargs)]
    plain = True
    for each in (*args, *kwargs.values()) if kwargs else args:
        kind = type(each)
        if kind in _QUICK:
            # With its type: 1, 1.0 and True are equal. Zero as text: it equals -0.0.
            others += kind, each if each or kind is str else repr(each)
        elif isinstance(each, _Tensor):
            tensors.append(each)
            others.append(...)
        elif kind in PLAIN_TYPES or (kind is list and PLAIN_TYPES.issuperset(map(type, each))):
            others += kind, repr(each)
        else:
            inner = flat_tensors((each,))
            tensors += inner
            others.append(...)
            plain = plain and kind is list and bool(inner)
    return tensors, tuple(others) if plain else None


def told_arguments(facts: OperatorFacts, told: Told) -> dict[str, str]:
    """What :func:`scalar_arguments` gives for the call that ``told`` is of."""
    given, names, *others = told
    parts = iter(others)
    texts = [None if kind is ... else _text(kind, next(parts)) for kind in parts]
    return _named(facts, texts[:given], dict(zip(names, texts[given:], strict=True)))


def _text(kind: object, value: object) -> str:
    return value if isinstance(value, str) and kind is not str else repr(value)


def scalar_arguments(
    facts: OperatorFacts, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, str]:
    """The arguments that hold no tensor, by schema name, defaults included."""
    return _named(facts, list(map(_scalar, args)), {key: _scalar(kwargs[key]) for key in kwargs})


def _named(
    facts: OperatorFacts, positional: list[str | None], keywords: dict[str, str | None]
) -> dict[str, str]:
    found: dict[str, str] = {}
    given = len(positional)
    for position, (name, default) in enumerate(facts.arguments):
        text = positional[position] if position < given else keywords.get(name, default)
        if text is not None:
            found[name] = text
    return found


def draws_random_numbers(facts: OperatorFacts, arguments: dict[str, str]) -> bool:
    """Whether an operator with these scalar ``arguments`` asks a generator for numbers: dropout
    that is switched off does not."""
    if not facts.draws:
        return False
    return not any(arguments.get(name) in values for name, values in _WITHOUT_DRAWING.items())


def _scalar(value: object) -> str | None:
    """``value`` as text, None where it holds a tensor."""
    if type(value) in _QUICK:
        return repr(value)
    if isinstance(value, torch.Tensor) or next(tensors_in(value), None) is not None:
        return None
    return rendered(value)
