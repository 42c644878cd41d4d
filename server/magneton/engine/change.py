"""What a program is tried with."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from magneton_agent.schema.knobs import Conversion

_VARIABLE, _END = "os.environ[", "]"
NOT_SET = "not set"


@dataclass(frozen=True)
class Change:
    """What is put in force for one worker; no file is changed.

    ``settings`` have the names and values of a recording's settings, and hold whatever the program
    sets. Variables of the environment (``os.environ['OMP_NUM_THREADS']``) are set before the
    interpreter starts, or taken away where their value is :data:`NOT_SET`. ``sources`` are texts
    that are served in the place of the files at their absolute paths. ``conversion`` is done to
    what the step holds, ``parameters`` are literals that the target is called with; ``arguments``
    follow the program's own on its command line. A target that cannot be given what ``declared``
    names is refused.
    """

    settings: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    conversion: Conversion = ""
    parameters: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()

    @property
    def held(self) -> dict[str, str]:
        """What is put back whenever the program sets it: all that has a value."""
        return {name: value for name, value in self.settings.items() if value != NOT_SET}

    @property
    def environment(self) -> dict[str, str | None]:
        """Variables by their own names; None takes one away."""
        return {
            str(ast.literal_eval(name.removeprefix(_VARIABLE).removesuffix(_END))): (
                None if value == NOT_SET else str(ast.literal_eval(value))
            )
            for name, value in self.settings.items()
            if name.startswith(_VARIABLE)
        }
