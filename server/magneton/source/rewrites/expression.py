"""Writes what the other side calls in the place of what costs more, with this file's names."""

from __future__ import annotations

from .module import binds_or_waits, has_comment
from .terms import fitting, in_terms, value_names
from .wish import Rewrite, Wish


def rewrite(wish: Wish) -> Rewrite | None:
    """The efficient side's expression, where every name in it has a counterpart."""
    wasteful, efficient = wish.wasteful, wish.efficient
    if wish.kind != "call" or wasteful is None or efficient is None:
        return None
    module = wasteful.module
    old = module.expression(wasteful.location)
    new = efficient.module.expression(efficient.location)
    if old is None or new is None or binds_or_waits(old) or binds_or_waits(new) or has_comment(old):
        return None
    text = in_terms(efficient, new, module, old, value_names(wasteful))
    if text is None:
        return None
    changed = module.replaced(old, fitting(old, text, next(module.around(old))))
    return Rewrite(f"call {text}", module, changed) if changed != module.text else None
