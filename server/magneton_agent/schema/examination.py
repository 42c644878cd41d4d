"""What ``magneton doctor`` finds out about an interpreter and the machine's sensors."""

from __future__ import annotations

from dataclasses import dataclass

from .meters import MeterFacts, MissingMeter


@dataclass(frozen=True)
class KnownCoefficients:
    """By what ``device`` is modelled where its energy is not read.

    ``path`` is the file that was fitted to it here, None of what comes with Magneton. ``error`` is
    relative, None where it has not been validated.
    """

    device: str
    path: str | None
    origin: str
    error: float | None


@dataclass(frozen=True)
class Examination:
    """Facts only; ``report.doctor`` says what they mean.

    ``torch_problem`` says why ``torch`` (its version) is None. ``cuda`` names the devices that
    torch can use, ``driver`` is theirs where NVML tells it. Every meter is either one of
    ``meters``, calibrated, or one of ``missing``. ``coefficients`` are those of the devices that
    have some.
    """

    python: str
    version: str
    torch: str | None
    torch_problem: str | None
    cpu: str
    cpus: int
    cuda: tuple[str, ...]
    driver: str | None
    meters: tuple[MeterFacts, ...]
    missing: tuple[MissingMeter, ...]
    coefficients: tuple[KnownCoefficients, ...] = ()
