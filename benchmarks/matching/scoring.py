"""How much of the truth a matcher found, and how fine its regions are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from magneton.analysis.flow import flow_of
from magneton.analysis.regions import RegionPair

from .labels import Label
from .truth import Known, is_part, most_pairs, provable, repeats_an_input, true_edges

Pairs = Iterable[tuple[int, int]]
Key = tuple[str | None, str]
"""Phase and role."""


@dataclass(frozen=True)
class Answer:
    """What a matcher says of two programs: pairs of value groups, and regions."""

    pairs: tuple[tuple[int, int], ...]
    regions: tuple[RegionPair, ...]


@dataclass(frozen=True)
class Score:
    """``labelled`` is the share of the matched pairs whose roles are known on both sides;
    ``wrong``, ``missed`` and ``bad_regions`` are what keeps the figures from 1."""

    precision: float
    recall: float
    labelled: float
    region_precision: float
    region_recall: float
    roles_a_region: float
    share_a: float
    share_b: float
    wrong: tuple[tuple[int, int], ...]
    missed: tuple[tuple[int, int], ...]
    bad_regions: tuple[RegionPair, ...]
    unfound_roles: tuple[Key, ...]

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def time_share(self) -> float:
        """The share of the step's time in matched regions, of the side that has less of it."""
        return min(self.share_a, self.share_b)


@dataclass(frozen=True)
class Truth:
    """All true edges between values, and the most pairs that a matcher must find."""

    a: Known
    b: Known
    edges: frozenset[tuple[int, int]]
    pairs: frozenset[tuple[int, int]]
    precision: str

    def is_right(self, a: int, b: int) -> bool:
        """Whether two values are equal, or one is a part of the other."""
        return (a, b) in self.edges or is_part(self.a, a, self.b, b, self.precision)

    def is_void(self, a: int, b: int) -> bool:
        """Whether there is nothing to be right or wrong about: no elements, or memory of the same
        role that nobody wrote."""
        if 0 in self.a.recording.values[a].shape:
            return True
        agree = self.a.labels.values[a].agrees(self.b.labels.values[b])
        return agree and a not in self.a.elements and b not in self.b.elements


def truth_of(a: Known, b: Known, precision: str) -> Truth:
    edges = true_edges(a, b, precision)
    pairs = most_pairs(a, b, provable(a, b, edges))
    return Truth(a, b, frozenset(edges), frozenset(pairs), precision)


def score(
    truth: Truth, answer: Answer, duration_a_s: Sequence[float], duration_b_s: Sequence[float]
) -> Score:
    """Judge ``answer``; the durations are of every operator of a step."""
    values_a, values_b = truth.a.labels.values, truth.b.labels.values
    named_pairs = [(a, b) for a, b in answer.pairs if a in values_a and b in values_b]
    judged = [pair for pair in named_pairs if not truth.is_void(*pair)]
    wrong = [pair for pair in judged if not truth.is_right(*pair)]
    right = [pair for pair in judged if pair in truth.edges]
    found_a, found_b = {a for a, _ in right}, {b for _, b in right}
    missed = sorted((a, b) for a, b in truth.pairs if a not in found_a and b not in found_b)
    sides = [_roles_of_regions(truth, region) for region in answer.regions]
    named = [
        (region, a, b)
        for region, (a, b) in zip(answer.regions, sides, strict=True)
        if a.all or b.all
    ]
    good = [each for each in named if each[1].within(each[2]) and each[2].within(each[1])]
    keys = _shared_keys(truth)
    reached = {key for _, a, b in good for key in a.all & b.all} & keys
    return Score(
        precision=_share(len(judged) - len(wrong), len(judged)),
        recall=_share(len(truth.pairs) - len(missed), len(truth.pairs)),
        labelled=_share(len(named_pairs), len(answer.pairs)),
        region_precision=_share(len(good), len(named)),
        region_recall=_share(len(reached), len(keys)),
        roles_a_region=_share(sum(_parts(a, b) for _, a, b in named), len(named)),
        share_a=_time_share(duration_a_s, [i for region in answer.regions for i in region.a]),
        share_b=_time_share(duration_b_s, [i for region in answer.regions for i in region.b]),
        wrong=tuple(wrong),
        missed=tuple(missed),
        bad_regions=tuple(each[0] for each in named if each not in good),
        unfound_roles=tuple(sorted(keys - reached)),
    )


