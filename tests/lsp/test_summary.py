"""A result in one line."""

from __future__ import annotations

from magneton.lsp.summary import summary
from magneton_agent.schema.judging import Per
from magneton_agent.schema.result import Sides
from tests import builders


def test_energy_for_one_of_what_a_step_does() -> None:
    a = builders.side(energy_per_unit_j=builders.quantity(0.00390625))
    b = builders.side(1.5, energy_per_unit_j=builders.quantity(0.0029296875))
    per = Per("tokens", 512.0)
    assert summary(builders.comparison(sides=Sides(a, b), per=per)) == (
        "a 2.00 J (1.98 to 2.02), 3.91 mJ each of 512 tokens · "
        "b 1.50 J (1.49 to 1.51), 25.0 % less, 2.93 mJ each of 512 tokens · performance · modelled"
    )
    assert summary(builders.measurement(side=a, per=per)) == (
        "2.00 J (1.98 to 2.02) a step · 3.91 mJ each of 512 tokens · 100 ms (99 to 101) · modelled"
    )
