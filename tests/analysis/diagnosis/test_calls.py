"""The rule for two sides that call different operations."""

from __future__ import annotations

import pytest

from magneton.analysis.diagnosis.calls import explain
from tests.analysis.diagnosis.findings import facts, side


def test_both_expressions_are_named() -> None:
    a, b = side("a", "eig", "sort", "sort"), side("b", "eigh", "sort")
    found = explain(facts(a, b, shared=False))
    assert found is not None
    assert (found.category, found.kind) == ("api-misuse", "call")
    assert (found.wasteful_value, found.efficient_value) == ("run_a(x)", "run_b(x)")
    assert found.frame == a.frame
    assert found.message == "`run_a(x)` costs more than `run_b(x)`, which computes the same values"
    assert [(each.text, each.frame) for each in found.evidence] == [
        ("side a runs aten::eig, aten::sort", a.frame),
        ("side b runs aten::eigh, aten::sort", b.frame),
    ]


def test_the_other_way_round() -> None:
    found = explain(facts(side("b", "eig"), side("a", "eigh")))
    assert found is not None
    assert (found.wasteful_value, found.efficient_value) == ("run_b(x)", "run_a(x)")
    assert found.evidence[0].text == "side b runs aten::eig"


def test_a_long_list_is_cut() -> None:
    found = explain(facts(side("a", *"abcdefgh"), side("b")))
    assert found is not None
    assert found.evidence[0].text.endswith("aten::e, aten::f and 2 more")


@pytest.mark.parametrize("without", ["a", "b"])
def test_text_that_is_not_known_cannot_be_named(without: str) -> None:
    a, b = (
        side(name, operator, text=None if name == without else "run(x)")
        for name, operator in (("a", "eig"), ("b", "eigh"))
    )
    assert explain(facts(a, b)) is None


def test_one_text_for_both_says_nothing() -> None:
    assert (
        explain(facts(side("a", "eig", text="model(x)"), side("b", "eigh", text="model(x)")))
        is None
    )


def test_equal_operators_are_another_rules() -> None:
    assert explain(facts(side("a", "mul"), side("b", "mul"))) is None