@dataclass(frozen=True)
class _Roles:
    """The roles of the labelled, computing operators of one side of a region; ``single`` are those
    of operators about a single number, which need not be in the other side but may be."""

    each: tuple[frozenset[Key], ...]
    single: frozenset[Key] = frozenset()

    @property
    def all(self) -> frozenset[Key]:
        return frozenset().union(*self.each)

    def within(self, other: _Roles) -> bool:
        there = other.all | other.single
        return bool(self.each) and all(not roles.isdisjoint(there) for roles in self.each)


def _roles_of_regions(truth: Truth, region: RegionPair) -> tuple[_Roles, _Roles]:
    return (
        _roles(truth.a, region.a),
        _roles(truth.b, region.b),
    )


def _roles(side: Known, operators: tuple[int, ...]) -> _Roles:
    """Of the operators that make elements; where none does, all roles of those that reorder
    them, as if they were one."""
    labelled = [i for i in operators if i in side.labels.operators and _makes(side, i)]
    known = [i for i in labelled if _computes(side, i)]
    making = [i for i in known if not repeats_an_input(side, i)]
    if making:
        single = [_keys(side.labels.operators[i]) for i in labelled if i not in known]
        each = tuple(_keys(side.labels.operators[i]) for i in making)
        return _Roles(each, frozenset[Key]().union(*single))
    moved = [_keys(side.labels.operators[i]) for i in known]
    return _Roles((frozenset[Key]().union(*moved),) if moved else ())


def _makes(side: Known, operator: int) -> bool:
    """Whether it does more than move elements or set memory aside."""
    made = side.recording.operators[operator]
    return not made.movement and (made.outputs == () or any(_written(side, made.outputs)))


def _computes(side: Known, operator: int) -> bool:
    """Whether it is not about a single number that many parts of the program hold (an optimizer's
    step counter)."""
    made, values = side.recording.operators[operator], side.recording.values
    shapes = [values[value].shape for value in (*made.inputs, *made.outputs)]
    return not shapes or any(math.prod(shape) > 1 for shape in shapes)


def _written(side: Known, values: tuple[int, ...]) -> list[bool]:
    return [side.recording.values[value].group in side.elements for value in values]


def _keys(label: Label) -> frozenset[Key]:
    return frozenset((label.phase, role) for role in label.roles)


def _parts(a: _Roles, b: _Roles) -> int:
    """Roles in a region; those that one operator plays at once cannot be told apart and count
    as one."""
    parts: list[set[Key]] = []
    for keys in (*a.each, *b.each):
        touching = [part for part in parts if not part.isdisjoint(keys)]
        parts = [part for part in parts if part not in touching]
        parts.append(set(keys).union(*touching))
    return len(parts)


def _shared_keys(truth: Truth) -> set[Key]:
    """Phases and roles that make at least one equal value on both sides."""
    keys: set[Key] = set()
    made_a, made_b = flow_of(truth.a.recording).producer, flow_of(truth.b.recording).producer
    for a, b in truth.pairs:
        if a in made_a and b in made_b:
            one = truth.a.labels.operators.get(made_a[a])
            two = truth.b.labels.operators.get(made_b[b])
            if one is not None and two is not None:
                keys |= _keys(one) & _keys(two)
    return keys


def _time_share(duration_s: Sequence[float], operators: Sequence[int]) -> float:
    return _share(sum(duration_s[i] for i in operators), sum(duration_s))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
