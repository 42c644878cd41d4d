"""The flags of ``magneton what-if``."""

from __future__ import annotations

import pytest

from magneton.cli.main import main


def test_a_knob_that_names_no_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["what-if", "a.py:build", "--knob", "batch_size="]) == 2
    assert capsys.readouterr().err.startswith("error: 'batch_size=' is no knob\n")
