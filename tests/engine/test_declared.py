"""Knobs that the user declares."""

from __future__ import annotations

import pytest

from magneton.engine.declared import declared_knob
from magneton.engine.request import DeclaredKnob
from magneton_agent.schema.errors import MagnetonError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("batch_size=1,2,4", DeclaredKnob("batch_size", ("1", "2", "4"))),
        ("mode=fast,'slow'", DeclaredKnob("mode", ("'fast'", "'slow'"))),
        ("fused=True,None", DeclaredKnob("fused", ("True", "None"))),
        ("limit=1e999,-1", DeclaredKnob("limit", ("1e999", "-1"))),
    ],
)
def test_values_are_literals_or_strings(text: str, expected: DeclaredKnob) -> None:
    assert declared_knob(text) == expected


@pytest.mark.parametrize("text", ["batch_size", "batch_size=", "9x=1", "=1", "a=1,,2", ""])
def test_what_names_no_parameter_or_value_is_refused(text: str) -> None:
    with pytest.raises(MagnetonError) as refused:
        declared_knob(text)
    assert refused.value.fact == f"'{text}' is no knob"
    assert refused.value.cause == "it is not of the form NAME=VALUE,VALUE"
    assert refused.value.remedy == (
        "name a parameter of the target and what to try, such as batch_size=1,8,32"
    )
