"""Ways through lists, mappings and objects that are filled after they were made."""

from __future__ import annotations

from .ways import Way

FILLED: dict[str, Way] = {
    "list that a loop appends to": (
        """
def modes(kind, depth=2):
    found = []
    for _ in range(depth):
        found.append(kind)
    return found
def build():
    every = modes({})
    return lambda: work(every[0])
""",
        ("'slow'", "'fast'"),
        ("kind", "modes('slow')"),
    ),
    "methods that are appended": (
        """
class Net:
    def __init__(self, exact):
        self.stages = []
        self.stages.append(self.dear if exact else self.cheap)
    def dear(self): return slow()
    def cheap(self): return fast()
    def run(self):
        for stage in self.stages:
            stage()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("True", "False"),
        ("exact", "Net(True)"),
    ),
    "mapping merged in place": (
        """
DEFAULTS = {"mode": "fast", "n": 1}
def merged(changes):
    options = dict(DEFAULTS)
    options |= changes
    return options
def build():
    options = merged({"n": 2, {}})
    return lambda: work(options["mode"])
""",
        ('"mode": "slow"', '"x": 3'),
        ("mode", '"mode": "slow"'),
    ),
    "default of a context variable": (
        """
import contextvars
MODE = contextvars.ContextVar("mode", default={})
def build():
    return lambda: work(MODE.get())
""",
        ("'slow'", "'fast'"),
        ("MODE", "default='slow'"),
    ),
    "attribute that is set for a while": (
        """
import threading
STATE = threading.local()
STATE.mode = "none"
class using:
    def __init__(self, mode): self.mode = mode
    def __enter__(self):
        self.before = STATE.mode
        STATE.mode = self.mode
    def __exit__(self, *rest):
        STATE.mode = self.before
def build():
    def step():
        with using({}):
            return work(STATE.mode)
    return step
""",
        ("'slow'", "'fast'"),
        ("mode", "using('slow')"),
    ),
}
