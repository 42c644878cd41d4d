"""How much work an operator is: operations, their precision, and the memory it reads and writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Recording, Value

from .call import Call, call_of, held_bytes
from .formulas import Unit, operations

_SHORT = {"float64": "fp64", "float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
_COMPLEX = {"complex128": "fp64", "complex64": "fp32", "complex32": "fp16"}
_TF32_SETTINGS = {
    True: "torch.backends.cudnn.allow_tf32",
    False: "torch.backends.cuda.matmul.allow_tf32",
}
# Operators that take from their first tensor only what their result holds.
_GATHERING = frozenset(
    "embedding index index_select gather slice_backward masked_select".split()  # noqa: SIM905
)
# Operators that write all of their first tensor without having read it.
_OVERWRITING = frozenset("copy_ fill_ zero_ normal_ uniform_ bernoulli_ random_".split())  # noqa: SIM905


@dataclass(frozen=True)
class Traffic:
    """Bytes of one block of memory that an operator reads or writes."""

    storage: int
    bytes: int


@dataclass(frozen=True)
class Work:
    """``operations`` done in ``unit`` at ``precision`` ("fp32", "tf32", "bf16", ... or "int").

    ``counted`` is False where no formula knows the operator: of its work only bytes are known.
    """

    unit: Unit
    precision: str
    operations: float
    counted: bool
    reads: tuple[Traffic, ...]
    writes: tuple[Traffic, ...]

    @property
    def rate(self) -> str:
        """The coefficient that its operations cost by, ``matrix/bf16``."""
        return f"{self.unit}/{self.precision}"


def work_of(recording: Recording, operator: Operator) -> Work:
    """The work of one operator of ``recording``; a view is none."""
    call = call_of(recording, operator)
    if call.is_view:
        return Work("vector", "int", 0.0, counted=True, reads=(), writes=())
    unit, count = operations(call) or ("vector", None)
    return Work(
        unit=unit,
        precision=_precision(call, unit, recording.settings_at(operator)),
        operations=count or 0.0,
        counted=count is not None,
        reads=_reads(call),
        writes=_traffic(_unwritten(call)),
    )


def _precision(call: Call, unit: Unit, settings: dict[str, str]) -> str:
    dtypes = [each.dtype for each in (*call.inputs, *call.outputs)]
    known = [_SHORT.get(each) or _COMPLEX.get(each) for each in dtypes]
    found = next((each for each in known if each is not None), "int")
    if found == "fp32" and unit == "matrix":
        setting = _TF32_SETTINGS["conv" in call.name]
        return "tf32" if settings.get(setting) == "True" else "fp32"
    return found


def _reads(call: Call) -> tuple[Traffic, ...]:
    inputs = call.inputs
    if call.name in _OVERWRITING:
        inputs = inputs[1:]
    if call.name in _GATHERING and inputs and call.outputs:
        taken = Traffic(inputs[0].storage, min(map(held_bytes, (inputs[0], call.outputs[0]))))
        return (taken, *_traffic(inputs[1:]))
    return _traffic(inputs)


def _unwritten(call: Call) -> list[Value]:
    """What it really writes: not the memory that it only hands out."""
    if "empty" in call.name:
        return []
    held = {(each.storage, each.version) for each in call.inputs}
    return [each for each in call.outputs if (each.storage, each.version) not in held]


def _traffic(values: Iterable[Value]) -> tuple[Traffic, ...]:
    return tuple(Traffic(each.storage, held_bytes(each)) for each in values)
