"""What the published command line has and this version has not."""

from __future__ import annotations

import pytest

from magneton.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "feature"),
    [
        ("what-if a.py:f", "what-if"),
    ],
)
def test_refused_as_usage(arguments: str, feature: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"error: {feature} is not available in Magneton 0.1.0\n")
    assert "\n  remedy: " in captured.err
    assert captured.out == ""
