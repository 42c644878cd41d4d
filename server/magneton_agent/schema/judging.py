"""What a result was judged by, and what its energies are divided by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Shares: the difference in a region's ``energy`` that counts, the difference in its ``time``
    that makes the cheaper side the faster or slower one, and the smallest part of a step
    (``region``) that is judged."""

    energy: float = 0.10
    time: float = 0.01
    region: float = 0.01


@dataclass(frozen=True)
class Per:
    """A step does ``count`` of a ``unit``: tokens, samples, requests."""

    unit: str
    count: float


@dataclass(frozen=True)
class Resolvable:
    """The smallest difference between two steps' energies that four of five such runs would tell
    from none: as a share, and of side a's step in joules."""

    share: float
    energy_j: float
