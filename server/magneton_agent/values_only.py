"""Has torch compute what the program asks for, and not more because somebody looks on.

Under any dispatch mode ``linalg.eigvalsh``, ``svdvals`` and what is made of these also compute
vectors, as they do where gradients may be wanted (ATen/native/BatchLinearAlgebra.cpp,
``isTensorSubclassLike``): up to twice the work of the step that was measured without a mode.
"""

from __future__ import annotations

import ast
import linecache
import textwrap
from types import FrameType, ModuleType
from typing import Any

import torch
from torch.autograd import forward_ad

from .stacks import resolve

# The operators, and the argument before the third, which says that vectors are computed: neither is
# told where it has its default.
_WITH_VECTORS: dict[object, object] = {
    torch.ops.aten._linalg_eigh.default: "L",
    torch.ops.aten._linalg_svd.default: False,
}
_OF_VALUES = (
    torch.linalg.eigvalsh,
    torch.linalg.svdvals,
    torch.linalg.matrix_norm,
    torch.linalg.matrix_rank,
    torch.linalg.cond,
)


def as_asked(func: object, args: tuple[Any, ...], frame: FrameType | None) -> tuple[Any, ...]:
    """``args`` of ``func``, called from ``frame``: without vectors where the call there, as it is
    written, is of a function that gives none and needs none for gradients."""
    if func not in _WITH_VECTORS:
        return args
    given = [*args, *(_WITH_VECTORS[func], True)[len(args) - 1 :]]
    matrix, how, vectors = given
    if vectors is not True:
        return args
    wanted = matrix.requires_grad and torch.is_grad_enabled()
    if wanted or forward_ad._current_level >= 0 or not _gives_values(frame):
        return args
    return matrix, how, False


def _gives_values(frame: FrameType | None) -> bool:
    called = _called(frame) if frame is not None else None
    return any(called is each for each in _OF_VALUES)


def _called(frame: FrameType) -> object:
    """What the call that ``frame`` is at is of: a name, or an attribute of modules."""
    place = resolve(frame.f_code, frame.f_lasti)
    lines = linecache.getlines(place.path)[place.line - 1 : place.end_line]
    if not lines:
        return None
    lines[-1] = lines[-1].encode()[: place.end_column].decode()
    lines[0] = lines[0].encode()[place.column :].decode()
    try:
        written = ast.parse(textwrap.dedent("".join(lines)), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return _value(written.func, frame) if isinstance(written, ast.Call) else None


def _value(node: ast.expr, frame: FrameType) -> object:
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if not isinstance(node, ast.Attribute):
        return None
    inner = _value(node.value, frame)
    return vars(inner).get(node.attr) if isinstance(inner, ModuleType) else None
