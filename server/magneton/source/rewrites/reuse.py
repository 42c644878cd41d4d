"""Keeps a value that a function computes in several places from the same names."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from .bound import changed_in, free_name, names_in
from .module import SourceModule
from .repeated import rewritten
from .wish import Rewrite, Wish

_Body = cst.Module | cst.IndentedBlock
_OTHER_CODE = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.BaseComp, cst.With)


def rewrite(wish: Wish) -> Rewrite | None:
    """The repeated expression, or the innermost call around it that is written twice in one block,
    computed where it comes first, and used again."""
    return rewritten(wish, _kept)


def _kept(node: cst.BaseExpression, module: SourceModule) -> Rewrite | None:
    text = module.code(node)
    for body in (each for each in module.around(node) if isinstance(each, _Body)):
        same = _alike(text, body, module)
        if len(same) > 1 and not _changes(body, same, module):
            whole = _with_name(body, same, module)
            return Rewrite(f"compute {text} once, and use it again", module, whole)
        if isinstance(next(module.around(body), None), _OTHER_CODE):
            return None
    return None


def _alike(text: str, body: _Body, module: SourceModule) -> list[cst.BaseExpression]:
    """The expressions of ``text`` that the lines of ``body`` themselves run, in order."""
    return [
        node
        for node in module.inside(body)
        if isinstance(node, cst.BaseExpression)
        and module.code(node) == text
        and _runs_in(node, body, module)
    ]


def _runs_in(node: cst.CSTNode, body: _Body, module: SourceModule) -> bool:
    for outer in module.around(node):
        if outer is body:
            return True
        if isinstance(outer, _OTHER_CODE):
            return False
    return False


def _changes(body: _Body, same: Sequence[cst.BaseExpression], module: SourceModule) -> bool:
    """Whether a line from the first of ``same`` to the last changes what they read, or whether the
    first is in a block of its own, which need not run."""
    lines = _lines(body, same, module)
    reads = {each.value for each in names_in(same[0])}
    return not isinstance(lines[0], cst.SimpleStatementLine) or any(
        reads & set(changed_in(line)) for line in lines
    )


def _lines(
    body: _Body, same: Sequence[cst.BaseExpression], module: SourceModule
) -> list[cst.CSTNode]:
    first, last = module.span(same[0])[0], module.span(same[-1])[0]
    return [
        line for line in body.body if module.span(line)[1] > first and module.span(line)[0] <= last
    ]


def _with_name(body: _Body, same: Sequence[cst.BaseExpression], module: SourceModule) -> str:
    first, *others = _lines(body, same, module)
    given = _given(first, same[0])
    changes: dict[cst.CSTNode, cst.CSTNode]
    if given is not None and not any(given in changed_in(line) for line in others):
        changes = {each: cst.Name(given) for each in same[1:]}
        return module.exchanged(changes)
    name = cst.Name(free_name(same[0], module))
    assignment = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(name)], same[0])])
    return module.exchanged({each: name for each in same}, before=(first, assignment))


def _given(line: cst.CSTNode, value: cst.BaseExpression) -> str | None:
    """The name that ``line`` gives to ``value`` and to nothing else."""
    match line:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=given)]
        ):
            return name if given is value else None
    return None
