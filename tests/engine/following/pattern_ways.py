"""Ways through ``match`` statements and tables that are gone through."""

from __future__ import annotations

from .ways import Way

PATTERNS: dict[str, Way] = {
    "entry that a pattern asks for": (
        """
class Net:
    def __init__(self, options):
        self.options = options
    def run(self):
        match self.options:
            case {"mode": "slow"}:
                return slow()
            case _:
                return fast()
def build():
    net = Net({"width": 3, "mode": {}})
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "field that a pattern asks for": (
        """
from dataclasses import dataclass
@dataclass
class Plan:
    size: int
    mode: str = "fast"
def choose(plan):
    match plan:
        case Plan(mode="slow", size=int()):
            return lambda: slow()
        case Plan():
            return lambda: fast()
def build():
    way = choose(Plan({}))
    return lambda: way()
""",
        ("3, mode='slow'", "4"),
        ("mode", "Plan(3, mode='slow')"),
    ),
    "what a case also asks for": (
        """
def choose(plan):
    match plan:
        case {"size": size} if size > 100:
            return lambda: slow()
        case _:
            return lambda: fast()
def build():
    way = choose({"name": "x", "size": {}})
    return lambda: way()
""",
        ("200", "20"),
        ("size", '"size": 200'),
    ),
    "first row of a table whose test holds": (
        """
TABLE = [(lambda n: n > 100, lambda: fast()), (lambda n: True, lambda: slow())]
class Net:
    def __init__(self, size):
        self.size = size
    def run(self):
        way = next(make for test, make in TABLE if test(self.size))
        return way()
def build():
    net = Net(size={})
    return lambda: net.run()
""",
        ("5", "500"),
        ("size", "Net(size=5)"),
    ),
}
