"""A measured side's cost, with the energy of every replayed operator in the place of its share.

The others share the step's mean power, for as long as their kernels ran where those are known:
alike, or as the device's coefficients say. In the step operators meet other caches and clocks than
when they are run alone: what comes of that is in the residual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Refusal, ReplaySummary

from .cost import SideCost, residual
from .replays import Replay, Replays
from .sameness import Key


def device_s(recording: Recording, durations_s: Sequence[float]) -> tuple[float, ...]:
    """How long each operator kept the device busy, s: as long as its kernels ran, where any are
    known. The time between an operator's events also holds the submitting of what follows."""
    if not any(operator.kernels for operator in recording.operators):
        return tuple(durations_s)
    return tuple(
        min(duration_s, sum(kernel.duration_s for kernel in operator.kernels))
        for operator, duration_s in zip(recording.operators, durations_s, strict=True)
    )


def with_replays(
    cost: SideCost,
    recording: Recording,
    keys: Sequence[Key],
    replays: Replays,
    idle_w: float,
    shares: Sequence[float] | None = None,
) -> SideCost:
    """``cost`` of a measured side with the energies of ``replays``. ``idle_w`` is what its device
    draws while no operator runs, ``shares`` what each operator draws beside others."""
    busy_s = device_s(recording, cost.duration_s)
    found = {i: replays[key] for i, key in enumerate(keys) if key in replays}
    rest = [i for i in range(len(busy_s)) if i not in found]
    shared_w = _shared_w(cost.power_w, busy_s, rest, shares)
    power_w = tuple(
        _power_w(found.get(i), duration_s, own_s, mean_w)
        for i, (duration_s, own_s, mean_w) in enumerate(
            zip(cost.duration_s, busy_s, shared_w, strict=True)
        )
    )
    errors = {i: _relative(each.energy_j) for i, each in found.items() if cost.duration_s[i]}
    covered_s = _covered_s(found, busy_s, cost.duration_s)
    idle_s = max(0.0, cost.step_s.value - sum(covered_s)) + _others_s(cost, found, covered_s)
    idle_j = _scaled(cost.idle_j, idle_w * idle_s)
    changed = replace(cost, power_w=power_w, replay_errors=errors, idle_j=idle_j)
    return _balanced(changed)


def _covered_s(
    found: Mapping[int, Replay], busy_s: Sequence[float], durations_s: Sequence[float]
) -> tuple[float, ...]:
    """How much of the step each operator accounts for, s: where one was replayed, what the device
    drew while that call waited for the host is part of its energy, and no idling beside it."""
    return tuple(
        min(duration_s, max(own_s, found[i].duration_s)) if i in found else own_s
        for i, (own_s, duration_s) in enumerate(zip(busy_s, durations_s, strict=True))
    )


def _others_s(cost: SideCost, found: Mapping[int, Replay], covered_s: Sequence[float]) -> float:
    """For how long all boards together would have to idle to take what the others do while one of
    several runs an operator that was replayed, s: its energy is of that board alone."""
    boards = max(1, len(cost.boards_j))
    return (1 - 1 / boards) * sum(covered_s[i] for i in found)


def _shared_w(
    power_w: Sequence[float],
    busy_s: Sequence[float],
    rest: Sequence[int],
    shares: Sequence[float] | None,
) -> Sequence[float]:
    """``power_w`` with that of ``rest`` shared out anew by ``shares``; together they take as much
    as before."""
    if shares is None:
        return power_w
    total_j = sum(power_w[i] * busy_s[i] for i in rest)
    shared_j = sum(power_w[i] * shares[i] * busy_s[i] for i in rest)
    factor = total_j / shared_j if shared_j else 1.0
    return [each * share * factor for each, share in zip(power_w, shares, strict=True)]


def _power_w(replay: Replay | None, duration_s: float, own_s: float, mean_w: float) -> float:
    """What the device draws over the operator's time in the step, W."""
    if not duration_s:
        return mean_w
    return (replay.energy_j.value if replay is not None else mean_w * own_s) / duration_s


def _balanced(cost: SideCost) -> SideCost:
    """``cost`` with the sum of its operators and what is left beside them."""
    operators_j = cost.energy_of(range(len(cost.power_w)))
    residual_j = residual(cost.energy_j, operators_j, cost.idle_j, cost.host_j)
    return replace(cost, operators_j=operators_j, residual_j=residual_j)


def summary(
    cost: SideCost,
    recording: Recording,
    keys: Sequence[Key],
    replays: Replays,
    refused: Mapping[Key, str],
) -> ReplaySummary:
    """What was replayed of a side, and what was to be and could not."""
    replayed = [i for i, key in enumerate(keys) if key in replays]
    energy_j = cost.energy_of(replayed).value
    reasons = dict[tuple[str, str], int]()
    for key in keys:
        if key in refused:
            named = str(key[0]), refused[key]
            reasons[named] = reasons.get(named, 0) + 1
    return ReplaySummary(
        unique=len({keys[i] for i in replayed}),
        operators=len(replayed),
        share=energy_j / (cost.operators_j.value or 1.0),
        refused=tuple(Refusal(name, count, why) for (name, why), count in reasons.items()),
    )


def _relative(energy: Quantity) -> float:
    return (energy.high - energy.low) / 2 / energy.value if energy.value else 0.0


def _scaled(quantity: Quantity, value: float) -> Quantity:
    """``quantity`` moved to ``value``, with the same relative interval."""
    if not quantity.value:
        return Quantity(value, value, value, quantity.source)
    return quantity.scaled(value / quantity.value)
