"""One program under knobs that it does not set, ``magneton.what-if/1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .knobs import KnobEffect
from .measurement import Measurement
from .quantity import Figure
from .result import Outputs

WHAT_IF_SCHEMA = "magneton.what-if/1"
KnobClass = Literal["saving", "trade-off", "none", "costlier", "untried"]


@dataclass(frozen=True)
class KnobRow:
    """What a step takes with one knob: its energy (J) and time (s).

    ``saving_j`` and ``saving_ratio`` are what the step surely saves, a negative saving where it
    costs more; all figures are absent where it is ``untried``, because of ``reason``. ``effect`` is
    what the knob can change of the results, ``outputs`` what it changed. ``front``: nothing else
    that was tried is better in energy, time or outputs and no worse in the others.
    """

    name: str
    advice: str
    effect: KnobEffect | None
    class_: KnobClass
    saving_j: Figure
    saving_ratio: Figure
    energy_j: Figure
    duration_s: Figure
    outputs: Outputs | None
    front: bool
    reason: str | None = None


@dataclass(frozen=True)
class WhatIf(Measurement):
    """The measurement of the program as it is, and a row for each knob, what saves most first.

    ``front`` says whether the program as it is belongs to the front too.
    """

    schema: str = WHAT_IF_SCHEMA
    knobs: tuple[KnobRow, ...] = ()
    front: bool = True
