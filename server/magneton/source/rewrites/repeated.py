"""Which expression of repeated work a rewrite may change."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from .module import SourceModule, binds_or_waits
from .wish import Rewrite, Wish

Attempt = Callable[[cst.BaseExpression, SourceModule], Rewrite | None]


def rewritten(wish: Wish, attempt: Attempt) -> Rewrite | None:
    """What ``attempt`` makes of the repeated expression, or of the innermost call around it of
    which it makes something."""
    if wish.kind != "redundant":
        return None
    for place in (*([wish.wasteful] if wish.wasteful is not None else []), *wish.path):
        node = place.module.expression(place.location)
        if node is None or isinstance(node, cst.Name | cst.BaseString) or binds_or_waits(node):
            continue
        if (found := attempt(node, place.module)) is not None:
            return found
    return None
