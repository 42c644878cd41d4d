"""Looks at values inside one step: what a function was entered with, what an expression held.

Expressions are names, attributes and constant subscripts: they are looked up, never called.
"""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import torch

from .construction import ConstructionLog, arguments_of
from .schema.location import Frame
from .schema.messages import (
    Argument,
    Described,
    Inspect,
    Inspected,
    Probe,
    Probed,
    Site,
    SiteValues,
)
from .step import Step, Steps

_SCALARS = (str, int, float, complex, bool, type(None), torch.dtype, torch.device, torch.Size)
_LONGEST = 200


class CannotLookUp(Exception):
    """An expression is not a mere look-up, or what it names is not there."""


@dataclass
class Prober:
    """Describes the objects of one worker; ``tokens`` number those that it has spoken of."""

    log: ConstructionLog
    tokens: list[object] = field(default_factory=list)

    def probe(self, request: Probe) -> Steps[Probed]:
        """Run one step, visiting the request's sites."""
        visit = _Visit(self, request.sites)
        yield visit.run
        return Probed(tuple(visit.values[i] for i in range(len(request.sites))))

    def inspect(self, request: Inspect) -> Inspected:
        """Look an expression up among a constructor's arguments."""
        built = self.tokens[request.token]
        for call in self.log.calls(built):
            if call.code.co_qualname == request.function:
                try:
                    found = look_up(request.expression, {**call.arguments, "self": built})
                except CannotLookUp as error:
                    return Inspected(None, str(error))
                return Inspected(self.describe(request.expression, found), None)
        return Inspected(None, f"{request.function} was not seen building the object")

    def describe(self, expression: str, held: object) -> Described:
        """``held`` in words that another process can compare."""
        scalar = isinstance(held, _SCALARS)
        named = isinstance(held, type) or inspect.isroutine(held)
        kind: Any = held if named else type(held)
        return Described(
            expression=expression,
            value=repr(held)[:_LONGEST] if scalar else None,
            type=f"{kind.__module__}.{kind.__qualname__}",
            token=None if scalar else self._token(held),
            defined=_definition(kind),
            built=() if scalar else self.log.frames(held),
        )

    def _token(self, held: object) -> int:
        self.tokens.append(held)
        return len(self.tokens) - 1


class _Visit:
    """Traces one step, but only inside the functions that hold a site."""

    def __init__(self, prober: Prober, sites: tuple[Site, ...]) -> None:
        self._prober, self._sites = prober, sites
        self._wanted = {(site.path, site.first_line, site.function) for site in sites}
        self.values = dict.fromkeys(range(len(sites)), SiteValues(False, (), ()))
        self._entered: dict[int, dict[str, object]] = {}  # arguments of the latest call

    def run(self, step: Step) -> object:
        previous = sys.gettrace()
        sys.settrace(self._enter)
        try:
            return step()
        finally:
            sys.settrace(previous)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if (code.co_filename, code.co_firstlineno, code.co_qualname) not in self._wanted:
            return None
        for number in self._sites_in(code):
            if not self.values[number].reached:
                self._entered[number] = arguments_of(frame)
        return self._line

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        for number in self._sites_in(frame.f_code):
            site = self._sites[number]
            if frame.f_lineno == site.line and not self.values[number].reached:
                self.values[number] = SiteValues(
                    True,
                    self._look_up_all(site, frame),
                    self._describe_arguments(self._entered.pop(number)),
                )
        return self._line

    def _sites_in(self, code: CodeType) -> list[int]:
        return [
            number
            for number, site in enumerate(self._sites)
            if (site.path, site.first_line, site.function)
            == (code.co_filename, code.co_firstlineno, code.co_qualname)
        ]

    def _describe_arguments(self, arguments: dict[str, object]) -> tuple[Argument, ...]:
        return tuple(
            Argument(name, self._prober.describe(name, value)) for name, value in arguments.items()
        )

    def _look_up_all(self, site: Site, frame: FrameType) -> tuple[Described, ...]:
        found = []
        for expression in site.expressions:
            try:
                held = look_up(expression, {**frame.f_globals, **frame.f_locals})
            except CannotLookUp:
                continue
            found.append(self._prober.describe(expression, held))
        return tuple(found)


def look_up(expression: str, names: dict[str, Any]) -> object:
    """What ``expression`` names.

    Raises:
        CannotLookUp: it calls or computes something, or a name is not there.
    """
    try:
        return _resolve(ast.parse(expression, mode="eval").body, names)
    except CannotLookUp:
        raise
    except Exception as error:  # a property of the program may raise anything
        raise CannotLookUp(f"{expression}: {type(error).__name__}: {error}") from error


def _resolve(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.Attribute):
        return getattr(_resolve(node.value, names), node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return _resolve(node.value, names)[node.slice.value]
    raise CannotLookUp(f"{ast.unparse(node)} is more than a look-up")


def _definition(kind: object) -> Frame | None:
    try:
        path = inspect.getsourcefile(kind)  # type: ignore[arg-type]
        lines, first = inspect.getsourcelines(kind)  # type: ignore[arg-type]
    except (TypeError, OSError):
        return None  # built in, or its source is not at hand
    name = str(getattr(kind, "__qualname__", ""))
    return Frame(path or "", name, first, first, 0, first + len(lines) - 1, 0)
