"""Targets: what a user names to be run, and what of a file can be named.

``path/file.py:name``, ``package.module:name`` or ``path/script.py``, with or without an
``@REVISION`` behind it. Everything here is read from the source; nothing is imported or run.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import TargetSpec
from magneton_agent.schema.reading import read_regular

from .suggest import no_such_file
from .text import decode

if TYPE_CHECKING:
    from .scan import Outline

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_FILE = re.compile(rf"(?P<path>.+\.py)(?::(?P<name>{_NAME}))?(?:@(?P<revision>[^:]+))?")
_MODULE = re.compile(rf"(?P<module>{_NAME}):(?P<name>{_NAME})(?:@(?P<revision>[^:]+))?")
_FORMS = "path/file.py:name, package.module:name or path/script.py"


@dataclass(frozen=True)
class Target:
    """A target as it was written: ``path`` for a file or script, ``module`` for a module.

    ``name`` is None for a script, ``revision`` for the files as they are.
    """

    text: str
    path: str | None
    module: str | None
    name: str | None
    revision: str | None = None


def parse(text: str) -> Target:
    """``text`` taken apart, without looking at any file.

    Raises:
        MagnetonError: it is no target.
    """
    match = _FILE.fullmatch(text) or _MODULE.fullmatch(text)
    if match is None:
        raise MagnetonError(
            f"'{text}' is not a target",
            "it names neither a Python file nor a callable in a module",
            f"name one as {_FORMS}, for example train.py:build",
        )
    parts = match.groupdict()
    return Target(text, parts.get("path"), parts.get("module"), parts["name"], parts["revision"])


def resolve(
    text: str, workspace: Path, arguments: tuple[str, ...] = (), step: str | None = None
) -> TargetSpec:
    """What an agent is asked to load, with an absolute path.

    ``step`` is the function whose calls are a script's steps; other targets name their step
    themselves. A module that is not in ``workspace`` is not checked: only the side's own
    interpreter knows it.

    Raises:
        MagnetonError: no target, no such file, no such name, or a function that needs arguments.
    """
    target = parse(text)
    if target.module is not None:
        file = module_file(target.module, workspace)
        if file is not None and target.name is not None:
            _check_callable(target.text, file, target.name)
        return TargetSpec("module", "", target.module, target.name, arguments)
    file = (workspace / (target.path or "")).absolute()
    if not file.is_file():
        fact, cause, remedy = no_such_file(text, file, workspace)
        if target.revision is not None:
            cause = f"revision {target.revision} has no {target.path}"
        raise MagnetonError(fact, cause, remedy)
    if target.name is None:
        if step is not None:
            _check_bound(target.text, file, step)
        return TargetSpec("script", str(file), "", step, arguments)
    _check_callable(target.text, file, target.name)
    return TargetSpec("file", str(file), "", target.name, arguments)


def target_file(target: Target, workspace: Path) -> Path | None:
    """The file that ``target`` names, or None where that cannot be told from the workspace."""
    if target.module is not None:
        return module_file(target.module, workspace)
    return workspace / (target.path or "")


def module_file(module: str, workspace: Path) -> Path | None:
    """The file of ``module`` in ``workspace``, or None where it lies elsewhere."""
    base = workspace.joinpath(*module.split("."))
    for file in (base.with_suffix(".py"), base / "__init__.py"):
        if file.is_file():
            return file
    return None


def _check_callable(text: str, file: Path, name: str) -> None:
    outline = _check_bound(text, file, name)
    function = outline.functions.get(name) if outline else None
    if function is None or not function.required:
        return
    needed = ", ".join(function.required)
    raise MagnetonError(
        f"'{text}' cannot be called without arguments",
        f"{name} (line {function.line}) needs {needed}",
        "name a function that takes no arguments and builds what is needed itself",
    )


def _check_bound(text: str, file: Path, name: str) -> Outline | None:
    """The file's outline; None where it cannot be read here and the agent has to tell."""
    outline = _outline(file)
    first = name.partition(".")[0]
    if outline is None or outline.open or first in outline.bound:
        return outline
    near = difflib.get_close_matches(first, outline.bound, n=3)
    callable_names = [function.name for function in outline.callable_functions()]
    raise MagnetonError(
        f"'{text}': there is no {first} in {file.name}",
        "its top level defines no such name",
        _suggestion(near, callable_names) or f"define {first} at the top level of {file.name}",
    )


def _suggestion(near: list[str], functions: list[str]) -> str:
    if near:
        return f"did you mean {' or '.join(near)}?"
    if not functions:
        return ""
    return f"the functions there that need no arguments are {', '.join(functions[:8])}"


def _outline(file: Path) -> Outline | None:
    from . import scan  # libcst takes a fifth of a second to import: not for parsing a name

    try:
        return scan.outline(decode(read_regular(file)))
    except (OSError, UnicodeDecodeError, SyntaxError, scan.UnreadableError):
        return None
