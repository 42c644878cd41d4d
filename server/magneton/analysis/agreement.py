"""How many parameters two programs have in common, whatever they are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from magneton_agent.schema.messages import NamedSketch
from magneton_agent.schema.recording import Sketch

_DIGITS = 5


def agreeing(a: Sequence[NamedSketch], b: Sequence[NamedSketch]) -> int:
    """The number of parameters of ``a`` that have one of their own with equal values in ``b``.

    Layout does not matter: a weight and its transpose agree.
    """
    return (Counter(map(_key, a)) & Counter(map(_key, b))).total()


def _key(parameter: NamedSketch) -> tuple[object, ...]:
    sketch: Sketch = parameter.sketch
    # Rounding puts a few equal pairs on two sides of an edge; a warning can live with that.
    numbers = (sketch.absolute, sketch.square, sketch.low, sketch.high)
    return sketch.elements, sketch.nonfinite, *(f"{number:.{_DIGITS}g}" for number in numbers)
