"""The five cases as they are, and two of the planted ones; ``python -m tests.cases`` runs all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison

from .judge import judge
from .run import compare
from .variants import CASES, EQUAL, HELD_OUT, PLANTED, Variant, variants

pytestmark = pytest.mark.quiet

_TIME_BUDGET_S, _EQUAL_BUDGET_S, _PLANTED_BUDGET_S = 10.0, 3.0, 5.0
_REAL = ["different", "equal", "hf-34570", "hf-38977", "hf-39073"]


def test_the_cases_are_there() -> None:
    found = sorted(path.name for path in CASES.iterdir())
    assert [name for name in found if not name.startswith((PLANTED, HELD_OUT, EQUAL))] == _REAL
    assert len(found) >= len(_REAL) + 20


def test_the_equal_pairs_are_complete() -> None:
    """``make cases`` runs them: ten with the one above."""
    pairs = [each for each in CASES.iterdir() if each.name.startswith(EQUAL)]
    assert len(pairs) == 9
    for pair in pairs:
        assert {"a.py", "b.py", "case.toml"} <= {each.name for each in pair.iterdir()}
        expected = tomllib.loads((pair / "case.toml").read_text("utf-8"))
        assert expected["verdict"] == ["equal", "unresolved"]
        assert "cause" not in expected


@pytest.mark.parametrize("case", [*_REAL, "planted-decorator", "planted-json"])
def test_a_case_comes_out_as_it_says(case: str, tmp_path: Path) -> None:
    plain = next(variants(case, tmp_path))
    budget_s = _PLANTED_BUDGET_S if case.startswith(PLANTED) else _TIME_BUDGET_S
    result = _fixed(plain) if "fix" in plain.expected else compare(plain, budget_s)
    assert judge(plain, result).problems == ()


def _fixed(variant: Variant) -> Comparison:
    """The result, with the fix that is expected tried and written; the file is put back."""
    file = variant.workspace / variant.a
    before = file.read_text("utf-8")
    result = compare(variant, _TIME_BUDGET_S, ("--fix", "--write"))
    after = file.read_text("utf-8")
    file.write_text(before, "utf-8")
    assert after == _changed(variant, before)
    (fix,) = [each.fix for each in result.findings if each.fix is not None]
    assert fix.tried
    assert isinstance(fix.saving_j, Quantity)
    assert fix.saving_j.value > 0
    return result


def _changed(variant: Variant, text: str) -> str:
    fix = variant.expected["fix"]
    return text.replace(fix["before"], fix["after"])


def test_what_is_left_after_a_fix_is_equal(tmp_path: Path) -> None:
    plain = next(variants("hf-34570", tmp_path))
    file = plain.workspace / plain.a
    file.write_text(_changed(plain, file.read_text("utf-8")), "utf-8")
    result = compare(plain, _EQUAL_BUDGET_S, ("--fix",))
    assert (result.outputs.equal, result.findings) == (True, ())
