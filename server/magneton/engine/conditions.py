"""What the figures of one side were taken under, and what of it makes them less certain."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from magneton_agent.schema.messages import Loaded
from magneton_agent.schema.meters import BoardState, MeterFacts
from magneton_agent.schema.result import BoardConditions, Conditions, MeterConditions

_DISAGREEMENT = 0.05
_CLOCKS_MOVED, _WARMED_C = 0.05, 10  # of the highest; power drifts by some per cent with so much


def conditions_of(
    loaded: Loaded,
    packages: Mapping[str, str],
    settings: dict[str, str],
    states: Sequence[BoardState],
    warnings: Iterable[str],
) -> Conditions:
    """``packages`` are those that ran, ``settings`` those in force, ``states`` what boards said in
    each window, in order."""
    return Conditions(
        packages=dict(packages),
        cpu=loaded.cpu,
        gpu=loaded.gpu,
        driver=loaded.driver,
        clocks=loaded.clocks,
        threads=loaded.threads,
        settings=settings,
        warnings=tuple(warnings),
        meters=tuple(map(_meter, loaded.meters)),
        boards=tuple(_board(seen) for seen in _by_board([*loaded.boards, *states])),
    )


def board_warnings(states: Sequence[BoardState]) -> list[str]:
    """What boards said while they were measured that a reader must know."""
    return [warning for seen in _by_board(states) for warning in _warnings(seen)]


def alone_warnings(states: Sequence[BoardState], beside: Sequence[BoardState]) -> list[str]:
    """What boards said while operators were run alone, and not ``beside`` that while whole steps
    were measured. Clocks and temperatures are others there by nature."""
    told = {each.uuid: each for each in map(_said, _by_board(beside))}
    found = []
    for each in map(_said, _by_board(states)):
        before = told.get(each.uuid, replace(each, throttled=(), others=()))
        if others := [who for who in each.others if who not in before.others]:
            found.append(
                f"while operators were run alone {each.name} was also used by "
                f"{', '.join(others)}: their energy is in the replayed figures"
            )
        if held := [why for why in each.throttled if why not in before.throttled]:
            found.append(
                f"while operators were run alone the clocks of {each.name} were held down "
                f"({', '.join(held)}), which they were not in whole steps: operators took longer, "
                "and other power, than in the step"
            )
    return found


def _said(seen: Sequence[BoardState]) -> BoardState:
    return replace(
        seen[0],
        throttled=_all(state.throttled for state in seen),
        others=_all(state.others for state in seen),
    )


def _by_board(states: Iterable[BoardState]) -> list[list[BoardState]]:
    found = defaultdict[str, list[BoardState]](list)
    for state in states:
        found[state.uuid].append(state)
    return list(found.values())


def _meter(facts: MeterFacts) -> MeterConditions:
    return MeterConditions(
        name=facts.name,
        covers=facts.covers,
        period_s=facts.period_s,
        call_s=facts.call_s,
        lag_s=facts.lag_s,
        error=facts.error,
        clock=facts.clock,
    )


def _board(seen: Sequence[BoardState]) -> BoardConditions:
    first, last = seen[0], seen[-1]
    return BoardConditions(
        uuid=first.uuid,
        name=first.name,
        temperature_before_c=first.temperature_c,
        temperature_after_c=last.temperature_c,
        sm_before_mhz=first.sm_mhz,
        sm_after_mhz=last.sm_mhz,
        memory_mhz=last.memory_mhz,
        throttled=_all(state.throttled for state in seen),
        others=_all(state.others for state in seen),
        unknown=_all(state.unknown for state in seen),
    )


def _all(each: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Every text once, in order of first appearance."""
    return tuple(dict.fromkeys(text for texts in each for text in texts))


def _warnings(seen: Sequence[BoardState]) -> list[str]:
    name, found = seen[0].name, []
    if others := _all(state.others for state in seen):
        found.append(
            f"{name} was also used by {', '.join(others)}: the counter covers the whole board, "
            "so that their energy is in these figures"
        )
    elif not all(state.others_known for state in seen):
        found.append(
            f"whether anything else used {name} cannot be told, as the driver does not list the "
            "processes of this container: the counter covers the whole board, and would hold its "
            "energy too; nvidia-smi on the host shows it"
        )
    if held := _all(state.throttled for state in seen):
        found.append(
            f"the clocks of {name} were held down ({', '.join(held)}): its time and power wander, "
            "and another board or a colder one would give other figures"
        )
    else:
        found += _moved_clocks(name, seen)
    return [*found, *_warmed(name, seen), *_disagreement(name, seen)]


def _moved_clocks(name: str, seen: Sequence[BoardState]) -> list[str]:
    """Clocks that moved from window to window, for no reason that the board gave."""
    clocks_mhz = [each.sm_mhz for each in seen if each.sm_mhz is not None]
    if not clocks_mhz or min(clocks_mhz) >= (1 - _CLOCKS_MOVED) * max(clocks_mhz):
        return []
    return [
        f"the clock of {name} moved between {min(clocks_mhz)} and {max(clocks_mhz)} MHz: its time "
        "and power moved with it; fix it (nvidia-smi --lock-gpu-clocks) or measure for longer"
    ]


def _warmed(name: str, seen: Sequence[BoardState]) -> list[str]:
    """Windows between which the board's temperature moved."""
    found_c = [each.temperature_c for each in seen if each.temperature_c is not None]
    if not found_c or max(found_c) - min(found_c) < _WARMED_C:
        return []
    return [
        f"{name} was at {min(found_c)} to {max(found_c)} °C while it was measured: a warmer board "
        "draws more for the same work; measure for longer, or warm it up first"
    ]


def _disagreement(name: str, seen: Sequence[BoardState]) -> list[str]:
    both = [
        (state.counter_w, state.instant_w)
        for state in seen
        if state.counter_w is not None and state.instant_w is not None
    ]
    if not both:
        return []
    counter_w, instant_w = (statistics.median(values) for values in zip(*both, strict=True))
    if abs(instant_w - counter_w) <= _DISAGREEMENT * counter_w:
        return []
    return [
        f"the sensors of {name} disagree: {counter_w:.1f} W by its energy counter, which the "
        f"figures are from, {instant_w:.1f} W by its instant power"
    ]
