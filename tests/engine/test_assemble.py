"""What a reader is told before relying on a side's figures."""

from __future__ import annotations

from magneton.engine.assemble import warnings_of
from tests.analysis.steps import blocks, cost


def test_a_step_without_operators_is_named_as_one() -> None:
    nothing = cost(blocks([]), (), energy_j=10.0)
    assert warnings_of(nothing, ("common",), ()) == (
        "common",
        "the step runs no operator of torch: nothing in it can be costed by place, or matched; "
        "name the function that does the work, or a factory that returns it",
    )
    (residual,) = warnings_of(cost(blocks([1.0]), (5.0,), energy_j=10.0), (), ())
    assert residual.startswith("50 % of the energy is residual")
