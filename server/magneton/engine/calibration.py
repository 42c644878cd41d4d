"""Runs calibration kernels on a device and fits its coefficients to their measured energy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from magneton_agent import schema
from magneton_agent.schema.device import DeviceModel
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError
from magneton_agent.schema.messages import Exercise, Loaded, Measured

from ..analysis.calibration import Kernel, fitted
from ..analysis.device import BUSY, IDLE, features_of
from ..analysis.work.amount import Traffic, Work
from ..analysis.work.call import element_bytes
from ..analysis.work.levels import levels
from . import assemble
from .request import MeterName, OnProgress, Options, Progress, SideRequest
from .runner import Runner
from .side import Side

_WARM_S, _WINDOW_S = 0.7, 1.5  # power drifts in the first second of a load
_FLAT = ("add", "copy")  # of rows of elements; the others are of square matrices
_SOFTMAX = 5  # operations an element, as analysis/work/formulas.py counts them
_CALLS = 20  # a step: launches of small kernels must not leave the board idle
_CACHE_BYTES = 50 << 20
_RATES = {"float32": "fp32", "float64": "fp64", "bfloat16": "bf16", "float16": "fp16"}


@dataclass(frozen=True)
class CalibrateRequest:
    """``device`` is ``cpu`` or ``cuda:N``; ``python`` an interpreter with torch."""

    device: str
    python: str
    meter: MeterName = "auto"
    timeout_s: float = 300.0


async def calibrate(request: CalibrateRequest, on_progress: OnProgress) -> DeviceModel:
    """Fit the coefficients of ``request.device``.

    Raises:
        MagnetonError: no sensor answers there, or a kernel failed.
    """
    options = Options(device=request.device, meter=request.meter, timeout_s=request.timeout_s)
    agent = str(Path(schema.__file__).parent.parent)
    on_progress(Progress("load", 0.02, "loading torch"))
    async with AsyncExitStack() as stack:
        target = SideRequest("calibrated.py:build", request.python)
        side = await stack.enter_async_context(Runner("a", target, agent, options, alone=True))
        _check_sensor(side.loaded, request.device)
        return await calibrated(side, on_progress)


async def calibrated(side: Side, on_progress: OnProgress) -> DeviceModel:
    """The coefficients of the device that ``side`` is loaded on. Raises as :func:`calibrate`."""
    chosen = list(exercises(side.loaded.gpu is not None, side.loaded.threads))
    kernels = []
    for number, exercise in enumerate(chosen):
        done = 0.05 + 0.9 * number / len(chosen)
        on_progress(Progress("measure", done, f"running {name_of(exercise)}"))
        kernels.append(await _measured(side, exercise))
    origin = f"fitted by magneton calibrate, {assemble.now()}, {side.loaded.meter}"
    name = side.loaded.gpu or side.loaded.cpu
    cuda = side.loaded.gpu is not None
    return fitted((name,), kernels, _CACHE_BYTES if cuda else 0, origin)


def _check_sensor(loaded: Loaded, device: str) -> None:
    if device.startswith("cuda") and loaded.gpu is None:
        raise MagnetonError(
            f"there is no {device} to calibrate",
            "torch finds no GPU with that number",
            "Name a device that 'magneton doctor' lists, or --device cpu.",
            exit_status=EXIT_SIDE_FAILED,
        )
    if loaded.meter == "model":
        raise MagnetonError(
            f"{loaded.gpu or loaded.cpu} cannot be calibrated: no sensor measures its energy here",
            loaded.meter_absent or "",
            "Calibrate where a sensor answers ('magneton doctor' lists them) and copy the file "
            "that it writes; until then general coefficients are used.",
            exit_status=EXIT_SIDE_FAILED,
        )


async def _measured(side: Side, exercise: Exercise) -> Kernel:
    await side.ask(replace(exercise, window_s=_WARM_S), Measured)
    answer = await side.ask(replace(exercise, window_s=_WINDOW_S), Measured)
    sample = answer.samples[0]
    if sample.energy_j is None:
        raise MagnetonError(
            f"the energy of {name_of(exercise)} could not be read",
            "; ".join(answer.warnings),
            "Look at the sensor with 'magneton doctor', and run it again.",
            exit_status=EXIT_SIDE_FAILED,
        )
    calls = exercise.calls if side.loaded.gpu is not None else 1
    duration_s = sample.duration_s / calls
    if side.loaded.gpu is None:
        features = {IDLE: sample.duration_s, BUSY: sample.cpu_s}
    else:
        features = board_features(exercise, duration_s)
    return Kernel(name_of(exercise), features, duration_s, sample.energy_j / calls)


def board_features(exercise: Exercise, duration_s: float) -> dict[str, float]:
    """What a GPU is charged for in one call that takes ``duration_s`` (s), by coefficient."""
    if exercise.kind == "idle":
        return {IDLE: duration_s}
    work = _work(exercise)
    return features_of(work, levels([work], _CACHE_BYTES)[0], duration_s)


def _work(exercise: Exercise) -> Work:
    """What one call of a kernel does."""
    elements = exercise.size if exercise.kind in _FLAT else exercise.size**2
    operands = 2 if exercise.kind in ("product", "add") else 1
    size = elements * element_bytes(exercise.dtype)
    counts = {"product": 2 * exercise.size**3, "add": elements, "softmax": _SOFTMAX * elements}
    operations = counts.get(exercise.kind, 0)
    return Work(
        unit="matrix" if exercise.kind == "product" else "vector",
        precision="tf32" if exercise.tf32 else _RATES[exercise.dtype],
        operations=float(operations),
        counted=True,
        reads=tuple(Traffic(number, size) for number in range(operands)),
        writes=(Traffic(operands, size),),
    )


def exercises(gpu: bool, threads: int) -> Iterator[Exercise]:
    """The kernels for a device: products that keep its units busy, movement from its cache and from
    beyond, and nothing."""
    yield Exercise("idle", "float32", 1, False, 1, 0, 0.0)
    if not gpu:
        yield from _cpu_exercises(threads)
        return
    for dtype, tf32, sizes in (
        ("float32", False, (1024, 2048, 4096)),
        ("float32", True, (2048, 4096, 8192)),
        ("bfloat16", False, (2048, 4096, 8192)),
        ("float16", False, (2048, 4096, 8192)),
        ("float64", False, (1024, 2048, 4096)),
    ):
        for size in sizes:
            yield Exercise("product", dtype, size, tf32, _CALLS, 0, 0.0)
    # What draws power by the time that it takes, more than by its bytes.
    for size in (2048, 8192):  # 16 MiB, which fit into the cache, and 256
        yield Exercise("transpose", "float32", size, False, _CALLS, 0, 0.0)
        yield Exercise("softmax", "float32", size, False, _CALLS, 0, 0.0)
    for mebi in (1, 2, 3, 64, 256):  # elements of 4 bytes: up to 36 MiB fit into the cache
        yield Exercise("add", "float32", mebi << 20, False, _CALLS, 0, 0.0)
        yield Exercise("copy", "float32", mebi << 20, False, _CALLS, 0, 0.0)


def _cpu_exercises(threads: int) -> Iterator[Exercise]:
    for number in sorted({1, threads}):
        for size in (256, 1024):
            yield Exercise("product", "float32", size, False, 1, number, 0.0)
        for mebi in (1, 32):
            yield Exercise("add", "float32", mebi << 20, False, 1, number, 0.0)
            yield Exercise("copy", "float32", mebi << 20, False, 1, number, 0.0)


def name_of(exercise: Exercise) -> str:
    """As users read it, with the sizes of its tensors."""
    if exercise.kind == "idle":
        return "idle"
    dtype = "tf32" if exercise.tf32 else _RATES[exercise.dtype]
    threads = f", {exercise.threads} threads" if exercise.threads else ""
    size = (
        f"{exercise.size * element_bytes(exercise.dtype) >> 20} MiB"
        if exercise.kind in _FLAT
        else f"{exercise.size}\N{SUPERSCRIPT TWO}"
    )
    return f"{exercise.kind} {dtype} {size}{threads}"
