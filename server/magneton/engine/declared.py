"""Knobs of the program's own, as users write them."""

from __future__ import annotations

import ast

from magneton_agent.schema.errors import MagnetonError

from .request import DeclaredKnob


def declared_knob(text: str) -> DeclaredKnob:
    """``batch_size=1,2,4``; a value that is no Python literal is a string.

    Raises:
        MagnetonError: it names no parameter or no value.
    """
    name, _, values = text.partition("=")
    if not name.isidentifier() or not all(values.split(",")):
        raise MagnetonError(
            f"'{text}' is no knob",
            "it is not of the form NAME=VALUE,VALUE",
            "name a parameter of the target and what to try, such as batch_size=1,8,32",
        )
    return DeclaredKnob(name, tuple(map(_literal, values.split(","))))


def _literal(text: str) -> str:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return repr(text)
    return text
