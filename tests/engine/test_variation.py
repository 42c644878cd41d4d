"""One side's operator called as the other side calls its own."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.facts import Difference
from magneton.engine.variation import variation
from magneton_agent.schema.messages import Laid, ReplayItem, Vary
from magneton_agent.schema.recording import Recording, Value
from tests.analysis.steps import operator, recording

ITEM = ReplayItem(0, "aten::layer_norm", 2.0)


def value(strides: tuple[int, ...], dtype: str = "torch.float32") -> Value:
    return Value(0, 0, (4, 2), strides, dtype, "float", "input", None, None, 0, 0)


def step(*values: Value) -> Recording:
    made = operator("layer_norm", inputs=tuple(range(len(values))), arguments={"eps": "1e-05"})
    return replace(recording([made]), values=values)


def varied(difference: Difference, a: Recording, b: Recording) -> Vary:
    return variation(difference, (a.operators[0], b.operators[0]), (a, b))


def test_another_layout_of_what_is_laid_out_otherwise() -> None:
    a, b = step(value((1, 4)), value((2, 1))), step(value((2, 1)), value((2, 1)))
    found = varied(Difference("layout", "the input of aten::layer_norm", "x", "y"), a, b)
    assert found == Vary(ITEM, {}, (Laid("torch.float32", (4, 2), (2, 1)), None))


def test_another_type_in_the_same_layout() -> None:
    a, b = step(value((1, 4), "torch.float64")), step(value((2, 1)))
    found = varied(Difference("dtype", "the dtype of the inputs", "x", "y"), a, b)
    assert found == Vary(ITEM, {}, (Laid("torch.float32", (4, 2), (1, 4)),))


def test_another_argument() -> None:
    a, b = step(value((2, 1))), step(value((2, 1)))
    other = replace(b, operators=(replace(b.operators[0], arguments={"eps": "0.1"}),))
    found = varied(Difference("argument", "`eps` of aten::layer_norm", "1e-05", "0.1"), a, other)
    assert found == Vary(ITEM, {"eps": "0.1"}, (None,))


def test_a_dimension_that_the_other_side_has_last() -> None:
    def softmax(shape: tuple[int, ...], strides: tuple[int, ...], dim: str) -> Recording:
        made = operator("_softmax", inputs=(0,), arguments={"dim": dim})
        return replace(recording([made]), values=(replace(value(strides), shape=shape),))

    a, b = softmax((2, 7, 3), (21, 3, 1), "1"), softmax((6, 7), (7, 1), "-1")
    found = varied(Difference("layout", "the input of aten::_softmax", "x", "y"), a, b)
    assert found.inputs == (Laid("torch.float32", (6, 7), (7, 1), (0, 2, 1)),)
    assert found.arguments == {"dim": "-1"}
    square = softmax((7, 7), (7, 1), "1")
    unclear = varied(Difference("layout", "the input of aten::_softmax", "x", "y"), square, b)
    assert unclear.inputs == (Laid("torch.float32", (6, 7), (7, 1)),)
