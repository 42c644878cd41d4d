"""The rewrites in the order in which they are asked; the first that can is taken."""

from __future__ import annotations

from collections.abc import Callable

from . import argument, constant, environment, expression, hoist, lines, setting
from .wish import Rewrite, Wish

Rule = Callable[[Wish], Rewrite | None]
RULES: tuple[Rule, ...] = (
    argument.rewrite,
    constant.rewrite,
    environment.rewrite,
    expression.rewrite,
    lines.rewrite,
    hoist.rewrite,
    setting.rewrite,
)


def rewrite(wish: Wish) -> Rewrite | None:
    """What would put the cause right, as far as the text tells: whether it does is to be tried."""
    for rule in RULES:
        if (found := rule(wish)) is not None:
            return found
    return None
