"""One recorded step: operators, values and their sketches, stacks, settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .location import Frame

Phase = Literal["forward", "backward", "optimizer"]
ValueKind = Literal["float", "complex", "int", "bool"]
Origin = Literal["parameter", "input", "operator"]


@dataclass(frozen=True)
class Sketch:
    """Layout-invariant summary of a tensor's values, sums accumulated in float64.

    ``total`` = sum of x, ``absolute`` = sum of |x|, ``square``, ``cube``, ``fourth`` = sums of
    x**2, x**3, x**4. A complex tensor is summarised through its real view; a boolean one as 0/1.
    ``finite`` is false where NaN or infinity occurred; the sums are then meaningless (0).
    """

    elements: int
    total: float
    absolute: float
    square: float
    cube: float
    fourth: float
    low: float
    high: float
    finite: bool


@dataclass(frozen=True)
class Value:
    """One version of one tensor.

    ``group`` joins values that hold the same elements in another layout (view, transpose,
    clone): it is the id of the group's first value, which alone carries the ``sketch``.
    ``name`` is the parameter's dotted name where there is one.
    """

    id: int
    group: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str
    kind: ValueKind
    origin: Origin
    name: str | None
    sketch: Sketch | None


@dataclass(frozen=True)
class Operator:
    """One framework operation, in execution order (``id`` = index).

    ``inputs`` and ``outputs`` are value ids; a written argument appears as an input in its old
    version and as an output in its new one. ``arguments`` are the scalar arguments by schema
    name, rendered with ``repr``. ``movement`` marks operators that only move or relabel data.
    ``stack`` indexes :attr:`Recording.stacks`. A backward operator's ``forward`` is the id of the
    forward operator that made it, where it is known.
    """

    id: int
    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    arguments: dict[str, str]
    phase: Phase
    module: str
    stack: int
    movement: bool
    forward: int | None


@dataclass(frozen=True)
class Recording:
    """Everything that one step did.

    ``stacks`` list frame indices innermost first. ``settings`` are the framework settings in
    force (``torch.backends.cuda.matmul.allow_tf32`` -> ``"False"``). ``outputs`` are the value ids
    of the step's returned tensors; ``compiled`` names functions under ``torch.compile``, which
    were recorded as the eager program.
    """

    operators: tuple[Operator, ...]
    values: tuple[Value, ...]
    frames: tuple[Frame, ...]
    stacks: tuple[tuple[int, ...], ...]
    settings: dict[str, str]
    outputs: tuple[int, ...]
    compiled: tuple[str, ...]
