"""What two programs choose between, told by what differs in it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from magneton.source.exchanges.exchange import Exchange
from magneton.source.exchanges.within import within
from magneton.source.exchanges.words import Words
from magneton_agent.schema.location import Frame

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
@remember(limit=0)
def far(x, steps=40):
    return work(x, 3)
@remember(limit=5)
def near(x, steps=10):
    return work(x, 4)
class Coat(Field):
    def __init__(self):
        super().__init__(folds=9)
        self.room = 12
    def rough(self):
        return 1e-9
    def sewn(self):
        return sew(self.room, 3)
class Vest(Field):
    def __init__(self):
        super().__init__(folds=2)
        self.room = 4
    def rough(self):
        return 1e-3
    def sewn(self):
        return sew(self.room, 8)
NUMBERED = {0: Plan("n", frozen=1), 1: Plan("n", frozen=2)}
"""
REGISTRIES = """\
BY_NAME = {}
def run(kind): ...
class Road:
    def __init__(self, name, lanes=1): ...
def road(name): ...
def add(road): ...
def register(name, kind): ...
@road("hill")
class Hill(Road):
    lanes = 8
@road("dale")
class Dale(Road):
    lanes = 2
add(Road("lane", lanes=3))
add(Road("street", lanes=5))
class Path(Road):
    lanes = 7
class Alley(Road):
    lanes = 6
register("path", Path)
register("alley", Alley)
BY_NAME["track"] = Road("t", lanes=10)
BY_NAME["trail"] = Road("t", lanes=11)
MORE = dict(ford=Road("f", lanes=12), bridge=Road("f", lanes=13))
class Ring(Road):
    title = "ring"
    lanes = 14
class Spur(Road):
    title = "spur"
    lanes = 15
BY_KIND = {Kind.WIDE: Road("k", lanes=16), Kind.SLIM: Road("k", lanes=17)}
def opened(name):
    if name == "bay":
        return Road("b", lanes=18)
    elif name == "cape":
        return Road("b", lanes=19)
    match name:
        case "moor":
            return Road("m", lanes=20)
        case "fen":
            return Road("m", lanes=21)
        case "bog":
            x = Road("m", lanes=22)
            return x
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
    "functions": (
        "run(kind=far)",
        "run(kind=near)",
        [("limit", "0", "5", 25), ("steps", "40", "10", 26)],
    ),
    "methods": (
        "run(kind=Coat)",
        "run(kind=Vest)",
        [("folds", "9", "2", 33), ("room", "12", "4", 34), ("rough", "1e-09", "0.001", 36)],
    ),
    "entries by a number": (
        "run(plan=NUMBERED[0])",
        "run(plan=NUMBERED[1])",
        [("frozen", "1", "2", 47)],
    ),
    "one": ("run(kind=Coast)", "run(kind=make())", []),
    "plain values": ("run(kind=1)", "run(kind=2)", []),
}


@pytest.mark.parametrize(("own", "other", "expected"), CASES.values(), ids=CASES)
def test_what_differs_in_a_choice(
    own: str, other: str, expected: list[tuple[str, str, str, int]], tmp_path: Path
) -> None:
    lead = "from lib import Coast, Coat, NUMBERED, PLANS, Valley, Vest, far, near, run"
    own, other = (f"{lead}\n{each}" for each in (own, other))
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
        "depth": ['depth = 4; title = "coast"'],
    }
    gone = next(each for each in within(first) if told(each)[0] == "shapes")
    assert textwrap.dedent(LIB).replace("    shapes = True\n", "    pass\n") == gone.text


@pytest.mark.parametrize(
    ("own", "other", "lanes"),
    [
        ("run('hill')", "run('dale')", ("8", "2", 10)),
        ("run(BY_NAME['lane'])", "run(BY_NAME['street'])", ("3", "5", 14)),
        ("run('path')", "run('alley')", ("7", "6", 17)),
        ("run('track')", "run('trail')", ("10", "11", 22)),
        ("run('ford')", "run('bridge')", ("12", "13", 24)),
        ("run('ring')", "run('spur')", ("14", "15", 27)),
        ("run(Kind.WIDE)", "run(Kind.SLIM)", ("16", "17", 31)),
        ("run('bay')", "run('cape')", ("18", "19", 34)),
        ("run('moor')", "run('fen')", ("20", "21", 39)),
        ("run('moor')", "run('bog')", None),  # two statements are code
        ("run('moor')", "run('hill')", None),
    ],
)
def test_what_a_registry_has_by_a_word(
    own: str, other: str, lanes: tuple[str, str, int] | None, tmp_path: Path
) -> None:
    lead = "from lib import BY_NAME, Kind, run\n"
    found = [
        inner
        for each in exchanged(tmp_path, lead + own, lead + other, REGISTRIES)
        for inner in within(each)
    ]
    told_of = [told(each) for each in found if told(each)[0] == "lanes"]
    assert told_of == ([("lanes", *lanes)] if lanes is not None else [])


def test_a_name_that_is_given_itself_ends_there(tmp_path: Path) -> None:
    own, other = "input = input\nrun(x=1, kind=input)", "run(x=2, kind=3)"
    found = exchanged(tmp_path, own, other)
    assert ("x", "1", "2", 2) in [told(each) for each in found]
    assert [inner for each in found for inner in within(each)] == []


def test_what_files_of_options_choose(tmp_path: Path) -> None:
    place = Frame("first.yaml", "", 1, 1, 0, 1, 9)
    words = Words("argument", "kind", "hill", '"dale"')
    option = Exchange(words, place, None, "first.yaml", "kind: dale", 1)
    (found,) = exchanged(tmp_path, "run()", "run()", REGISTRIES, [option])
    assert [told(each) for each in within(found)] == [("lanes", "8", "2", 10)]
