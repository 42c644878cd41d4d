"""The commands' arguments, checked: JSON in, requests out (docs/protocol.md, Commands)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pygls.exceptions import JsonRpcInvalidParams

from magneton.engine.declared import declared_knob
from magneton.engine.request import (
    CompareRequest,
    MeasureRequest,
    Options,
    SideRequest,
    WhatIfRequest,
    per_of,
)
from magneton_agent.schema.codec import from_json

T = TypeVar("T")
_INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def read(kind: type[T], arguments: Sequence[Any]) -> T:
    """The command's one argument as ``kind``; none at all stands for an empty one.

    Raises:
        JsonRpcInvalidParams: it is something else.
    """
    try:
        (argument,) = arguments or ({},)
        return from_json(kind, _snake_case(argument))
    except ValueError as error:  # a SchemaError is one
        raise JsonRpcInvalidParams(f"the command's argument is not usable: {error}") from error


def _snake_case(data: Any) -> Any:
    """JSON's ``timeBudget`` as Python's ``time_budget``, in nested objects too."""
    if not isinstance(data, dict):
        return data
    return {_INNER_CAPITAL.sub("_", key).lower(): _snake_case(item) for key, item in data.items()}


@dataclass(frozen=True)
class RunOptions:
    """A run's options under their names in the protocol.

    Raises:
        ValueError: a time is not above 0, or a threshold not between 0 and 1.
    """

    threshold: float = Options.threshold
    time_budget: float = Options.time_budget_s
    timeout: float = Options.timeout_s
    device: str = Options.device
    step: str | None = None
    args_a: tuple[str, ...] = ()
    args_b: tuple[str, ...] = ()
    time_threshold: float = Options.time_threshold
    smallest_share: float = Options.smallest_share
    per: str | None = None
    fix: bool = Options.fix

    def __post_init__(self) -> None:
        times = {"timeBudget": self.time_budget, "timeout": self.timeout}
        shares = {
            "threshold": self.threshold,
            "timeThreshold": self.time_threshold,
            "smallestShare": self.smallest_share,
        }
        for values, most, range_ in ((times, math.inf, "above 0"), (shares, 1, "between 0 and 1")):
            for name, value in values.items():
                if not 0 < value < most:
                    raise ValueError(f"{name} is {value:g}; give a number {range_}")

    def for_engine(self) -> Options:
        return Options(
            threshold=self.threshold,
            device=self.device,
            step=self.step,
            time_budget_s=self.time_budget,
            timeout_s=self.timeout,
            time_threshold=self.time_threshold,
            smallest_share=self.smallest_share,
            per=per_of(self.per) if self.per else None,
            fix=self.fix,
        )


@dataclass(frozen=True)
class Compare:
    """``uri`` is a document in the workspace folder that the targets are relative to."""

    a: str
    b: str
    python: str | None = None
    options: RunOptions = field(default_factory=RunOptions)
    uri: str | None = None

    def request(self, workspace: Path, python: str) -> CompareRequest:
        return CompareRequest(
            str(workspace),
            SideRequest(self.a, python, self.options.args_a),
            SideRequest(self.b, python, self.options.args_b),
            self.options.for_engine(),
        )


@dataclass(frozen=True)
class Measure:
    """``uri`` as of :class:`Compare`."""

    a: str
    python: str | None = None
    options: RunOptions = field(default_factory=RunOptions)
    uri: str | None = None

    def request(self, workspace: Path, python: str) -> MeasureRequest:
        side = SideRequest(self.a, python, self.options.args_a)
        return MeasureRequest(str(workspace), side, self.options.for_engine())


@dataclass(frozen=True)
class WhatIf(Measure):
    """``knobs`` are parameters of the target itself and what to try, each as NAME=VALUE,VALUE;
    whatever else is tried is known of the program."""

    knobs: tuple[str, ...] = ()

    def trying(self, workspace: Path, python: str) -> WhatIfRequest:
        """The engine's request.

        Raises:
            MagnetonError: one of the knobs names no parameter or no value.
        """
        alone = self.request(workspace, python)
        knobs = tuple(map(declared_knob, self.knobs))
        return WhatIfRequest(alone.workspace, alone.a, alone.options, knobs)


@dataclass(frozen=True)
class Cancel:
    job: str


@dataclass(frozen=True)
class Document:
    """``relative_to`` is a document too: what is in another workspace folder than it is named by
    its absolute path."""

    uri: str
    relative_to: str | None = None


@dataclass(frozen=True)
class Report:
    """``workspace`` is the folder whose result is meant; none stands for the newest of all."""

    workspace: str | None = None


@dataclass(frozen=True)
class ResultFile:
    path: str


@dataclass(frozen=True)
class Interpreter:
    python: str | None = None


@dataclass(frozen=True)
class Nothing:
    pass
