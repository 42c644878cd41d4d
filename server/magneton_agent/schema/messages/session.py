"""Opening and closing a side, and what it says when it cannot do what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..knobs import Conversion
from ..location import Frame
from ..meters import BoardState, MeterFacts, MissingMeter
from ..recording import Sketch


@dataclass(frozen=True)
class TargetSpec:
    """What to run: ``file`` and ``script`` use ``path``, ``module`` uses ``module``.

    ``name`` is the callable, possibly dotted; for a script the function whose calls are the
    steps, or None where the whole run is one step. ``arguments`` become ``sys.argv[1:]``.
    """

    kind: Literal["file", "module", "script"]
    path: str
    module: str
    name: str | None
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Load:
    """Seed, import the target, build the step (a factory is called, unmeasured).

    ``settings`` are held at what they say from before that on, whatever the program sets;
    ``sources`` are texts that stand for the files at their paths. ``conversion`` is done to what
    the step holds; ``parameters`` are literals that the callable is called with, by name.
    A callable that cannot be given what ``declared`` names is refused before it is called.
    """

    target: TargetSpec
    device: str
    seed: int
    trace_construction: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    conversion: Conversion = ""
    parameters: dict[str, str] = field(default_factory=dict)
    declared: tuple[str, ...] = ()


@dataclass(frozen=True)
class NamedSketch:
    name: str
    shape: tuple[int, ...]
    sketch: Sketch


@dataclass(frozen=True)
class CpuPower:
    """What a machine was found to draw, W: idle as a whole, and beyond that for every busy CPU."""

    idle_w: float
    busy_w: float


@dataclass(frozen=True)
class Loaded:
    """The step is ready. ``parameters`` are the tensors reachable from it, sketched.

    ``meter`` is what the step's energy is read from: ``nvml``, ``rapl``, ``nvml+rapl``, or
    ``model`` because of ``meter_absent``. ``idle_power_w`` is that of all that it covers,
    ``boards`` their state before the first step. ``cpu_power`` is what ``magneton calibrate`` has
    fitted to the CPU, None where it has not; the agent does not know. ``option_files`` are those
    below the workspace that were read (JSON, YAML, TOML, INI), with their SHA-256, where the
    construction was traced.
    """

    python: str
    torch: str
    device: str
    cpu: str
    gpu: str | None
    driver: str | None
    clocks: str | None
    threads: int
    cpus: int
    packages: dict[str, str]
    settings: dict[str, str]
    meter: str
    meter_absent: str | None
    idle_power_w: float | None
    mode_overhead_s: float
    files: dict[str, str]
    parameters: tuple[NamedSketch, ...]
    warnings: tuple[str, ...]
    meters: tuple[MeterFacts, ...] = ()
    missing: tuple[MissingMeter, ...] = ()
    boards: tuple[BoardState, ...] = ()
    cpu_power: CpuPower | None = None
    option_files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Libraries:
    """Which installed modules has the program imported?"""


@dataclass(frozen=True)
class Imported:
    """Names of ``modules``, in the order of their import."""

    modules: tuple[str, ...]


@dataclass(frozen=True)
class Close:
    """End the agent."""


@dataclass(frozen=True)
class Failure:
    """A request that could not be done. ``frames`` are the user's, innermost last."""

    kind: Literal["target", "usage", "raised", "exhausted", "unsupported", "memory", "internal"]
    fact: str
    cause: str
    remedy: str
    frames: tuple[Frame, ...]
