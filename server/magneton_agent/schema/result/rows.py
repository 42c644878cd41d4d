"""Where each side spends: kernels, operators, ranges, functions, modules."""

from __future__ import annotations

from dataclasses import dataclass

from ..location import Location
from ..quantity import Figure
from ..recording import Phase


@dataclass(frozen=True)
class KernelRow:
    """A kernel that was launched on a GPU ``launches`` times; ``share`` is its part of the GPU time
    of all kernels that it is listed with, in one step that was profiled."""

    name: str
    launches: int
    share: float

    @property
    def text(self) -> str:
        """``gemm ×12 (80 %)``; of a single launch no count."""
        times = f" ×{self.launches}" if self.launches > 1 else ""
        return f"{self.name}{times} ({self.share * 100:.0f} %)"


@dataclass(frozen=True)
class Instance:
    """One time that a source expression ran; ``label`` is its module's path, else its number."""

    label: str
    operators: int
    energy_j: Figure
    duration_s: Figure


@dataclass(frozen=True)
class OperatorRow:
    """One operator instance, in execution order (``--detail operators``)."""

    id: int
    name: str
    phase: Phase
    module: str
    location: Location | None
    duration_s: Figure
    energy_j: Figure
    region: str | None


@dataclass(frozen=True)
class Row:
    """Energy and time of all operators that share ``label`` (a module, a function, a range).

    ``count`` is how often that ran in the step, None in results that do not tell; ``instances``
    are the costliest times, in execution order, none of what ran once.
    """

    label: str
    location: Location | None
    operators: int
    energy_j: Figure
    duration_s: Figure
    share: float
    count: int | None = None
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True)
class Breakdown:
    """One side's energy by source range, function and module, largest first; its GPU time by
    kernel."""

    by_range: tuple[Row, ...]
    by_function: tuple[Row, ...]
    by_module: tuple[Row, ...]
    by_kernel: tuple[KernelRow, ...] = ()


@dataclass(frozen=True)
class Breakdowns:
    a: Breakdown
    b: Breakdown


@dataclass(frozen=True)
class OperatorRows:
    a: tuple[OperatorRow, ...]
    b: tuple[OperatorRow, ...]
