"""What a trace is: its parts, and the head of the file that says them (docs/trace.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from magneton_agent.schema.messages import Checked, Loaded, Sample
from magneton_agent.schema.recording import Recording

from ..side import Taken
from .columns import ColumnError
from .recording import Settings

SCHEMA = "magneton.trace/2"
METERS = ("nvml", "rapl", "nvml+rapl", "model")

ITEM_BYTES = {
    **dict.fromkeys(("bool", "int8", "uint8"), 1),
    **dict.fromkeys(("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"), 1),
    **dict.fromkeys(("int16", "uint16", "float16", "bfloat16"), 2),
    **dict.fromkeys(("int32", "uint32", "float32", "complex32"), 4),
    **dict.fromkeys(("int64", "uint64", "float64", "complex64"), 8),
    "complex128": 16,
}


@dataclass(frozen=True)
class Leaf:
    """One tensor that the step returned or wrote, kept as raw little-endian bytes, row-major."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size_bytes(self) -> int:
        """
        Raises:
            ColumnError: no such dtype can be kept, or no such shape exists.
        """
        if self.dtype not in ITEM_BYTES or min(self.shape, default=0) < 0:
            raise ColumnError(f"{self.name} is a tensor of {self.dtype} {list(self.shape)}")
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


@dataclass(frozen=True)
class Trace:
    """One side: what its step is, did and took, in one process and again in a fresh one.

    ``second`` is None where every step has been a process of its own anyway. ``loaded`` and
    ``checked`` are what the agent said; what ``checked`` says about another side is empty.
    """

    target: str
    created: str
    magneton_version: str
    one_shot: bool
    loaded: Loaded
    checked: Checked
    recording: Recording
    first: Taken
    second: Taken | None
    outputs: tuple[Leaf, ...]


@dataclass(frozen=True)
class Blocks:
    """How many timed steps each block has; ``dropped`` ran other operators."""

    steps: tuple[int, ...]
    dropped: int


@dataclass(frozen=True)
class Header:
    """``trace.json``. ``loaded.parameters`` is empty here: they are in columns."""

    target: str
    created: str
    magneton_version: str
    one_shot: bool
    loaded: Loaded
    checked: Checked
    recording: Settings
    samples: tuple[Sample, ...]
    warnings: tuple[str, ...]
    first: Blocks
    second: Blocks | None
    outputs: tuple[Leaf, ...]
    strings: tuple[str, ...]
    schema: str = SCHEMA

    def check(self) -> None:
        """
        Raises:
            ColumnError: the figures are none that measuring gives.
        """
        if not self.samples or not self.first.steps:
            raise ColumnError("nothing was measured")
        for sample in self.samples:
            figures = (sample.duration_s, sample.cpu_s, sample.energy_j or 0.0)
            if not all(map(math.isfinite, figures)) or min(figures) < 0 or not sample.duration_s:
                raise ColumnError(f"samples holds {figures}")
        if self.loaded.meter not in METERS or self.loaded.cpus < 1:
            raise ColumnError(f"loaded has {self.loaded.cpus} CPUs and meter {self.loaded.meter!r}")
