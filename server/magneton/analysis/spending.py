"""How much of the error rate a look may spend, where one looks again while more is measured.

Who looks three times at 5 % is wrong more often than in 5 %. Each look gets a part, so that all
parts together are the whole (Lan and DeMets, with Pocock's spending function: the parts are nearly
equal, and a clear difference is decided at the first look). The sum of the parts bounds the rate
whatever the looks have in common.
"""

from __future__ import annotations

import math


def error_of_look(look: int, looks: int, error: float) -> float:
    """The part of ``error`` for look number ``look`` (from 0) of at most ``looks``, each after as
    many more samples."""
    return _spent((look + 1) / looks, error) - _spent(look / looks, error)


def _spent(fraction: float, error: float) -> float:
    return error * math.log1p((math.e - 1) * fraction)
