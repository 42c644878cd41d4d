"""What parameters are, where all calls in a file agree."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from magneton.source.exchanges.parameters import given_everywhere

from .programs import exchanged, told

CASES = {
    "def f(x, y=2): ...\nf(1)": {"x": "1"},
    "def f(x, y=2): ...\nf(1, y=3)\nf(1, 3)": {"x": "1", "y": "3"},
    "def f(x): ...\nf(1)\nf(2)": {},
    "def f(x): ...\nf(*all)": {},
    "def f(x, **more): ...\nf(1, **rest)": {},
    "def f(x): ...\ndef g():\n    def f(y): ...\n    f(1)": {},
    "class C:\n    def __init__(self, x, *, y): ...\n    def f(self, z): ...\n"
    "c = C('a', y=4)\nc.f(5)": {"x": "'a'", "y": "4", "z": "5"},
    "def f(x): ...": {},
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_what_every_call_gives(text: str, expected: dict[str, str]) -> None:
    found = given_everywhere(ast.parse(text))
    assert {each.arg: ast.unparse(value) for each, value in found.items()} == expected


def test_a_value_that_goes_through_a_function_is_exchanged(tmp_path: Path) -> None:
    own = "from lib import Mode\nnet = Net(\n    4,\n    mode=Mode.SLOW,\n)"
    opened = "def opened(kind):\n    return Net(4, mode=Mode(kind))"
    other = f"from lib import Mode\n{opened}\n\nopened('fast')"
    found = exchanged(tmp_path, own, other, "class Net:\n    def __init__(self, width, mode): ...")
    assert told(found[0]) == ("mode", "Mode.SLOW", "Mode('fast')", 4)
