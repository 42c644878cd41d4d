"""Deciding an ambiguous set of candidates by context, and by rank where context is equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .candidates import Allowed, Candidates
from .context import Token, overlap, related, surroundings
from .flow import Flow
from .pairing import Pairing
from .sketches import CONTEXTUAL, agree, is_distinctive, is_varied

# Before the last round a pair is settled only if it is this much better than its rivals.
_MARGIN = 0.02
# What a constant, a tiny tensor or a noisy one must share with its counterpart's surroundings.
_SUPPORT = 0.3
# A token of more members of B than this tells little and would cost much.
_HUB = 16


class _Scored(NamedTuple):
    score: float
    rank_a: int
    rank_b: int


def settle(
    candidate: Candidates, a: Flow, b: Flow, pairing: Pairing, allowed: Allowed, *, last: bool
) -> int:
    """Pair members of ``candidate`` in ``pairing``; return how many.

    Unless ``last``, only pairs that are clearly better than all their rivals.
    """
    open_a = [group for group in candidate.a if group not in pairing.of_a]
    open_b = [group for group in candidate.b if group not in pairing.of_b]
    if not open_a or not open_b:
        return 0
    scored = _scored(open_a, open_b, a, b, pairing, allowed)
    chosen = _best(scored) if last else _clear(scored)
    for each in chosen:
        pairing.add(open_a[each.rank_a], open_b[each.rank_b])
    if last:
        return len(chosen) + _pair_equal_leaves(candidate, a, b, pairing, allowed)
    return len(chosen)


def _scored(
    open_a: list[int], open_b: list[int], a: Flow, b: Flow, pairing: Pairing, allowed: Allowed
) -> list[_Scored]:
    """The pairs worth considering, best first."""
    around_a = [surroundings(a, group, pairing.of_a) for group in open_a]
    around_b = [surroundings(b, group, pairing.of_b) for group in open_b]
    scored = []
    for i, j in _meetings(around_a, around_b):
        tolerance = allowed(open_a[i], open_b[j])
        found_a, found_b = a.features[open_a[i]], b.features[open_b[j]]
        if tolerance is None or not agree(found_a, found_b, tolerance):
            continue
        share = overlap(around_a[i], around_b[j])
        if (tolerance not in CONTEXTUAL and is_distinctive(found_a)) or (
            share >= _SUPPORT
            # Anything may come out as all zeros or as a mask, whatever it was computed from.
            and related(around_a[i], around_b[j], directly=not is_varied(found_a))
        ):
            scored.append(_Scored(share, i, j))
    # Ties stay in order of rank: taken greedily, equals of A meet equals of B in the same order.
    return sorted(scored, key=lambda each: -each.score)


def _meetings(
    around_a: list[frozenset[Token]], around_b: list[frozenset[Token]]
) -> Iterator[tuple[int, int]]:
    """Ranks of pairs that share a telling token, or the rank; ascending."""
    if len(around_b) <= _HUB:  # every token is telling
        for i, tokens in enumerate(around_a):
            for j, others in enumerate(around_b):
                if i == j or not tokens.isdisjoint(others):
                    yield i, j
        return
    holders: dict[Token, list[int]] = {}
    for j, tokens in enumerate(around_b):
        for token in tokens:
            holders.setdefault(token, []).append(j)
    for i, tokens in enumerate(around_a):
        met = {i} if i < len(around_b) else set()
        for token in tokens:
            if len(found := holders.get(token, [])) <= _HUB:
                met.update(found)
        yield from ((i, j) for j in sorted(met))


def _best(scored: list[_Scored]) -> list[_Scored]:
    """Greedily the best pairs, each rank used once."""
    used_a: set[int] = set()
    used_b: set[int] = set()
    chosen = []
    for each in scored:
        if each.rank_a not in used_a and each.rank_b not in used_b:
            used_a.add(each.rank_a)
            used_b.add(each.rank_b)
            chosen.append(each)
    return chosen


def _clear(scored: list[_Scored]) -> list[_Scored]:
    """The pairs that beat every other pair of either member by the margin."""
    scores_a: dict[int, list[float]] = {}
    scores_b: dict[int, list[float]] = {}
    for each in scored:
        scores_a.setdefault(each.rank_a, []).append(each.score)
        scores_b.setdefault(each.rank_b, []).append(each.score)
    return [
        each
        for each in scored
        if _leads(each.score, scores_a[each.rank_a]) and _leads(each.score, scores_b[each.rank_b])
    ]


def _leads(score: float, descending: list[float]) -> bool:
    return score == descending[0] and (len(descending) == 1 or score - descending[1] >= _MARGIN)


def _pair_equal_leaves(
    candidate: Candidates, a: Flow, b: Flow, pairing: Pairing, allowed: Allowed
) -> int:
    """Pair what is left by rank, if it was there before the step and is as many on both sides, or
    is a single number (the step counter of every parameter): equal constants are equal whichever
    is which."""
    rest_a = [g for g in candidate.a if g not in pairing.of_a and g not in a.producer]
    rest_b = [g for g in candidate.b if g not in pairing.of_b and g not in b.producer]
    if not rest_a or (len(rest_a) != len(rest_b) and a.features[rest_a[0]].elements > 1):
        return 0
    count = 0
    for group_a, group_b in zip(rest_a, rest_b, strict=False):
        tolerance = allowed(group_a, group_b)
        if tolerance and agree(a.features[group_a], b.features[group_b], tolerance):
            pairing.add(group_a, group_b)
            count += 1
    return count
