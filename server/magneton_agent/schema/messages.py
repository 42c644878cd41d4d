"""What engine and agent say to each other over the private descriptor.

One JSON object a line. The engine sends a request, the agent answers with one reply: the type
that :data:`REPLIES` names, or a :class:`Failure`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .location import Frame
from .meters import BoardState, DomainEnergy, MeterFacts, MissingMeter
from .recording import Sketch

OUTPUTS_INDEX = "outputs.json"
"""In a folder of outputs the list of their names, shapes and dtypes; their bytes are in files
named by position."""

OUTPUTS_TOLERANCE = 0.01
"""The paper's: outputs agree within 1 %."""


def names_digest(names: Iterable[str]) -> str:
    """A digest of operator names in order: equal where two steps ran the same operators."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


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
    """Seed, import the target, build the step (a factory is called, unmeasured)."""

    target: TargetSpec
    device: str
    seed: int
    trace_construction: bool = False


@dataclass(frozen=True)
class Masks:
    """Keep what random operators give in ``folder``, or ``replay`` what another side kept."""

    folder: str
    replay: bool


@dataclass(frozen=True)
class Check:
    """Run the first step, then one more from the same seeds; outputs go to files in ``folder``.

    ``compare_with`` is the folder of the other side's outputs, or None. Without ``twice`` there is
    no second step: of several ranks each would decide for itself whether it runs one.
    """

    folder: str
    compare_with: str | None
    masks: Masks | None = None
    twice: bool = True


@dataclass(frozen=True)
class Measure:
    """Run ``steps`` whole steps untraced, at least ``window_s`` seconds of them."""

    steps: int
    window_s: float


@dataclass(frozen=True)
class Record:
    """Run one step with values."""

    masks: Masks | None = None


@dataclass(frozen=True)
class Time:
    """Run ``steps`` steps, timing every operator.

    ``names`` is the :func:`names_digest` of the recording: a step that runs other operators is
    dropped.
    """

    steps: int
    names: str


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
class Site:
    """A place in a function of the recorded program, where ``expressions`` are evaluated."""

    path: str
    function: str
    first_line: int
    line: int
    expressions: tuple[str, ...]


@dataclass(frozen=True)
class Probe:
    """Run one step and report values at ``sites`` and the arguments of their functions."""

    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Inspect:
    """Evaluate ``expression`` with the arguments that ``function``, a constructor of object
    ``token``, was called with (qualified name, ``GPT2MLP.__init__``)."""

    token: int
    function: str
    expression: str


@dataclass(frozen=True)
class Exercise:
    """Measure a calibration kernel instead of the step, as :class:`Measure` does the step.

    ``kind`` is what it does with tensors of ``dtype``: matrix products of ``size`` x ``size``
    (with TensorFloat-32 where ``tf32``), sums or copies of ``size`` elements, or nothing. On a GPU
    ``calls`` calls make one step. ``threads`` are those of torch, 0 as many as it has.
    """

    kind: Literal["idle", "product", "add", "copy"]
    dtype: str
    size: int
    tf32: bool
    calls: int
    threads: int
    window_s: float


@dataclass(frozen=True)
class Mark:
    """Load the device fully in the slots that ``pattern`` names, leave it idle in the others;
    each takes ``slot_s``."""

    pattern: tuple[bool, ...]
    slot_s: float


@dataclass(frozen=True)
class Close:
    """End the agent."""


Request = (
    Load | Check | Measure | Record | Time | Replay | Probe | Inspect | Exercise | Mark | Close
)


@dataclass(frozen=True)
class NamedSketch:
    name: str
    shape: tuple[int, ...]
    sketch: Sketch


@dataclass(frozen=True)
class Loaded:
    """The step is ready. ``parameters`` are the tensors reachable from it, sketched.

    ``meter`` is what the step's energy is read from: ``nvml``, ``rapl``, ``nvml+rapl``, or
    ``model`` because of ``meter_absent``. ``idle_power_w`` is that of all that it covers,
    ``boards`` their state before the first step.
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


