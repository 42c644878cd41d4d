"""The energy of a step that several ranks run together.

Ranks with boards of their own add up. What several of them read is counted once: the same board,
the packages of the machine that they share, or, where nothing is read, its idle power.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence

from magneton_agent.schema.messages import Loaded, Sample

from .power import cpu_model


def windows_together_j(loaded: Loaded, samples: Sequence[Sequence[Sample]]) -> list[float | None]:
    """The step's energy of all ranks together in every window, J; None where one of them has none.

    ``loaded`` stands for every rank, ``samples`` are the windows of each, taken at the same time.
    """
    if loaded.meter == "csv":  # it reads all of the machine, for the first
        return [each.energy_j for each in samples[0]]
    windows = list(zip(*samples, strict=False))
    if loaded.meter == "model":
        return [_modelled_j(loaded, window) for window in windows]
    return [_read_j(window) for window in windows]


def _read_j(window: Sequence[Sample]) -> float | None:
    if any(sample.energy_j is None for sample in window):
        return None
    by_domain = defaultdict[str, list[float]](list)
    for sample in window:
        for each in sample.energies:
            by_domain[each.domain.name].append(each.energy_j)
    return sum(map(statistics.fmean, by_domain.values()))


def _modelled_j(loaded: Loaded, window: Sequence[Sample]) -> float:
    model = cpu_model(loaded)
    step_s = statistics.fmean(sample.duration_s for sample in window)
    return model.idle_j(loaded.cpus, step_s) + model.busy_j(sum(each.cpu_s for each in window))
