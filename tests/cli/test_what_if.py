"""Knobs that the user declares."""

from __future__ import annotations

import pytest

from magneton.cli.commands.what_if import declared
from magneton.cli.main import main
from magneton.engine.request import DeclaredKnob


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
    assert declared(text) == expected


@pytest.mark.parametrize("text", ["batch_size", "batch_size=", "9x=1", "=1", "a=1,,2"])
def test_what_names_no_parameter_or_value_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["what-if", "a.py:build", "--knob", text])
    assert ended.value.code == 2
    assert f"'{text}' is not of the form NAME=VALUE,VALUE" in capsys.readouterr().err
