"""What is tried of how an operator is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.diagnosis.facts import TriedFact
from magneton.analysis.statistics import Interval
from magneton.engine.confirming import Confirmer, Suspected
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import NotReplayed, ReplayItem, Varied, VariedCall, Vary
from magneton_agent.schema.recording import Operator
from tests.analysis.diagnosis.findings import side
from tests.analysis.steps import blocks, cost, operator, recording
from tests.engine.fake_runners import FakeRunner

pytestmark = pytest.mark.asyncio

HALF = Interval(2.0, 1.9, 2.1)


def sorting(**arguments: str) -> tuple[Operator, ...]:
    return (operator("sort", arguments=arguments, inputs=(0,)),)


async def an_operand(plain_s: float, varied_s: float, error: float = 0.0) -> tuple[TriedFact, Vary]:
    """What trying ``stable`` of a sort gave that takes so long as it is and varied, and what the
    worker was asked."""
    pair = (sorting(stable="True"), sorting(stable="False"))
    facts = (side("a", operators=pair[0]), side("b", operators=pair[1]))
    costs = [cost(blocks(*[(seconds,)] * 6), (1.0,), energy_j=seconds) for seconds in (2.0, 1.0)]
    call = VariedCall((plain_s,) * 6, (varied_s,) * 6, False, error)
    worker = FakeRunner({Vary: lambda request: Varied(call)})
    found = await Confirmer({}, {"a": worker}, 0.1).tried(
        Suspected(
            facts,
            (recording(pair[0]), recording(pair[1])),
            (costs[0], costs[1]),
            (0,),
            HALF,
        )
    )
    (asked,) = worker.asked
    assert isinstance(asked, Vary)
    return found[0], asked


async def test_an_argument_is_tried_at_its_operator() -> None:
    found, asked = await an_operand(3.0, 1.5)
    assert asked == Vary(ReplayItem(0, "aten::sort", 2.0), {"stable": "False"}, (None,))
    assert (found.confirmed, found.difference.kind) == (True, "argument")
    assert found.effect is not None
    assert (found.effect.ratio.value, found.effect.expected.value) == pytest.approx((2.0, 2.0))


async def test_an_argument_of_an_operator_that_hardly_counts_is_no_cause() -> None:
    a, b = ((*sorting(stable=stable), operator("mul", id=1)) for stable in ("True", "False"))
    facts = tuple(
        side(name, operators=operators, inputs=((), ())) for name, operators in (("a", a), ("b", b))
    )
    # The sort takes 1 J of 4 J more, the product the rest.
    x, y = (cost(blocks(*[each] * 6), (1.0, 1.0)) for each in ((2.0, 4.0), (1.0, 1.0)))
    recordings = (recording(a), recording(b))
    finding = Suspected((facts[0], facts[1]), recordings, (x, y), (0, 1), HALF)
    call = Varied(VariedCall((3.0,) * 6, (1.5,) * 6, False, 0.0))
    worker = FakeRunner({Vary: lambda request: call})
    (found,) = await Confirmer({}, {"a": worker}, 0.1).tried(finding)
    assert found.effect is not None
    assert found.effect.settles(0.1)
    assert not found.confirmed


async def test_an_argument_that_does_nothing_is_no_cause() -> None:
    found, _ = await an_operand(3.0, 2.9)
    assert not found.confirmed
    assert found.effect is not None


async def test_an_argument_that_changes_the_result_is_no_cause() -> None:
    found, _ = await an_operand(3.0, 1.5, error=0.25)
    assert not found.confirmed
    assert "its results differ by up to 0.25 of their size" in found.text


async def test_why_an_operand_was_not_tried() -> None:
    pair = (sorting(stable="True"), sorting(stable="False"))
    facts = (side("a", operators=pair[0]), side("b", operators=pair[1]))
    each = cost(blocks((1.0,)), (1.0,))
    refused = Varied(NotReplayed(0, "it only makes a view"))
    worker = FakeRunner({Vary: lambda request: refused})
    suspected = Suspected(facts, (recording(pair[0]), recording(pair[1])), (each, each), (0,), HALF)
    (found,) = await Confirmer({}, {"a": worker}, 0.1).tried(suspected)
    assert found.untried == "it only makes a view"


async def test_a_worker_that_an_operand_ends_ends_no_run() -> None:
    def crash(request: object) -> Varied:
        raise MagnetonError("side a was killed by signal 11", "the program crashed", "run it")

    pair = (sorting(stable="True"), sorting(stable="False"))
    facts = (side("a", operators=pair[0]), side("b", operators=pair[1]))
    each = cost(blocks((1.0,)), (1.0,))
    suspected = Suspected(facts, (recording(pair[0]), recording(pair[1])), (each, each), (0,), HALF)
    (found,) = await Confirmer({}, {"a": FakeRunner({Vary: crash})}, 0.1).tried(suspected)
    assert found.untried == "side a was killed by signal 11"


async def test_operators_of_unlike_numbers_of_inputs_are_not_varied() -> None:
    biased, plain = (
        replace(recording([operator("convolution", inputs=tuple(range(count)))]), values=())
        for count in (3, 2)
    )
    facts = (
        side("a", operators=biased.operators, inputs=(("torch.float64 (1,)",) * 3,)),
        side("b", operators=plain.operators, inputs=(("torch.float32 (1,)",) * 2,)),
    )
    each = cost(blocks((1.0,)), (1.0,))
    worker = FakeRunner({})
    finding = Suspected(facts, (biased, plain), (each, each), (0,), HALF)
    (found,) = await Confirmer({}, {"a": worker}, 0.1).tried(finding)
    assert found.untried == "the other side gives it another number of tensors"
    assert worker.asked == []
