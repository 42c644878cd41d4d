"""Gives a call the argument that decides: in the place of the value it has, or added."""

from __future__ import annotations

import libcst as cst

from .module import SourceModule, binds_or_waits
from .values import is_literal, written
from .wish import Rewrite, Wish

_SPACE = cst.SimpleWhitespace(" ")
_KINDS = ("argument", "dtype")  # the dtype of a tensor, or the argument that decides on it


def rewrite(wish: Wish) -> Rewrite | None:
    """The deciding call with the efficient value for the argument that is the cause."""
    place = wish.deciding
    if wish.kind not in _KINDS or place is None or not wish.name.isidentifier():
        return None
    module = place.module
    call = module.expression(place.location)
    if not isinstance(call, cst.Call):
        return None
    value = written(wish.efficient_value, module, call)
    if value is None:
        return None
    given = _given(call, wish, module)
    new = cst.parse_expression(value)
    arguments = _added(call, wish.name, new) if given is None else _exchanged(call, given, new)
    if arguments is None:
        return None
    text = module.replaced(call, call.with_changes(args=arguments))
    title = f"pass {wish.name}={value}"
    if given is not None and given.keyword is None:
        title = f"pass {value} instead of {module.code(given.value)}"
    return Rewrite(title, module, text) if text != module.text else None


def _exchanged(call: cst.Call, given: cst.Arg, value: cst.BaseExpression) -> list[cst.Arg] | None:
    if binds_or_waits(given.value):
        return None
    return [
        each.with_changes(value=_kept_parentheses(each.value, value)) if each is given else each
        for each in call.args
    ]


def _given(call: cst.Call, wish: Wish, module: SourceModule) -> cst.Arg | None:
    """The argument by that name, else the only one without a name that is the wasteful value."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == wish.name:
            return argument
    literals = [
        argument
        for argument in call.args
        if argument.keyword is None
        and not argument.star
        and is_literal(argument.value, wish.wasteful_value, module)
    ]
    return literals[0] if len(literals) == 1 else None


def _added(call: cst.Call, name: str, value: cst.BaseExpression) -> list[cst.Arg] | None:
    """The arguments and one more, on a line of its own where the others are."""
    new = cst.Arg(
        value, cst.Name(name), equal=cst.AssignEqual(cst.SimpleWhitespace(""), _nothing())
    )
    if not call.args:
        return [new]
    last = call.args[-1]
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        return None  # alone it needs no parentheses of its own
    comma = last.comma
    trailing = isinstance(comma, cst.Comma)
    closing = comma.whitespace_after if isinstance(comma, cst.Comma) else last.whitespace_after_arg
    before = _between(call)
    if isinstance(closing, cst.ParenthesizedWhitespace):
        # Comments stay with the lines that they are written on.
        indented = before if isinstance(before, cst.ParenthesizedWhitespace) else None
        before = closing.with_changes(
            indent=indented.indent if indented is not None else closing.indent,
            last_line=indented.last_line if indented is not None else closing.last_line,
        )
        closing = _bare(closing)
    ending = cst.Comma(whitespace_after=closing) if trailing else cst.MaybeSentinel.DEFAULT
    new = new.with_changes(comma=ending, whitespace_after_arg=_nothing() if trailing else closing)
    last = last.with_changes(
        comma=cst.Comma(whitespace_after=before), whitespace_after_arg=_nothing()
    )
    return [*call.args[:-1], last, new]


def _between(call: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """What stands between two arguments: as before the last, else as before the first."""
    if len(call.args) > 1 and isinstance(comma := call.args[-2].comma, cst.Comma):
        found = comma.whitespace_after
    else:
        found = call.whitespace_before_args
    return _bare(found) if isinstance(found, cst.ParenthesizedWhitespace) else _SPACE


def _bare(space: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    """A line end and what the next line starts with, without comments."""
    return space.with_changes(
        first_line=cst.TrailingWhitespace(newline=space.first_line.newline), empty_lines=()
    )


def _kept_parentheses(old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    return new.with_changes(lpar=old.lpar, rpar=old.rpar) if old.lpar else new


def _nothing() -> cst.SimpleWhitespace:
    return cst.SimpleWhitespace("")
