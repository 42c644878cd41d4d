"""Runs steps of the target, whoever calls them.

A callable is called by us. A script calls its own step: there, what is to be done around a step
waits until the script comes to its next call.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, ModuleType

from .schema.messages import TargetSpec
from .step import Step
from .target import STEP_HOOK, build_step, check_takes, import_target, script_code
from .texts import value_of


def load_callable(
    spec: TargetSpec,
    parameters: Mapping[str, str] | None = None,
    declared: Sequence[str] = (),
) -> Step:
    """Import the target and build its step; ``parameters`` are texts of literals to call it with,
    ``declared`` names that it must be able to take.

    Raises: TargetError, and whatever the program raises.
    """
    target = import_target(spec)
    if not callable(target):
        raise TypeError("import_target returned something that cannot be called")
    check_takes(target, declared)
    if parameters:
        target = functools.partial(target, **{k: value_of(v) for k, v in parameters.items()})
    return build_step(target)


def run_script(
    spec: TargetSpec, serve_step: Callable[[Step], object], source: str | None = None
) -> None:
    """Run the script to its end; every step goes through ``serve_step``. ``source`` stands for
    what is in its file.

    Without a step name the whole run is one step.

    Raises: TargetError, and whatever the script raises.
    """
    code = script_code(spec, source)
    sys.argv = [spec.path, *spec.arguments]
    sys.path.insert(0, os.path.dirname(spec.path))
    main = ModuleType("__main__")
    main.__file__ = spec.path
    sys.modules["__main__"] = main
    namespace = vars(main)
    if spec.name is None:
        serve_step(lambda: _execute(code, namespace))
        return
    namespace[STEP_HOOK] = _step_decorator(serve_step)
    _execute(code, namespace)


def _execute(code: CodeType, namespace: dict[str, object]) -> None:
    try:
        exec(code, namespace)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise  # sys.exit(0) is how many scripts end well


def _step_decorator(serve_step: Callable[[Step], object]) -> Callable[[Step], Step]:
    def decorate(function: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(function)
        def call(*arguments: object, **keywords: object) -> object:
            return serve_step(lambda: function(*arguments, **keywords))

        return call

    return decorate
