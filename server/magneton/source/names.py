"""The names that a module's top level binds, and whether the file imports torch."""

from __future__ import annotations

import libcst as cst

_NOT_ENTERED = (
    cst.Assign,
    cst.Decorator,
    cst.Expr,
    cst.Import,
    cst.ImportFrom,
    cst.Parameters,
    cst.Return,
)


class Names(cst.CSTVisitor):
    """Visits statements, not expressions: a name bound by ``:=`` is not seen.

    ``bound`` are the top level's names, ``star`` tells of a star import, ``imports_torch`` of an
    import of torch at any depth.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bound: set[str] = set()
        self.star = False
        self.imports_torch = False
        self._depth = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.FunctionDef() | cst.ClassDef():
                self._bind(node.name)
                self._depth += 1
            case cst.Import():
                self._import(node)
            case cst.ImportFrom():
                self._import_from(node)
            case cst.Assign():
                for target in node.targets:
                    self._bind(target.target)
            case cst.AnnAssign() if node.value is not None:
                self._bind(node.target)
            case cst.For():
                self._bind(node.target)
            case cst.AsName():  # of with and except: those of imports are not entered
                self._bind(node.name)
        return not isinstance(node, _NOT_ENTERED)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._depth -= 1

    def _import(self, node: cst.Import) -> None:
        for alias in node.names:
            first = _first(alias.name)
            self._note_module(first)
            # ``import a.b`` binds a, ``import a.b as c`` binds c.
            self._bind(alias.asname.name if alias.asname else first)

    def _import_from(self, node: cst.ImportFrom) -> None:
        if not node.relative and node.module is not None:
            self._note_module(_first(node.module))
        if isinstance(node.names, cst.ImportStar):
            self.star = self.star or self._depth == 0
            return
        for alias in node.names:
            self._bind(alias.asname.name if alias.asname else alias.name)

    def _note_module(self, name: cst.BaseExpression) -> None:
        if isinstance(name, cst.Name) and name.value == "torch":
            self.imports_torch = True

    def _bind(self, target: cst.BaseExpression) -> None:
        if self._depth:
            return
        if isinstance(target, cst.Name):
            self.bound.add(target.value)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._bind(element.value)


def _first(name: cst.BaseExpression) -> cst.BaseExpression:
    """The ``a`` of ``a.b.c``."""
    while isinstance(name, cst.Attribute):
        name = name.value
    return name
