"""Leaves out calls that only copy, cast or lay out anew: ``x.contiguous()`` becomes ``x``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import libcst as cst

from .module import SourceModule, binds_or_waits, has_comment
from .names import qualified_chain
from .wish import Rewrite, Wish

_CASTS = frozenset(
    ("bfloat16", "bool", "byte", "char", "double", "float", "half", "int", "long", "short")
)
_BARE = _CASTS | {"clone", "contiguous"}  # of which no argument tells anything but the layout
_GIVEN = frozenset(("to", "type"))
NEVER = "never"


def rewrite(wish: Wish) -> Rewrite | None:
    """The file without the calls that move data on this side alone, those of them that are in the
    file of the costliest."""
    main = wish.deciding
    if wish.kind != "redundant" or wish.efficient_value != NEVER or main is None:
        return None
    places = [each for each in wish.moves if each.module is main.module]
    found = (main.module.expression(each.location) for each in (main, *places))
    calls = [each for each in dict.fromkeys(found) if _moves_only(each, main.module)]
    if main.module.expression(main.location) not in calls:
        return None
    text = main.module.tree.visit(_LeavingOut(calls)).code
    return Rewrite(f"leave out {', '.join(_named(calls, main.module))}", main.module, text)


class _LeavingOut(cst.CSTTransformer):
    def __init__(self, calls: Sequence[cst.CSTNode | None]) -> None:
        super().__init__()
        self._calls = frozenset(map(id, calls))

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        changed: Any = updated_node
        if id(original_node) not in self._calls:
            return changed
        owner = changed.func.value
        return owner.with_changes(
            lpar=[*changed.lpar, *owner.lpar], rpar=[*owner.rpar, *changed.rpar]
        )


def _moves_only(node: cst.BaseExpression | None, module: SourceModule) -> bool:
    """Whether ``node`` calls a method of a tensor that moves it and does no more."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    name, owner = node.func.attr.value, node.func.value
    if qualified_chain(owner, module) is not None:  # torch.clone(x)
        return False
    if any(binds_or_waits(each) for each in node.args) or _comments(node):
        return False
    if name in _GIVEN:
        return bool(node.args) and not any(each.star for each in node.args)
    return name in _BARE and all(
        each.keyword is not None and each.keyword.value == "memory_format" for each in node.args
    )


def _comments(node: cst.Call) -> bool:
    """Whether a comment would be left out with the call."""
    own = (node.whitespace_after_func, node.whitespace_before_args, *node.args)
    function = node.func
    dot = (function.dot,) if isinstance(function, cst.Attribute) else ()
    return any(map(has_comment, (*own, *dot)))


def _named(calls: Sequence[cst.BaseExpression | None], module: SourceModule) -> Iterator[str]:
    """Each call without what it is called on, once."""
    texts = []
    for call in calls:
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
            arguments = ", ".join(module.code(each.value) for each in call.args)
            texts.append(f".{call.func.attr.value}({arguments})")
    return iter(dict.fromkeys(texts))
