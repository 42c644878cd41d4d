"""The rewrites in the order in which they are asked; the first that can is taken."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from . import argument, constant, environment, expression, hoist, lines, movement, reuse, setting
from .wish import Rewrite, Wish

Rule = Callable[[Wish], Rewrite | None]
RULES: tuple[Rule, ...] = (
    argument.rewrite,
    constant.rewrite,
    environment.rewrite,
    expression.rewrite,
    lines.rewrite,
    movement.rewrite,
    hoist.rewrite,
    reuse.rewrite,
    setting.rewrite,
)


def rewrite(wish: Wish) -> Rewrite | None:
    """What would put the cause right, as far as the text tells: whether it does is to be tried."""
    found = (_by(rule, wish) for rule in RULES)
    return next((each for each in found if each is not None), None)


def _by(rule: Rule, wish: Wish) -> Rewrite | None:
    """What ``rule`` gives; None where that would be no Python: ``'a'if x`` with True for the
    text, or where the file nests deeper than Python recurses."""
    try:
        found = rule(wish)
        if found is not None:
            cst.parse_module(found.text)  # unlike ast, it warns of nothing
    except (cst.CSTValidationError, cst.ParserSyntaxError, SyntaxError, RecursionError):
        return None
    return found
