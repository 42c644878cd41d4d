"""Changes what stands for a variable of the environment where the program finds none."""

from __future__ import annotations

import ast

import libcst as cst

from .module import SourceModule
from .names import qualified_chain
from .values import is_literal, written
from .wish import Rewrite, Wish

_LOOKUPS = ("os.getenv", "os.environ.get")
_VARIABLE, _END = "os.environ[", "]"


def rewrite(wish: Wish) -> Rewrite | None:
    """The deciding look-up with the efficient value as its default."""
    place = wish.deciding
    if wish.kind != "setting" or place is None:
        return None
    module = place.module
    call = module.expression(place.location)
    if not isinstance(call, cst.Call) or not _looks_up(call, _variable(wish.name), module):
        return None
    value = written(wish.efficient_value, module, call)
    if value is None:
        return None
    name, *_ = call.args
    given = cst.Arg(cst.parse_expression(value))
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    changed = call.with_changes(args=[name.with_changes(comma=comma), given])
    text = module.replaced(call, changed)
    title = f"let {_variable(wish.name)} be {value} where it is not set"
    return Rewrite(title, module, text) if text != module.text else None


def _looks_up(call: cst.Call, variable: str, module: SourceModule) -> bool:
    plain = 1 <= len(call.args) <= 2 and not any(each.star for each in call.args)
    named = plain and is_literal(call.args[0].value, repr(variable), module)
    return named and qualified_chain(call.func, module) in _LOOKUPS


def _variable(name: str) -> str:
    """The variable's own name, also of one that is told as ``os.environ['NAME']``."""
    if name.startswith(_VARIABLE) and name.endswith(_END):
        return str(ast.literal_eval(name.removeprefix(_VARIABLE).removesuffix(_END)))
    return name
