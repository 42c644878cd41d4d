"""Ways through what is looked up by a text, remembered, or gone through entry by entry."""

from __future__ import annotations

from .ways import Way

FALLEN_BACK: dict[str, Way] = {
    "loop over the items of options": (
        """
OPTIONS = {"mode": {}, "n": 3}
class Net:
    def __init__(self, **options):
        for key, value in options.items():
            if key == "mode":
                self.mode = value
    def run(self): return work(self.mode)
def build():
    net = Net(**OPTIONS)
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "loop over the items of a table": (
        """
OPTIONS = {"a": {}}
def build():
    def step():
        for key, mode in OPTIONS.items():
            work(mode)
    return step
""",
        ("'slow'", "'fast'"),
        ("a", "\"a\": 'slow'"),
    ),
    "any of several texts": (
        """
NAMES = {}
def build():
    def step():
        if any(name.startswith("s") for name in NAMES):
            return slow()
        return fast()
    return step
""",
        ("['slow', 'x']", "['fast', 'x']"),
        ("NAMES", "NAMES = "),
    ),
    "first of several that fits": (
        """
CHOICES = [("a", lambda: slow()), ("b", lambda: fast())]
def pick(name):
    return next(f for n, f in CHOICES if n == name)
class Net:
    def __init__(self, kind): self.f = pick(kind)
    def run(self): return self.f()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("'a'", "'b'"),
        ("kind", "Net('a')"),
    ),
    "what a factory remembers": (
        """
import functools
@functools.lru_cache(maxsize=None)
def settings():
    return {"mode": {}}
def build():
    settings()
    return lambda: work(settings()["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "value of a member": (
        """
import enum
class Mode(enum.Enum):
    BEST = {}
class Net:
    def __init__(self, mode): self.mode = mode
    def run(self): return work(self.mode.value)
def build():
    net = Net(Mode.BEST)
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("BEST", "BEST = 'slow'"),
    ),
    "changed copy of a named tuple": (
        """
from typing import NamedTuple
class Options(NamedTuple):
    width: int = 1
    mode: str = "fast"
BASE = Options()
def build():
    options = BASE._replace(width=2{})
    return lambda: work(options.mode)
""",
        (", mode='slow'", ""),
        ("mode", "BASE._replace("),
    ),
    "attributes given as a mapping": (
        """
from types import SimpleNamespace
SETTINGS = {"mode": {}, "n": 2}
def build():
    args = SimpleNamespace(**SETTINGS)
    return lambda: work(args.mode)
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "class that a decorator registers": (
        """
KINDS = dict()
def register(name):
    def keep(cls):
        KINDS[name] = cls
        return cls
    return keep
@register("exact")
class Exact:
    def run(self): return slow()
@register("rough")
class Rough:
    def run(self): return fast()
def build():
    net = KINDS[{}]()
    return lambda: net.run()
""",
        ("'exact'", "'rough'"),
        ("KINDS['exact']", "KINDS['exact']"),
    ),
    "attributes that a class looks up itself": (
        """
class Options:
    def __init__(self, values): self._values = values
    def __getattr__(self, name):
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None
class Net:
    def __init__(self, options): self.options = options
    def run(self): return work(self.options.mode)
def build():
    net = Net(Options(dict(mode={})))
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "mode='slow'"),
    ),
    "attributes that a class looks up once": (
        """
import os
os.environ["LAB_CHECKS"] = {}
class Flags:
    prefix = "LAB_"
    def __getattr__(self, name):
        text = os.environ.get(self.prefix + name.upper(), "")
        words = frozenset(word.strip() for word in text.split(",") if word.strip())
        setattr(self, name, words)
        return words
class Net:
    def __init__(self): self.flags = Flags()
    @property
    def strict(self): return "gradients" in self.flags.checks
    def run(self): return slow() if self.strict else fast()
def build():
    net = Net()
    return lambda: net.run()
""",
        ("'shapes, gradients'", "'shapes'"),
        ("LAB_CHECKS", 'os.environ["LAB_CHECKS"]'),
    ),
    "literal in a text": (
        """
import ast
TEXT = "{}"
def build():
    options = ast.literal_eval(TEXT)
    return lambda: work(options["mode"])
""",
        ("{'mode': 'slow'}", "{'mode': 'fast'}"),
        ("TEXT", "TEXT ="),
    ),
    "dictionary of another's items": (
        """
RAW = {"mode": {}, "n": "x"}
def build():
    options = {key: value for key, value in RAW.items()}
    return lambda: work(options["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "member of a set": (
        """
FLAGS = {}
def build():
    return lambda: slow() if "exact" in FLAGS else fast()
""",
        ("{'exact', 'x'}", "{'x'}"),
        ("FLAGS", "FLAGS ="),
    ),
}
