"""Imports a target and builds its step."""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import inspect
import os
import random
import sys
from collections.abc import Callable, Iterable
from types import CodeType, ModuleType

import torch

from .failure import TargetError
from .schema.messages import TargetSpec
from .step import Step

STEP_HOOK = "__magneton_step__"


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy (only if the program has imported it) and torch."""
    random.seed(seed)
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(seed)
    torch.manual_seed(seed)


def import_target(spec: TargetSpec) -> object:
    """The object that ``spec`` names, its file imported as Python itself would.

    Raises:
        TargetError: there is no such file, module or name, or it is not callable.
    """
    sys.argv = [spec.path or spec.module, *spec.arguments]
    module = _import_file(spec.path) if spec.kind == "file" else _import_module(spec.module)
    found: object = module
    for part in (spec.name or "").split("."):
        if not hasattr(found, part):
            raise TargetError(
                f"{spec.path or spec.module} has no {spec.name!r}",
                "the name is not there after importing it",
                f"name one of: {', '.join(_callables(module)) or 'none is defined there'}",
            )
        found = getattr(found, part)
    if not callable(found):
        raise TargetError(
            f"{spec.name!r} in {spec.path or spec.module} is of type {type(found).__name__}",
            "a target is called, once if it returns the step, else as the step",
            "name a function or another callable that takes no arguments",
        )
    return found


def check_takes(target: Callable[..., object], names: Iterable[str]) -> None:
    """Refuse the first of ``names`` that ``target`` has no parameter for; it is not called. What
    does not tell its parameters, as written in C, is believed.

    Raises:
        TargetError: there is one.
    """
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    accepted = [each.name for each in parameters if each.kind in named]
    for name in names:
        if name in accepted:
            continue
        near = difflib.get_close_matches(name, accepted, n=1)
        otherwise = f"let {_name(target)} take {name}, or leave the knob out"
        raise TargetError(
            f"{_name(target)} has no parameter {name!r}",
            "a knob that is declared is one of the target's own parameters, and "
            + (f"it takes {', '.join(accepted)}" if accepted else "it takes none by name"),
            f"did you mean {near[0]}?" if near else otherwise,
            "usage",
        )


def build_step(target: Callable[[], object]) -> Step:
    """Call ``target`` once, to learn what the step is.

    A callable that returns a callable is a factory; otherwise it is the step itself. A module is
    callable, but needs arguments: a factory that returns one has forgotten the inputs.
    """
    result = target()
    if isinstance(result, torch.nn.Module):
        raise TargetError(
            f"{_name(target)} returned a {type(result).__name__}, not a step",
            "a module needs its inputs",
            "return a function that takes no arguments: lambda: model(inputs)",
        )
    return result if callable(result) else target


def script_code(spec: TargetSpec, source: str | None = None) -> CodeType:
    """The script's code; where ``spec.name`` is given, that function decorated by ``STEP_HOOK``.
    ``source`` stands for what is in its file.

    The decorator is put into the syntax tree, so that no line or column moves.
    """
    tree = ast.parse(_content(spec.path) if source is None else source, spec.path)
    if spec.name is not None:
        function = _find_function(tree, spec.name.split("."))
        if function is None:
            raise TargetError(
                f"{spec.path} defines no function {spec.name!r}",
                "--step names a function or Class.method of the script itself",
                "name a function that the script defines at its top level",
            )
        hook = ast.copy_location(ast.Name(STEP_HOOK, ast.Load()), function)
        function.decorator_list.append(hook)
    return compile(tree, spec.path, "exec")


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _find_function(tree: ast.AST, names: list[str]) -> ast.FunctionDef | None:
    for node in reversed(getattr(tree, "body", [])):  # of several the last one counts
        if getattr(node, "name", None) == names[0]:
            if len(names) > 1:
                return _find_function(node, names[1:])
            if isinstance(node, ast.FunctionDef):
                return node
    return None


def _import_file(path: str) -> ModuleType:
    if not os.path.isfile(path):
        raise TargetError(
            f"there is no file {path}", "it cannot be opened", "check the path of the target"
        )
    folder, file = os.path.split(os.path.abspath(path))
    sys.path.insert(0, folder)
    name = os.path.splitext(file)[0]
    if name in sys.modules:
        name += "_target"  # a user's copy.py must not replace the standard library's for torch
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetError(
            f"{path} is not a Python file", "its name does not end in .py", "name one"
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _import_module(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise
        raise TargetError(
            f"there is no module {name}",
            f"Python finds no {error.name} from {os.getcwd()}",
            "check the name, or use path/file.py:name",
        ) from error


def _callables(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]


def _name(target: object) -> str:
    return str(getattr(target, "__qualname__", type(target).__name__))
