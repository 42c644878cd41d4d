"""Findings of one cause are one; those of two causes stay two: by what decides, and by trials."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from magneton.engine.confirming import Confirmer
from tests.analysis.diagnosis.findings import CALL, FORWARD, facts, followed
from tests.engine.pairs import LOOK, VARIABLE, Pair, Tried, X, because, both, saved, told

# Where what decides is known.


@pytest.fixture(scope="module")
def two() -> Pair:
    """Two expressions on two lines, of which one feeds the other."""

    def written_out() -> Tensor:
        y = 1 / (1 + torch.exp(-X))
        return torch.sqrt(y * y) + 1.0

    return Pair(written_out, lambda: torch.abs(torch.sigmoid(X)) + 1.0)


def test_what_one_value_in_one_place_decides_is_one(two: Pair) -> None:
    first, second = both(two)
    found = two.one([told(first, because()), told(second, because(kind="dtype"), confirmed=True)])
    assert saved(found) == [first.saving_j.value + second.saving_j.value]
    assert found[0].cause is not None
    assert (found[0].cause.kind, found[0].cause.confirmed) == ("argument", False)


@pytest.mark.parametrize(
    "change",
    [{"name": "other"}, {"efficient_value": "'medium'"}, {"frame": FORWARD}],
)
def test_another_name_value_or_place_is_another_cause(two: Pair, change: dict[str, Any]) -> None:
    first, second = both(two)
    assert len(two.one([told(first, because()), told(second, because(**change))])) == 2


def test_a_tensor_followed_to_the_place_of_another_cause_is_one(two: Pair) -> None:
    first, second = both(two)
    values = {"wasteful_value": "'high'", "efficient_value": "'low'", "place": CALL}
    origin = facts(followed=followed(name="precision", **values))
    (found,) = two.one(
        [told(first, because()), told(second, replace(LOOK, frame=CALL), known=origin)]
    )
    assert found.count == 2


# Where a trial has told.


@pytest.mark.parametrize(("part", "findings"), [(1.0, 1), (0.5, 2), (0.0, 2)])
def test_what_a_trial_does_to_other_findings_too(two: Pair, part: float, findings: int) -> None:
    first, second = both(two)
    confirmer = cast(Confirmer, Tried(part))
    found = two.one([told(second), told(first, VARIABLE, confirmed=True)], confirmer)
    assert len(found) == findings
    if findings == 1:
        assert found[0].message == "`EXAMPLE_WAY` is 'high'"
        (tried,) = (each.text for each in found[0].evidence if each.kind == "trial")
        assert "too: with 'low' instead of 'high', these operators then take 0.33 times" in tried


def test_a_cause_that_was_confirmed_by_itself_stays(two: Pair) -> None:
    first, second = both(two)
    other = told(second, because("OTHER", kind="setting"), confirmed=True)
    confirmer = cast(Confirmer, Tried(1.0))
    assert len(two.one([told(first, VARIABLE, confirmed=True), other], confirmer)) == 2
