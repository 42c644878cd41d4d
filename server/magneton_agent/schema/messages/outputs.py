"""Whether a step gives the same each time, and the same as the other side's."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

OUTPUTS_INDEX = "outputs.json"
"""In a folder of outputs the list of their names, shapes and dtypes; their bytes are in files
named by position."""

OUTPUTS_TOLERANCE = 0.01
"""The paper's: outputs agree within 1 %."""

_SPACING = {"bfloat16": 2**-7}
"""How far apart numbers are, relative to them, where 1 % is too fine for that."""

_IN_THE_MEAN, _AT_MOST = 2, 16  # spacings: errors of many roundings add up, at random


@dataclass(frozen=True)
class OutputError:
    """How far an output is from another run's: ``largest`` of |a - b| relative to max(|a|, |b|, rms
    of a), infinite where NaN or infinity stand on one side only; ``mean``, the root mean square of
    a - b relative to that of a."""

    largest: float
    mean: float

    def is_small(self, *dtypes: str) -> bool:
        """Whether outputs of these dtypes agree: to 1 % in every element, or, in bfloat16, as far
        as programs do that round at other places."""
        if self.largest <= OUTPUTS_TOLERANCE:
            return True
        spacing = max(_SPACING.get(each, 0.0) for each in dtypes)
        return self.mean <= _IN_THE_MEAN * spacing and self.largest <= _AT_MOST * spacing

    def told(self, name: str) -> str:
        """What is said of an output that does not agree."""
        if math.isinf(self.largest):
            return f"{name}: NaN or infinity on one side only"
        return f"{name}: elements differ by up to {self.largest:.2g} of their size"


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
    operators that drew others. ``repeat`` compares a second run of this side with its first,
    ``against`` this side with the other (empty where there is no other); ``packages`` are the
    versions of those that had been imported when the first step was done."""

    kind: Literal["outputs", "parameters", "none"]
    names: tuple[str, ...]
    parameters_written: int
    repeat: tuple[OutputCheck, ...]
    against: tuple[OutputCheck, ...]
    step_s: float
    masks: int = 0
    draws_left: tuple[str, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
