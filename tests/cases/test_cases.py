"""The five cases as they are; ``python -m tests.cases`` runs them in every variation."""

from __future__ import annotations

from pathlib import Path

import pytest

from .judge import judge
from .run import compare
from .variants import CASES, variants

_TIME_BUDGET_S = 10.0


def test_the_cases_are_there() -> None:
    assert sorted(path.name for path in CASES.iterdir()) == [
        "different",
        "equal",
        "hf-34570",
        "hf-38977",
        "hf-39073",
    ]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_case_comes_out_as_it_says(case: str, tmp_path: Path) -> None:
    plain = next(variants(case, tmp_path))
    outcome = judge(plain, compare(plain, _TIME_BUDGET_S))
    assert outcome.problems == ()
