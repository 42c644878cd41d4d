"""What the suite's figures have to reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .programs import Pair
from .scoring import Score

AGREEMENT = {"fp32": 0.99, "bf16": 0.97}
TIME_SHARE = {"inference": 0.95, "training": 0.90}
ROLES_A_REGION = {"inference": 1.3, "training": 1.8}
LABELLED = 0.9
Figure = Literal[
    "f1", "labelled", "region_precision", "region_recall", "roles_a_region", "time_share"
]


@dataclass(frozen=True)
class Aim:
    """``bound`` is the least that is wanted, or with ``most`` the most."""

    bound: float
    most: bool = False

    def met(self, value: float) -> bool:
        return value <= self.bound if self.most else value >= self.bound


def aims_of(pair: Pair) -> dict[Figure, Aim]:
    """The aims that ``pair`` has."""
    agreement = Aim(AGREEMENT[pair.precision])
    aims: dict[Figure, Aim] = {
        "f1": agreement,
        "labelled": Aim(LABELLED),
        "region_precision": agreement,
        "region_recall": agreement,
    }
    if pair.parted is None:
        aims["roles_a_region"] = Aim(ROLES_A_REGION[pair.kind], most=True)
        aims["time_share"] = Aim(TIME_SHARE[pair.kind])
    return aims


def unmet(pair: Pair, score: Score) -> frozenset[Figure]:
    """The figures of ``score`` that miss their aims."""
    return frozenset(
        figure for figure, aim in aims_of(pair).items() if not aim.met(getattr(score, figure))
    )
