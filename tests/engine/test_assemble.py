"""What a reader is told before relying on a side's figures."""

from __future__ import annotations

from magneton.engine.assemble import per_unit_j, warnings_of
from magneton_agent.schema.judging import Per
from magneton_agent.schema.quantity import Absent, Quantity
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


def test_energy_for_one_of_what_a_step_does_is_that_of_all_ranks() -> None:
    first, four = Quantity(8.0, 6.0, 12.0, "modelled"), Quantity(30.0, 28.0, 34.0, "measured")
    tokens = Per("tokens", 4.0)
    assert per_unit_j(first, None, tokens) == Quantity(2.0, 1.5, 3.0, "modelled")
    assert per_unit_j(first, four, tokens) == Quantity(7.5, 7.0, 8.5, "measured")
    unknown = Absent("there is no window in which all ranks were read")
    assert per_unit_j(first, unknown, tokens) == unknown
