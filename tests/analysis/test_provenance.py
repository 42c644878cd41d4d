"""What made an operand that the sides have otherwise."""

from __future__ import annotations

import torch

from magneton.analysis.provenance import Read, differing_input, operand, trail
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import recorded

X = torch.ones(8, 6)


def named(recording: Recording, name: str) -> int:
    return next(each.id for each in recording.operators if each.name == f"aten::{name}")


def test_it_is_followed_through_operators_to_those_that_differ() -> None:
    a = recorded(lambda: X.t().exp().sin())
    b = recorded(lambda: X.t().contiguous().exp().sin())
    sides = a, b
    last, before = (named(a, "sin"), named(b, "sin")), (named(a, "exp"), named(b, "exp"))
    place = differing_input(sides, last)
    assert place == 0
    found = trail(sides, Read(last, place))
    assert found.reads == (Read(last, 0), Read(before, 0))
    moved = named(a, "t")
    # ``clone`` against ``t``, and what both move, which came from outside.
    assert found.makers == ((moved, named(b, "clone")), (moved, named(b, "t")))


def test_what_comes_from_outside_has_no_makers() -> None:
    turned = X.t()
    sides = recorded(turned.exp), recorded(lambda: turned.contiguous().exp())
    one, other = named(sides[0], "exp"), named(sides[1], "exp")
    read = Read((one, other), 0)
    assert trail(sides, read).makers == ()
    assert [each.strides for each in operand(sides, read)] == [(1, 6), (8, 1)]


def test_operators_of_other_kinds_are_not_compared() -> None:
    sides = recorded(X.exp), recorded(X.t().sin)
    assert differing_input(sides, (named(sides[0], "exp"), named(sides[1], "sin"))) is None
