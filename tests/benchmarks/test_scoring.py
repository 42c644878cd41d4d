from __future__ import annotations

import pytest
import torch
from benchmarks.matching.aims import unmet
from benchmarks.matching.labels import Label, Labels
from benchmarks.matching.programs import Pair, Program
from benchmarks.matching.scoring import Answer, Score, Truth, score, truth_of
from benchmarks.matching.truth import Known, distance

from magneton.analysis.regions import RegionPair

from ..analysis.recordings import Program as Writer
from ..analysis.recordings import gauss

N = 32
CONTENTS = [gauss(N, seed) for seed in range(4)]
ROLES = ["input", "up", "act", "down"]


def chain(roles: list[str], contents: list[list[float]]) -> Known:
    """An input and three operators in a row, one value each."""
    writer = Writer()
    last = writer.input(contents[0])
    for numbers in contents[1:]:
        last = writer.op("mm", [last], numbers)
    labels = [Label("forward" if i else None, frozenset(roles[i].split())) for i in range(4)]
    return Known(
        writer.recording(last),
        Labels({i: labels[i + 1] for i in range(3)}, dict(enumerate(labels))),
        {i: torch.tensor(sorted(numbers)) for i, numbers in enumerate(contents)},
    )


def truth(roles: list[str] = ROLES, contents: list[list[float]] = CONTENTS) -> Truth:
    """The chain against one with other ``roles`` or ``contents``."""
    return truth_of(chain(ROLES, CONTENTS), chain(roles, contents), "fp32")


def region(a: tuple[int, ...], b: tuple[int, ...]) -> RegionPair:
    return RegionPair(a, b, "forward", (), ())


SAME = ((0, 0), (1, 1), (2, 2), (3, 3))
FINE = tuple(region((i,), (i,)) for i in range(3))


def judged(answer: Answer, against: Truth) -> Score:
    return score(against, answer, [1.0, 2.0, 1.0], [1.0, 1.0, 2.0])


def test_a_perfect_answer() -> None:
    result = judged(Answer(SAME, FINE), truth())
    assert (result.precision, result.recall, result.f1, result.labelled) == (1.0, 1.0, 1.0, 1.0)
    assert (result.region_precision, result.region_recall) == (1.0, 1.0)
    assert (result.roles_a_region, result.time_share) == (1.0, 1.0)


def test_a_swapped_pair_is_wrong_and_what_it_hid_is_missed() -> None:
    result = judged(Answer(((0, 0), (1, 2), (2, 1), (3, 3)), FINE), truth())
    assert (result.precision, result.recall) == (0.5, 0.5)
    assert result.wrong == ((1, 2), (2, 1))
    assert result.missed == ((1, 1), (2, 2))


def test_equal_elements_in_another_role_are_not_the_same() -> None:
    other = truth(roles=["input", "up", "gate", "down"])
    assert other.pairs == {(0, 0), (1, 1), (3, 3)}
    assert judged(Answer(SAME, FINE), other).precision == 0.75


def test_the_same_role_with_other_elements_is_not_the_same() -> None:
    changed = [*CONTENTS[:2], [x + 1e-3 for x in CONTENTS[2]], CONTENTS[3]]
    other = truth(contents=changed)
    assert other.pairs == {(0, 0), (1, 1), (3, 3)}
    result = judged(Answer(SAME, FINE), other)
    assert (result.precision, result.recall) == (0.75, 1.0)
    assert result.region_recall == 1.0  # "act" makes nothing that could be found


def test_elements_all_alike_must_play_the_very_same_roles() -> None:
    alike = [*CONTENTS[:2], [0.0] * N, CONTENTS[3]]
    roles = ["input", "up", "act gate", "down"]
    fused, own = chain(roles, alike), chain(ROLES, alike)
    assert truth_of(own, own, "fp32").pairs == set(SAME)
    assert truth_of(own, fused, "fp32").pairs == {(0, 0), (1, 1), (3, 3)}
    assert (2, 2) in truth_of(own, fused, "fp32").edges


def test_unlabelled_pairs_are_not_judged_but_counted() -> None:
    result = judged(Answer(SAME, FINE), truth(roles=["input", "up", "", "down"]))
    assert (result.precision, result.labelled) == (0.75, 1.0)
    plain = truth()
    del plain.b.labels.values[2]
    result = judged(Answer(SAME, FINE), plain)
    assert (result.precision, result.labelled) == (1.0, 0.75)


def test_a_region_of_several_roles_is_right_but_coarse() -> None:
    result = judged(Answer(SAME, (region((0, 1), (0, 1)), region((2,), (2,)))), truth())
    assert (result.region_precision, result.region_recall) == (1.0, 1.0)
    assert result.roles_a_region == 1.5


