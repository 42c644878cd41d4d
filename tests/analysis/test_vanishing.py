"""How much of what one side takes more is gone with a change of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch

from magneton.analysis.vanishing import Share, Surplus
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import recorded
from tests.analysis.steps import operator, recording

SLOW, COPY, FAST, ELSE = (operator(name) for name in ("slow", "copy", "fast", "else"))
BEFORE = recording([SLOW, COPY, COPY, ELSE])
OTHER = recording([FAST, ELSE])


def share(of: Recording, joules: dict[int, float]) -> Share:
    return Share.of(of, joules, joules)


NOTHING = Share.of(OTHER, (), {})
# 6 + 1 + 1 J against 2 J: 6 J more.
SURPLUS = Surplus(share(BEFORE, {0: 6.0, 1: 1.0, 2: 1.0}), share(OTHER, {0: 2.0}), NOTHING)


def test_all_is_gone_where_the_other_sides_work_runs_instead() -> None:
    assert SURPLUS.energy_j == 6.0
    assert SURPLUS.gone(BEFORE, OTHER) == 1.0


def test_nothing_is_gone_where_the_same_runs() -> None:
    assert SURPLUS.gone(BEFORE, BEFORE) == 0.0
    assert SURPLUS.gone(BEFORE, recording([SLOW, COPY, COPY])) == 0.0  # not what it is about


def test_a_part_is_gone() -> None:
    # One copy of 1 J of the 6.
    assert SURPLUS.gone(BEFORE, recording([SLOW, COPY, ELSE])) == 1 / 6


def test_what_comes_instead_costs_what_it_costs_the_other_side() -> None:
    # 6 J go, 2 J come, of 6.
    assert SURPLUS.gone(BEFORE, recording([FAST, COPY, COPY, ELSE])) == 4 / 6


def test_what_nobody_ran_costs_what_one_of_its_name_did() -> None:
    other = operator("slow", arguments={"flag": "True"})
    assert SURPLUS.gone(BEFORE, recording([other, COPY, COPY, ELSE])) == 0.0
    again = recording([other, COPY, ELSE])
    assert SURPLUS.gone(BEFORE, again) == 1 / 6


def test_what_the_other_side_runs_elsewhere_costs_what_it_costs_there() -> None:
    small = operator("slow", arguments={"flag": "True"})
    other = recording([FAST, ELSE, small])
    surplus = replace(SURPLUS, step=share(other, {0: 2.0, 1: 1.0, 2: 3.0}))
    # 6 J go, 3 J come, of 6.
    assert surplus.gone(BEFORE, recording([small, COPY, COPY, ELSE])) == 3 / 6
    # Of another name it comes for other reasons: a copy of 1 J is gone, of 6.
    more = recording([SLOW, COPY, ELSE, ELSE])
    assert surplus.gone(BEFORE, more) == 1 / 6


def test_repeated_work_has_nothing_instead() -> None:
    repeated = Surplus(share(BEFORE, {2: 1.0}), NOTHING, NOTHING)
    assert repeated.gone(BEFORE, recording([SLOW, COPY, ELSE])) == 1.0


def test_a_side_that_takes_no_more_has_nothing_to_lose() -> None:
    less = Surplus(share(BEFORE, {1: 1.0}), share(OTHER, {0: 2.0}), NOTHING)
    assert less.gone(BEFORE, OTHER) == 0.0


def test_nothing_comes_instead_of_what_the_other_side_has_nothing_for() -> None:
    alone = replace(SURPLUS, others=NOTHING)
    assert alone.energy_j == 8.0
    # A copy of 1 J and what is slow, 6 J, of 8; another that is slow and copies comes for that.
    other = operator("slow", arguments={"flag": "True"})
    assert alone.gone(BEFORE, recording([other, other, COPY, ELSE])) == 7 / 8


def test_what_comes_in_another_size_costs_as_much_less() -> None:
    large, small = (recorded(x.sin) for x in (torch.ones(8, 4), torch.ones(2, 4)))
    surplus = replace(SURPLUS, own=share(large, {0: 8.0}))
    # 8 J go and a quarter of them comes, of 6.
    assert surplus.gone(large, small) == 1.0
    assert surplus.gone(large, large) == 0.0


def test_what_a_change_of_the_other_side_brings() -> None:
    theirs = recording([FAST, ELSE])
    assert SURPLUS.brought(theirs, recording([SLOW, ELSE])) == 1.0  # 6 J of 6
    assert SURPLUS.brought(theirs, recording([FAST, COPY, ELSE])) == 1 / 6
    assert SURPLUS.brought(theirs, theirs) == 0.0
    assert SURPLUS.brought(recording([SLOW]), recording([SLOW])) == 0.0  # was there before


def test_a_product_is_priced_by_its_operations() -> None:
    x, weight = torch.ones(64, 8), torch.ones(8, 512)
    large, small = (recorded(partial(torch.matmul, each, weight)) for each in (x, x[:16]))
    surplus = replace(SURPLUS, own=share(large, {0: 8.0}))
    # 8 J go and a quarter of them comes, of 6; the weight, most of the bytes, is as large.
    assert surplus.gone(large, small) == 1.0


def test_what_comes_for_other_reasons_too_is_not_priced() -> None:
    other = operator("slow", arguments={"flag": "True"})
    surplus = replace(SURPLUS, others=share(recording([other]), {0: 2.0}))
    step = share(recording([other, FAST]), {0: 2.0, 1: 5.0})
    more = operator("slow", arguments={"flag": "None"})  # in the place of what is no part of it
    after = recording([other, more, COPY, COPY, ELSE])
    # 6 J go and 2 J come, of 6.
    assert replace(surplus, step=step).gone(BEFORE, after) == 4 / 6
