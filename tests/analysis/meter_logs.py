"""Logs of a meter that never was: known power, on a clock that differs by a known offset."""

from __future__ import annotations

import random

from magneton.analysis.alignment import PATTERN
from magneton.analysis.power_log import PowerLog
from magneton_agent.schema.messages import Slot

IDLE_W, BUSY_W = 10.0, 25.0


def marker(start_s: float, slot_s: float = 0.5) -> list[Slot]:
    """The marker load, begun at ``start_s``."""
    return [
        Slot(on, start_s + number * slot_s, start_s + (number + 1) * slot_s)
        for number, on in enumerate(PATTERN)
    ]


def power_at(time_s: float, spans: list[Slot]) -> float:
    """Watts at a time of the worker's clock."""
    busy = any(span.on and span.started_s <= time_s < span.ended_s for span in spans)
    return BUSY_W if busy else IDLE_W


def logged(
    spans: list[Slot],
    until_s: float,
    offset_s: float = 37.5,
    drift: float = 0.0,
    period_s: float = 0.05,
    noise_w: float = 0.0,
) -> PowerLog:
    """A reading every ``period_s`` from 0 to ``until_s`` of the worker's clock."""
    source = random.Random(7)
    times = [number * period_s for number in range(int(until_s / period_s) + 1)]
    return PowerLog(
        [time_s * (1 + drift) + offset_s for time_s in times],
        [power_at(time_s, spans) + source.gauss(0.0, noise_w) for time_s in times],
    )
