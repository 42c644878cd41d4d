"""What two programs choose between, told by what differs in it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from magneton.source.exchanges.within import within

from .programs import changed_lines, exchanged, told

LIB = """\
class Field:
    shapes = False
    def factor(self): ...
class Coast(Field):
    title = "coast"
    shapes = True
    @remember(limit=0)
    def factor(self):
        return slow()
class Valley(Field):
    title = "valley"
    depth = 4
    @remember(limit=2)
    def factor(self):
        return fast()
class Plan:
    def __init__(self, name, frozen=4): ...
PLANS = {
    "apples": Plan("north"),
    "pears": Plan(
        "mill",
        frozen=0,
    ),
}
"""
CLASSES = [
    ("limit", "0", "2", 7),
    ("title", '"coast"', '"valley"', 5),
    ("shapes", "True", "False", 6),
    ("depth", "not given", "4", 4),
]
CASES = {
    "classes": ("coast = Coast()", "from lib import Valley as V\nvalley = V()", CLASSES),
    "an argument's classes": ("run(kind=Coast)", "run(kind=Valley)", CLASSES),
    "entries of a table": (
        "run(plan=PLANS['pears'])",
        "def opened(name):\n    run(plan=PLANS[name])\nopened('apples')",
        [("name", '"mill"', '"north"', 21), ("frozen", "0", "4", 22)],
    ),
    "one": ("run(kind=Coast)", "run(kind=make())", []),
    "plain values": ("run(kind=1)", "run(kind=2)", []),
}


@pytest.mark.parametrize(("own", "other", "expected"), CASES.values(), ids=CASES)
def test_what_differs_in_a_choice(
    own: str, other: str, expected: list[tuple[str, str, str, int]], tmp_path: Path
) -> None:
    own, other = (f"from lib import Coast, PLANS, Valley, run\n{each}" for each in (own, other))
    found = [inner for each in exchanged(tmp_path, own, other, LIB) for inner in within(each)]
    assert sorted(map(told, found)) == sorted(expected)
    assert {each.path for each in found} <= {str(tmp_path / "lib.py")}


def test_one_thing_of_it_is_changed(tmp_path: Path) -> None:
    lead = "from lib import Coast, Valley\n"
    first, *_ = exchanged(tmp_path, f"{lead}coast = Coast()", f"{lead}valley = Valley()", LIB)
    texts = {told(each)[0]: changed_lines(LIB, each) for each in within(first)}
    assert texts == {
        "limit": ["@remember(limit=(2))"],
        "title": ["title = ('valley')"],
        "shapes": ["pass"],
        "depth": [],  # as in the other class
    }
    gone = next(each for each in within(first) if told(each)[0] == "shapes")
    assert textwrap.dedent(LIB).replace("    shapes = True\n", "    pass\n") == gone.text
