"""Measuring operators alone, at the moment they run."""

from __future__ import annotations

from dataclasses import dataclass

from ..meters import BoardState


@dataclass(frozen=True)
class ReplayItem:
    """Operator number ``operator`` of the recording, called ``name``, to be measured for at most
    ``budget_s``."""

    operator: int
    name: str
    budget_s: float


@dataclass(frozen=True)
class Replay:
    """Run one step, and measure each of ``operators`` alone at the moment it runs."""

    operators: tuple[ReplayItem, ...]


@dataclass(frozen=True)
class Laid:
    """How a tensor of ``shape`` lies in memory.

    ``order`` names the dimensions of a tensor of another shape in the order in which its elements
    make up this one; empty where the shapes are equal.
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    order: tuple[int, ...] = ()


@dataclass(frozen=True)
class Vary:
    """Run one step, and measure one operator alone as it is and varied, in turn.

    ``arguments`` replace scalar ones by schema name, as recordings write them; ``inputs`` say how
    each of its tensors is to be laid out, None as it is. ``item.budget_s`` is for one measurement.
    """

    item: ReplayItem
    arguments: dict[str, str]
    inputs: tuple[Laid | None, ...]


@dataclass(frozen=True)
class CallEnergy:
    """Energy (J) and time (s) of one call of an operator, from ``calls`` in a row; ``error`` is
    the relative half width of the energy's 95 % interval. ``captured`` says that CUDA graphs held
    the calls."""

    operator: int
    energy_j: float
    error: float
    duration_s: float
    calls: int
    captured: bool


@dataclass(frozen=True)
class NotReplayed:
    """The energy of one call of an operator is not known, because of ``reason``."""

    operator: int
    reason: str


@dataclass(frozen=True)
class Replayed:
    """One outcome for each operator that was asked for; ``boards`` is how boards were meanwhile."""

    operators: tuple[CallEnergy | NotReplayed, ...]
    boards: tuple[BoardState, ...] = ()


@dataclass(frozen=True)
class VariedCall:
    """What one call of an operator took, as it is and varied, pair by pair: joules, or seconds
    where no sensor could tell (``measured`` is false). ``max_relative_error`` is that of what the
    varied call gives."""

    plain: tuple[float, ...]
    varied: tuple[float, ...]
    measured: bool
    max_relative_error: float


@dataclass(frozen=True)
class Varied:
    """``outcome`` of one :class:`Vary`."""

    outcome: VariedCall | NotReplayed
