"""A program against itself is equal, on a simulated machine with moods."""

from __future__ import annotations

import math
import random

from magneton.analysis.classify import judge, verdict
from magneton.analysis.grouping import Group
from magneton.analysis.statistics import ratio_interval
from magneton_agent.schema.judging import Thresholds
from tests import builders
from tests.analysis.steps import blocks, cost

REGIONS, BLOCKS = 12, 16
GROUPS = [Group((i,), (i,), (i,)) for i in range(REGIONS)]
ORDER = "abba" * (BLOCKS // 2)


class Machine:
    """Moods that last for some blocks, a drift of 1 % from block to block, heavy tails."""

    def __init__(self, source: random.Random) -> None:
        self.source, self.mood, self.blocks = source, 0.0, 0

    def turn(self) -> float:
        """How much slower than usual all of the next block is, as a logarithm."""
        self.mood = 0.7 * self.mood + self.source.gauss(0, 0.02)
        self.blocks += 1
        return self.mood + 0.01 * self.blocks

    def noise(self) -> float:
        """What one measurement has for itself: Student's t with three degrees of freedom."""
        scale = math.sqrt(sum(self.source.gauss(0, 1) ** 2 for _ in range(3)) / 3)
        return 0.02 * self.source.gauss(0, 1) / scale


def compared(source: random.Random) -> str:
    """The verdict on a program and itself, whose regions are not known to be the same work."""
    machine = Machine(source)
    regions: dict[str, list[list[float]]] = {"a": [], "b": []}
    windows: dict[str, list[float]] = {"a": [], "b": []}
    for name in ORDER:
        turn = machine.turn()
        regions[name].append([math.exp(turn + machine.noise()) for _ in range(REGIONS)])
        windows[name].append(math.exp(turn + machine.noise()))
    a, b = (cost(blocks(*regions[name]), (1.0,) * REGIONS, REGIONS) for name in "ab")
    step = ratio_interval(windows["a"], windows["b"])
    judged = judge(GROUPS, a, b, Thresholds())
    found = [builders.finding(class_=each.class_) for each in judged if each.wasteful is not None]
    return verdict(True, found, step, Thresholds.energy)


def test_a_program_against_itself_is_equal_in_19_of_20() -> None:
    source = random.Random(6)
    verdicts = [compared(source) for _ in range(200)]
    assert verdicts.count("equal") >= 190
    assert set(verdicts) <= {"equal", "unresolved"}
