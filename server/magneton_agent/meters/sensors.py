"""Which meters there are for a step, calibrated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from ..schema.meters import MeterFacts, MissingMeter
from .bindings import load_pynvml
from .load import keep_busy
from .meter import Meter
from .nvml import NvmlMeter
from .nvml_errors import NvmlAbsent
from .rapl import ROOT, RaplMeter, rapl_meter

_UNSETTLED = (
    "how long the board's energy counter takes to settle after a change of load could not be told: "
    "if it averages over time, windows hold some of what ran before them. Run magneton doctor when "
    "nothing else uses the board: it shows whether that is told then"
)


@dataclass(frozen=True)
class Sensors:
    """What is read: boards, packages, both, or neither because of ``absent``."""

    nvml: NvmlMeter | None
    rapl: RaplMeter | None
    absent: str | None
    missing: tuple[MissingMeter, ...] = ()

    @property
    def meters(self) -> tuple[Meter, ...]:
        return tuple(each for each in (self.nvml, self.rapl) if each is not None)

    @property
    def name(self) -> str:
        """As in :class:`Loaded`."""
        return "+".join(meter.name for meter in self.meters) or "model"

    @property
    def facts(self) -> tuple[MeterFacts, ...]:
        return tuple(each.facts for each in (self.nvml, self.rapl) if each is not None)

    @property
    def idle_power_w(self) -> float | None:
        """Of what runs the operators: the boards, else the packages."""
        if self.nvml is not None:
            return self.nvml.idle_power_w
        return self.rapl.idle_power_w if self.rapl is not None else None

    def follow(self) -> tuple[str, ...]:
        """Read also boards that the step has come to use since; what cannot be told of boards."""
        if self.nvml is None:
            return ()
        try:
            self.nvml.cover(boards_in_use())
        except NvmlAbsent as error:
            return (f"the step uses a further board, whose energy is missing: {error}",)
        unsettled = () if self.nvml.calibration.response is not None else (_UNSETTLED,)
        late = [domain.name for domain in self.nvml.covers if domain not in self.nvml.calibrated]
        if not late:
            return unsettled
        return (
            *unsettled,
            f"{', '.join(late)} came into use after idle power was read: its own is unknown",
        )


def find_sensors(
    cuda: bool, meter: str, pynvml_path: str, rapl_root: str = ROOT, run: int | None = None
) -> Sensors:
    """The calibrated sensors for a step on the GPU (``cuda``) or the CPU; ``meter`` is the user's
    choice, ``run`` the process that started this run. Takes a second or two in which nothing may
    run."""
    if meter == "model":
        return Sensors(None, None, "the model was asked for (--meter model)")
    if cuda and meter == "rapl":
        return Sensors(None, None, "the step runs on a GPU, which RAPL does not count")
    if not cuda and meter == "nvml":
        return Sensors(None, None, "the step runs on the CPU, which NVML does not count")
    nvml = nvml_meter(pynvml_path, boards_in_use(), run) if cuda else None
    if isinstance(nvml, MissingMeter):
        return Sensors(None, None, nvml.reason, (nvml,))  # the host alone is not the step
    rapl = rapl_meter(rapl_root) if meter in ("auto", "rapl") else None
    if isinstance(rapl, MissingMeter):
        return Sensors(nvml, None, None if nvml is not None else rapl.reason, (rapl,))
    return Sensors(nvml, rapl, None)


def boards_in_use() -> tuple[str, ...]:
    """UUIDs of the GPUs that hold tensors of this process, the current one first."""
    current = torch.cuda.current_device()
    others = (i for i in range(torch.cuda.device_count()) if i != current)
    return _uuids([current, *(i for i in others if torch.cuda.memory_reserved(i) > 0)])


def all_boards() -> tuple[str, ...]:
    """UUIDs of the GPUs that torch can use."""
    return _uuids(range(torch.cuda.device_count()))


def nvml_meter(
    pynvml_path: str, uuids: Sequence[str], run: int | None = None
) -> NvmlMeter | MissingMeter:
    """The boards' calibrated meter, or why there is none."""
    try:
        meter = NvmlMeter(load_pynvml(pynvml_path), uuids, run=run)
    except NvmlAbsent as error:
        return MissingMeter("nvml", str(error))
    meter.calibrate(partial(keep_busy, torch.cuda.current_device()))
    return meter


def _uuids(devices: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"GPU-{torch.cuda.get_device_properties(i).uuid}" for i in devices)
