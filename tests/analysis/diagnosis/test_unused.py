"""What is said of gradients that nothing reads."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.facts import Followed, Passed
from magneton.analysis.diagnosis.unused import Unused, evidence, message, remedy
from tests.analysis.steps import frame

WHY = Followed(
    function=frame("freeze", 7),
    kind="argument",
    name="frozen",
    wasteful_value="False",
    efficient_value="True",
    place=frame("build", 3),
    given=None,
    owner=None,
    way=(Passed("frozen", "False", "True", frame("build", 3)),),
)
FACTS = Unused("b", 12, ("aten::mm",), frame("forward", 9), "self.body(x)", WHY)


def test_what_decides_is_said() -> None:
    assert message(FACTS) == (
        "the backward pass of `self.body(x)` computes gradients that nothing in the step reads: "
        "`frozen` is False; with True the other side does without"
    )
    assert remedy(FACTS) == "let frozen be True"
    assert [each.text for each in evidence(FACTS)] == [
        "side b runs 12 operators that side a does not run, and whose results nothing in the step "
        "reads: aten::mm",
        "both sides run freeze and go on differently from there",
        "`frozen` is False on side b, True on side a",
    ]


def test_without_what_decides_the_ways_to_stop_it_are_named() -> None:
    facts = replace(FACTS, why=None, text=None)
    assert message(facts) == (
        "the backward pass computes gradients that nothing in the step reads; the other side does "
        "without"
    )
    assert "requires_grad_(False)" in remedy(facts)
    assert len(evidence(facts)) == 1


def test_what_the_other_side_comes_to_equal_outputs_without() -> None:
    facts = replace(FACTS, why=None, gradients=False)
    assert message(facts) == (
        "every step runs `self.body(x)`, on which its outputs do not depend or which could be "
        "kept; the other side does without"
    )
    assert remedy(facts) == "leave it out, or compute it once and keep it, as the other side does"
    assert [each.text for each in evidence(facts)] == [
        "side b runs 12 operators that side a does not run, while the outputs of both are equal: "
        "aten::mm"
    ]
    assert "runs aten::mm, on which" in message(replace(facts, text=None))
