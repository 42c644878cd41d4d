"""What ``magneton doctor`` finds out about an interpreter and the machine's sensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rapl = Literal["readable", "unreadable", "absent"]


@dataclass(frozen=True)
class Examination:
    """Facts only; ``report.doctor`` says what they mean.

    ``torch_problem`` and ``nvml_problem`` say why ``torch`` (its version) and ``nvml`` (the board
    whose counter answered) are None. ``cuda`` names the devices that torch can use.
    """

    python: str
    version: str
    torch: str | None
    torch_problem: str | None
    cpu: str
    cpus: int
    cuda: tuple[str, ...]
    nvml: str | None
    nvml_problem: str | None
    rapl: Rapl
