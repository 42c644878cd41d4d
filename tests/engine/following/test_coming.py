"""What decides that one side does something more often than the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import expected_place, filled, place_of, seldom

HEAD = "def slow(*given): return 1\n"
Way = tuple[str, tuple[str, str], tuple[str, str] | None]

WAYS: dict[str, Way] = {
    "a flag that an object keeps": (
        """
class Net:
    def __init__(self, keep):
        self.keep, self.table = keep, 1
    def run(self):
        if not self.keep:
            self.table = slow()
        return self.table

def build():
    net = Net(keep={})
    return lambda: [net.run() for _ in range(4)]
""",
        ("False", "True"),
        ("keep", "net = Net(keep=False)"),
    ),
    "an early return of what is kept": (
        """
KEPT = dict()

def table(size, forget=True):
    if size in KEPT and not forget:
        return KEPT[size]
    KEPT[size] = slow(size)
    return KEPT[size]

def build():
    return lambda: [table(3{}) for _ in range(4)]
""",
        ("", ", forget=False"),
        ("forget", "table(3)"),
    ),
    "a condition within a line": (
        """
from dataclasses import dataclass

@dataclass
class Options:
    share: bool = False

def build(options=Options({})):
    first = 1
    def step():
        for _ in range(3):
            x = first if options.share else slow()
        return x
    return step
""",
        ("", "share=True"),
        ("share", "Options()"),
    ),
    "a name of a module that is set for a while": (
        """
from contextlib import contextmanager, nullcontext

_DEPTH = 0
_KEPT = dict()

@contextmanager
def keeping():
    global _DEPTH
    _DEPTH += 1
    try:
        yield
    finally:
        _DEPTH -= 1

def table():
    if _DEPTH:
        if "table" not in _KEPT:
            _KEPT["table"] = slow()
        return _KEPT["table"]
    return slow()

def scope(hold):
    return keeping() if hold else nullcontext()

HOLD = {}

def build():
    def step():
        with scope(HOLD):
            return [table() for _ in range(3)]
    return step
""",
        ("False", "True"),
        ("HOLD", "HOLD = False"),
    ),
    "a function that is wrapped to keep its results": (
        """
class Remembering:
    def __init__(self, function):
        self.function, self.found = function, dict()
    def __call__(self, size):
        if size not in self.found:
            self.found[size] = self.function(size)
        return self.found[size]

def table(size):
    return slow(size)

class Net:
    def __init__(self, *, remember={}):
        self.make = Remembering(table) if remember else table
    def run(self):
        for _ in range(3):
            found = self.make(3)
        return found

def build():
    net = Net()
    return lambda: net.run()
""",
        ("False", "True"),
        ("remember", "remember=False"),
    ),
    "how often a loop runs": (
        """
def refine(rounds=4):
    for _ in range(rounds):
        found = slow()
    return found

def build():
    return lambda: refine({})
""",
        ("", "1"),
        ("rounds", "refine()"),
    ),
    "a condition that lets both go on": (
        """
def work(level):
    if level > 0:
        return slow()

def build(level={}):
    def step():
        for _ in range(4):
            work(level)
    return step
""",
        ("1", "2"),
        None,
    ),
    "nothing": (
        """
def work(keep):
    return None if keep else slow()

def build(size={}):
    return lambda: [work(False) for _ in range(4)]
""",
        ("1", "2"),
        None,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_decides_that_work_is_repeated(way: str, tmp_path: Path) -> None:
    text, values, expected = WAYS[way]
    a, b = filled(HEAD + text, values)
    found = seldom(tmp_path, a, b)
    assert place_of(found) == expected_place(tmp_path, expected)
    assert found is None or found.wasteful_value != found.efficient_value
