"""What a knob is: a setting that a program need not make to compute the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KnobEffect = Literal["identical", "rounding", "precision"]
"""What it can change of what a program computes: nothing; the order of its sums; how many digits
they are computed with."""
Conversion = Literal[
    "", "channels-last", "foreach-optimizer", "fused-optimizer", "compile", "blocking-wait"
]
"""What is done to the objects that a step holds, or to the device."""
Device = Literal["cpu", "cuda"]


@dataclass(frozen=True)
class Knob:
    """One setting to try.

    ``settings`` are held at what they say, by the names of a recording's settings; ``conversion``
    is done to what the step holds. ``advice`` is what a developer writes to have it. It applies on
    ``devices``, to steps that run one of ``operators`` (as in knob_operators.py; none: any) on
    a first operand of one of ``dtypes`` (none: any) and have none of ``without`` and all of
    ``within`` among their phases. It is in force already where one of ``done_by`` runs in these
    phases, and changes nothing for an operator that runs under one of the settings ``moot``.
    """

    name: str
    advice: str
    effect: KnobEffect
    settings: dict[str, str] = field(default_factory=dict)
    conversion: Conversion = ""
    devices: tuple[Device, ...] = ("cpu", "cuda")
    operators: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    done_by: tuple[str, ...] = ()
    moot: dict[str, str] = field(default_factory=dict)