def test_a_fused_operator_is_one_role() -> None:
    fused = truth(roles=["input", "up act", "act", "down"])
    answer = Answer(SAME, (region((0, 1), (0,)), region((2,), (2,))))
    assert judged(answer, fused).roles_a_region == 1.0


def test_a_region_of_different_roles_is_wrong() -> None:
    answer = Answer(SAME, (region((0,), (1,)), region((1,), (0,)), region((2,), (2,))))
    result = judged(answer, truth())
    assert result.region_precision == pytest.approx(1 / 3)
    assert result.region_recall == pytest.approx(1 / 3)
    assert result.unfound_roles == (("forward", "act"), ("forward", "up"))


def test_an_operator_that_the_other_side_lacks_makes_a_region_wrong() -> None:
    answer = Answer(SAME, (region((0, 1), (0,)), region((2,), (2,))))
    assert judged(answer, truth()).region_precision == 0.5


def position(places: int) -> Known:
    """A table's rows at ``places`` places, which the first operator makes."""
    writer = Writer()
    where = writer.op("arange", [], CONTENTS[0][:places])
    rows = writer.op("embedding", [where, writer.parameter(CONTENTS[1])], CONTENTS[2])
    labels = [Label("forward", frozenset([role])) for role in ("places", "position")]
    elements = enumerate((CONTENTS[0][:places], CONTENTS[1], CONTENTS[2]))
    return Known(
        writer.recording(rows),
        Labels(dict(enumerate(labels)), {0: labels[0], 2: labels[1]}),
        {i: torch.tensor(sorted(numbers)) for i, numbers in elements},
    )


def test_one_number_may_stand_beside_many_of_its_role() -> None:
    found = Answer(((2, 2),), (region((0, 1), (0, 1)),))
    one_against_many = score(
        truth_of(position(1), position(9), "fp32"), found, [1.0, 1.0], [1.0, 1.0]
    )
    assert one_against_many.region_precision == 1.0
    alone = Answer(((2, 2),), (region((1,), (0, 1)),))
    without = score(truth_of(position(1), position(9), "fp32"), alone, [1.0, 1.0], [1.0, 1.0])
    assert without.region_precision == 0.0


def test_time_outside_of_regions_counts_on_the_worse_side() -> None:
    result = judged(Answer(SAME, FINE[:2]), truth())
    assert (result.share_a, result.share_b, result.time_share) == (0.75, 0.5, 0.5)


def test_distances_are_relative_and_see_infinities() -> None:
    one = torch.tensor([-float("inf"), 3.0, 4.0])
    assert distance(one, one) == 0.0
    assert distance(one, torch.tensor([-float("inf"), 3.0, 4.5])) == pytest.approx(0.0925, abs=1e-4)
    assert distance(one, torch.tensor([3.0, 3.0, 4.0])) == float("inf")


def never() -> tuple[Program, Program]:
    raise NotImplementedError


def test_aims_depend_on_kind_and_precision() -> None:
    coarse = Answer(SAME, (region((0, 1), (0, 1)), region((2,), (2,))))
    result = judged(coarse, truth())
    assert unmet(Pair("p", never), result) == {"roles_a_region"}
    assert unmet(Pair("p", never, kind="training"), result) == set()
    missing = judged(Answer(SAME, FINE[:2]), truth())
    assert unmet(Pair("p", never), missing) == {"region_recall", "time_share"}
    assert unmet(Pair("p", never, parted="noise"), missing) == {"region_recall"}
    assert unmet(Pair("p", never, parted="noise"), result) == set()


def test_a_result_pairs_with_a_result_rather_than_with_an_equal_leaf() -> None:
    looked_up = [CONTENTS[0], CONTENTS[0], *CONTENTS[2:]]
    same_role = ["up", "up", "act", "down"]
    one = chain(same_role, looked_up)
    assert truth_of(one, one, "fp32").edges >= {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert truth_of(one, one, "fp32").pairs == set(SAME)


def test_as_many_values_as_possible_find_a_partner() -> None:
    wide = chain(["input", "up gate", "up", "down"], [*CONTENTS[:2], CONTENTS[1], CONTENTS[3]])
    other = chain(["input", "up", "gate", "down"], [*CONTENTS[:2], CONTENTS[1], CONTENTS[3]])
    # "up" of A fits only "up" of B, so the fused one has to be "gate".
    assert truth_of(wide, other, "fp32").pairs == {(0, 0), (1, 2), (2, 1), (3, 3)}
