"""Needless movement between two recorded steps, as a finding says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from magneton.engine.confirming import Confirmer
from magneton.engine.findings import counting
from magneton.engine.moving import moves_of
from magneton_agent.schema.result import Finding
from tests.agent.recordings import recorded
from tests.analysis.steps import blocks, cost
from tests.engine.explained import explained, seconds
from tests.engine.pairs import Pair

torch.manual_seed(0)
X = torch.randn(24, 16)
F64, F32 = torch.float64, torch.float32
Step = Callable[[], Tensor]


def compared(folder: Path, a: Step, b: Step) -> Finding:
    """The one finding of two steps, in which every operator takes a second."""
    recordings = recorded(a), recorded(b)
    costs = (seconds(recordings[0]), seconds(recordings[1]))
    told, _ = explained(folder, recordings, costs, Confirmer({}, {}, 0.1))
    (found,) = told.findings
    return found


def test_a_cast_that_only_one_side_makes(tmp_path: Path) -> None:
    found = compared(tmp_path, lambda: X.to(F64).to(F32) * 2, lambda: X * 2)
    assert found.cause is not None
    assert (found.category, found.cause.kind) == ("redundant", "redundant")
    assert (found.cause.name, found.cause.wasteful_value) == ("X.to(F64)", "once")
    assert found.cause.efficient_value == "never"
    assert found.cause.location is not None
    assert found.remedy == "leave it out, and `.to(F32)`, which undoes it, as well"
    assert [each.text for each in found.evidence if each.kind == "movement"] == [
        "`X.to(F64)` casts float32 to float64 once a step (aten::_to_copy), which `.to(F32)` on "
        f"line {found.cause.location.start.line} undoes",
        "`X.to(F64).to(F32)` casts float64 to float32 once a step (aten::_to_copy)",
    ]
    assert "moving data makes 100 % of the difference between the sides" in [
        each.text for each in found.evidence
    ]


def test_what_both_sides_move_is_none() -> None:
    (case,) = Pair(lambda: X.double().mul(2), lambda: X.double() + X.double()).cases
    assert moves_of(case) is None


def test_what_is_copied_within_a_call_that_computes() -> None:
    y = torch.randn(8, 24, 16)
    (case,) = Pair(lambda: torch.einsum("bij,bkj->ik", y, y), lambda: (y @ y.mT).sum(0)).cases
    found = moves_of(case)
    assert found is not None
    assert (found.moves[0].name, found.moves[0].only) == ("aten::clone", False)


def three(copies: bool) -> Tensor:
    x = X
    for _ in range(3):
        x = (x.clone() if copies else x) * 2
    return x


def test_the_same_place_is_counted_in_all_regions() -> None:
    (case,) = Pair(lambda: three(True), lambda: three(False)).cases
    found = moves_of(case)
    assert found is not None
    assert [(each.text, each.times) for each in found.moves] == [("x.clone()", 3)]
    assert found.moves[0].only


def test_the_costliest_comes_first() -> None:
    (case,) = Pair(lambda: X.to(F64).to(F32) * 2, lambda: X * 2).cases
    for lasting, first in (((5.0, 1.0, 1.0), "X.to(F64)"), ((1.0, 5.0, 1.0), "X.to(F64).to(F32)")):
        own = cost(blocks(*[lasting] * 6), (1.0,) * 3, energy_j=7.0)
        found = moves_of(replace(case, costs=(own, case.costs[1])))
        assert found is not None
        assert found.moves[0].text == first


def test_what_hardly_saves_anything_is_no_finding(tmp_path: Path) -> None:
    recordings = recorded(lambda: X.clone() * 2), recorded(lambda: X * 2)
    costs = (seconds(recordings[0]), seconds(recordings[1]))
    told, _ = explained(tmp_path, recordings, costs, Confirmer({}, {}, 0.1))
    assert [each.category for each in told.findings] == ["redundant"]
    assert len(counting(told, (), 0.3).findings) == 1
    assert counting(told, (), 0.6).findings == ()  # it saves a half
