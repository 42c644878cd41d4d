"""One recorded step: operators, values and their sketches, stacks, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .location import Frame

Phase = Literal["forward", "backward", "optimizer"]
ValueKind = Literal["float", "complex", "int", "bool"]
Origin = Literal["parameter", "input", "operator"]


@dataclass(frozen=True)
class NonFinite:
    """How many elements are not finite numbers, by what they are."""

    nan: int
    positive_infinity: int
    negative_infinity: int

    @property
    def elements(self) -> int:
        return self.nan + self.positive_infinity + self.negative_infinity


@dataclass(frozen=True)
class Sketch:
    """Layout-invariant summary of a tensor's values, sums accumulated in float64.

    ``total`` = sum of x, ``absolute`` = sum of |x|, ``square``, ``cube``, ``fourth`` = sums of
    x**2, x**3, x**4. A complex tensor is summarised through its real view; a boolean one as 0/1.
    ``finite`` is false where NaN or infinity occurred: the sums and extremes are then those of the
    other elements, and ``nonfinite`` says how many were left out; it is None where the sums
    themselves left the range, and all of them are then meaningless (0).
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
    nonfinite: NonFinite | None = None


@dataclass(frozen=True)
class Value:
    """One version of one tensor.

    ``group`` joins values that hold the same elements in another layout (view, transpose,
    clone): it is the id of the group's first value, which alone carries the ``sketch``.
    ``name`` is the parameter's dotted name where there is one. ``storage`` numbers the memory that
    holds the value, views share it; ``version`` rises with every write to it.
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
    storage: int
    version: int


@dataclass(frozen=True)
class Kernel:
    """One kernel that an operator launched on a GPU, and how long it ran there."""

    name: str
    duration_s: float


@dataclass(frozen=True)
class Operator:
    """One framework operation, in execution order (``id`` = index).

    ``inputs`` and ``outputs`` are value ids; a written argument appears as an input in its old
    version and as an output in its new one. ``arguments`` are the scalar arguments by schema
    name, rendered with ``repr``. ``movement`` marks operators that only move or relabel data.
    ``stack`` indexes :attr:`Recording.stacks`. A backward operator's ``forward`` is the id of the
    forward operator that made it, where it is known. ``random`` says that it drew random numbers,
    so that what it gave depends on the generator's state. ``settings`` indexes
    :attr:`Recording.variants`. ``kernels`` are those that it launched, none on a CPU.
    ``named_phase`` is what the program calls the part of the step it runs in, or ``prefill`` or
    ``decode`` where it generates; ``""`` is no such part.
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
    random: bool = False
    settings: int = 0
    kernels: tuple[Kernel, ...] = ()
    named_phase: str = ""


@dataclass(frozen=True)
class Recording:
    """Everything that one step did.

    ``stacks`` list frame indices innermost first. ``settings`` are the framework settings in
    force at the first operator (``torch.backends.cuda.matmul.allow_tf32`` -> ``"False"``); each of
    ``variants`` is what differs from them at some operators, the first one nothing. ``outputs``
    are the value ids of the step's returned tensors; ``compiled`` names functions under
    ``torch.compile``, which were recorded as the eager program.
    """

    operators: tuple[Operator, ...]
    values: tuple[Value, ...]
    frames: tuple[Frame, ...]
    stacks: tuple[tuple[int, ...], ...]
    settings: dict[str, str]
    outputs: tuple[int, ...]
    compiled: tuple[str, ...]
    variants: tuple[dict[str, str], ...] = field(default_factory=lambda: ({},))

    def settings_at(self, operator: Operator) -> dict[str, str]:
        """The settings in force while ``operator`` ran."""
        return self.settings | self.variants[operator.settings]