@dataclass(frozen=True)
class OutputCheck:
    """One output against another run's: the first difference in words, or None."""

    name: str
    equal: bool
    max_relative_error: float | None
    difference: str | None


@dataclass(frozen=True)
class Checked:
    """``kind`` says what stands for the step's outputs; ``parameters_written`` names those that
    the step changed, ``masks`` how many random results were kept or replayed, ``draws_left`` the
    operators that drew others. ``repeat`` compares
    a second run of this side with its first, ``against`` this side with the other (empty where
    there is no other)."""

    kind: Literal["outputs", "parameters", "none"]
    names: tuple[str, ...]
    parameters_written: int
    repeat: tuple[OutputCheck, ...]
    against: tuple[OutputCheck, ...]
    step_s: float
    masks: int = 0
    draws_left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One window of ``steps`` measured steps, from ``started_s`` to ``ended_s`` of the monotonic
    clock; time and energy are those of one step.

    ``cpu_s`` is the CPU time of the worker and its children. ``energies`` is what each domain
    took that the side's meter covers, ``energy_j`` their sum; None where no sensor answered.
    """

    steps: int
    duration_s: float
    cpu_s: float
    energy_j: float | None
    energies: tuple[DomainEnergy, ...] = ()
    started_s: float = 0.0
    ended_s: float = 0.0


@dataclass(frozen=True)
class Measured:
    """``boards`` is their state right after the window."""

    samples: tuple[Sample, ...]
    warnings: tuple[str, ...]
    boards: tuple[BoardState, ...] = ()


@dataclass(frozen=True)
class StepTiming:
    """One timing-only step: per operator wall and CPU seconds, and those between operators."""

    duration_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    between_s: float
    between_cpu_s: float


@dataclass(frozen=True)
class Timed:
    """``steps`` whose operators were those of the recording; ``dropped`` did others."""

    steps: tuple[StepTiming, ...]
    dropped: int


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
    """One outcome for each operator that was asked for."""

    operators: tuple[CallEnergy | NotReplayed, ...]


@dataclass(frozen=True)
class Described:
    """A Python object as far as it can be told without running its code.

    ``value`` is the ``repr`` of a scalar (str, number, bool, None, dtype, device), else None.
    ``type`` is the qualified type name; for a function or class, its own qualified name.
    ``token`` names the object in later :class:`Inspect` requests. ``defined`` is where its class
    or function is written; ``built`` the stack, innermost first, of the call that built it.
    """

    expression: str
    value: str | None
    type: str
    token: int | None
    defined: Frame | None
    built: tuple[Frame, ...]


@dataclass(frozen=True)
class Argument:
    """One argument that a function was entered with."""

    name: str
    value: Described


@dataclass(frozen=True)
class SiteValues:
    """The values at one site, in its first visit of the step. ``reached`` is false where the
    step never came there."""

    reached: bool
    values: tuple[Described, ...]
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Probed:
    sites: tuple[SiteValues, ...]


@dataclass(frozen=True)
class Inspected:
    """``value`` is None where the expression could not be evaluated, because of ``reason``."""

    value: Described | None
    reason: str | None


@dataclass(frozen=True)
class Failure:
    """A request that could not be done. ``frames`` are the user's, innermost last."""

    kind: Literal["target", "raised", "exhausted", "unsupported", "memory", "internal"]
    fact: str
    cause: str
    remedy: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Slot:
    """A stretch of the monotonic clock in which the device was loaded (``on``) or left alone."""

    on: bool
    started_s: float
    ended_s: float


@dataclass(frozen=True)
class Marked:
    """When each slot of a :class:`Mark` was."""

    slots: tuple[Slot, ...]


Reply = Loaded | Checked | Measured | Timed | Replayed | Probed | Inspected | Marked | Failure
