"""What arguments are that calls leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import exchanged, told

LIB = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Plan:
    words: int = 9
    sparse: bool = True
BASE = Plan(words=4)
def rake(weights, rounds=20, tolerance=None): ...
def calibrated(weights, **options):
    return rake(weights, **options)
def weigh(weights, trimmed=5, **options):
    return calibrated(weights, **options)
"""
CASES = {
    "of a copy": (
        "replace(BASE, sparse=False)",
        "replace(BASE, log=1)",
        ("sparse", "False", "True"),
    ),
    "of a copy, as it was made": ("replace(BASE, words=5)", "replace(BASE)", ("words", "5", "4")),
    "through two functions": (
        "weigh(x)",
        "weigh(x, tolerance=1e-5)",
        ("tolerance", "None", "1e-05"),
    ),
    "unknown": ("weigh(x, other=1)", "weigh(x)", ("other", "1", "left at its default")),
}


@pytest.mark.parametrize(("own", "other", "words"), CASES.values(), ids=CASES)
def test_what_is_left_out(
    own: str, other: str, words: tuple[str, str, str], tmp_path: Path
) -> None:
    assert words in [told(each)[:3] for each in exchanged(tmp_path, own, other, LIB)]
