"""Which values of program A are which values of program B.

Values are matched by layout-invariant sketches; where several agree, and for constants and tiny
tensors, by what surrounds them; what cannot be sketched, by the operators that made it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from magneton_agent.schema.recording import Recording

from .candidates import Allowed, Candidates, candidates, close_tolerance, loose_tolerance
from .congruence import congruent
from .flow import Flow, flow_of
from .growth import pair_growth
from .pairing import Pairing
from .settling import settle
from .sketches import CLOSE, CONTEXTUAL, DRIFTED, REDUCED, Tolerance, is_distinctive
from .sums import pair_sums

_ROUNDS = 4


@dataclass(frozen=True)
class Matching:
    """Pairs of value groups (A, B) that hold the same values, ascending in A.

    1:1, but a value that the other side has in parts is paired with each of them, or with the one
    part that the other side makes anew.
    """

    pairs: tuple[tuple[int, int], ...]


def match(a: Recording, b: Recording) -> Matching:
    """Match the values of two recordings."""
    return match_flows(flow_of(a), flow_of(b))


def match_flows(a: Flow, b: Flow, same_outputs: bool = False) -> Matching:
    """Match the values of two flows.

    ``same_outputs`` says that the steps' outputs were compared element by element and agree: they
    are then pairs, even where two algorithms differ by more than a sketch allows.
    """
    pairing = Pairing()
    if same_outputs:
        _pair_outputs(pairing, a, b)
    _extend(pairing, a, b, close_tolerance(a), CLOSE)
    if a.reduced or b.reduced:
        _extend(pairing, a, b, loose_tolerance(a, b), REDUCED)
    elif a.drifted and b.drifted:
        _extend(pairing, a, b, loose_tolerance(a, b), DRIFTED)
    pair_sums(a, b, pairing)
    pair_growth(a, b, pairing)
    for group_a, group_b in congruent(a, b, pairing):
        pairing.add(group_a, group_b)
    return Matching(tuple(sorted(pairing.pairs)))


def _pair_outputs(pairing: Pairing, a: Flow, b: Flow) -> None:
    """Pair what stands at the same positions of the outputs and has as many elements."""
    of_b = {positions: group for group, positions in b.positions.items()}
    for group, positions in a.positions.items():
        other = of_b.get(positions)
        if other is None or group in pairing.of_a or other in pairing.of_b:
            continue
        if math.prod(a.first[group].shape) == math.prod(b.first[other].shape):
            pairing.add(group, other)


def _extend(pairing: Pairing, a: Flow, b: Flow, allowed: Allowed, width: Tolerance) -> None:
    """Match what agrees within ``allowed``: anchors first, the rest by context."""
    open_a = [group for group in a.first if group not in pairing.of_a]
    open_b = [group for group in b.first if group not in pairing.of_b]
    undecided = []
    for candidate in candidates(a, b, open_a, open_b, allowed, width):
        if _is_anchor(candidate, a, allowed):
            pairing.add(candidate.a[0], candidate.b[0])
        else:
            undecided.append(candidate)
    for _ in range(_ROUNDS):
        if not sum(settle(each, a, b, pairing, allowed, last=False) for each in undecided):
            break
    for each in undecided:
        settle(each, a, b, pairing, allowed, last=True)


def _is_anchor(candidate: Candidates, a: Flow, allowed: Allowed) -> bool:
    if len(candidate.a) > 1 or len(candidate.b) > 1:
        return False
    tolerance = allowed(candidate.a[0], candidate.b[0])
    return is_distinctive(a.features[candidate.a[0]]) and tolerance not in CONTEXTUAL
