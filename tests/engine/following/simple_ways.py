"""Ways from where a value is given to where it decides, one a program."""

from __future__ import annotations

from .ways import Way

SIMPLE: dict[str, Way] = {
    "dataclass field": (
        """
from dataclasses import dataclass

@dataclass
class Options:
    width: int
    mode: str = "slow"

class Net:
    def __init__(self, options):
        self.options = options

    def __call__(self):
        return work(self.options.mode)

def build():
    net = Net({})
    return lambda: net()
""",
        ("Options(3)", "Options(3, 'fast')"),
        ("mode", "Options(3)"),
    ),
    "registry": (
        """
WAYS = dict()

def register(name):
    def keep(function):
        WAYS[name] = function
        return function
    return keep

@register("a")
def first():
    return slow()

@register("b")
def second():
    return fast()

class Net:
    def __init__(self, name):
        self.way = WAYS[name]

def build():
    net = Net(name={})
    return lambda: net.way()
""",
        ("'a'", "'b'"),
        ("name", "Net(name='a')"),
    ),
    "partial": (
        """
import functools

def build():
    run = functools.partial(work, mode={})
    return lambda: run()
""",
        ("'slow'", "'fast'"),
        ("mode", "functools.partial(work, mode='slow')"),
    ),
    "keywords passed on": (
        """
def passed(function, *given, **options):
    return function(*given, **options)

def chosen(**options):
    return passed(work, **options)

def build():
    return lambda: chosen(mode={})
""",
        ("'slow'", "'fast'"),
        ("mode", "chosen(mode='slow')"),
    ),
    "decorator": (
        """
import functools

def made(how):
    def around(function):
        @functools.wraps(function)
        def inner():
            return function(how)
        return inner
    return around

@made({})
def layer(how):
    return work(how)

def build():
    return lambda: layer()
""",
        ("'slow'", "'fast'"),
        ("how", "made('slow')"),
    ),
    "class attribute": (
        """
class Net:
    mode = {}

    def run(self):
        return work(self.mode)

def build():
    net = Net()
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "mode = 'slow'"),
    ),
    "module name": (
        """
MODE = {}

def build():
    return lambda: work(MODE)
""",
        ("'slow'", "'fast'"),
        ("MODE", "MODE = 'slow'"),
    ),
    "property": (
        """
class Plan:
    def __init__(self, exact):
        self.exact = exact

    @property
    def mode(self):
        return "slow" if self.exact else "fast"

def build():
    plan = Plan({})
    return lambda: work(plan.mode)
""",
        ("True", "False"),
        ("exact", "Plan(True)"),
    ),
    "closure": (
        """
def maker(mode):
    def run():
        return work(mode)
    return run

def build():
    run = maker({})
    return lambda: run()
""",
        ("'slow'", "'fast'"),
        ("mode", "maker('slow')"),
    ),
    "set later": (
        """
class Options:
    def __init__(self):
        self.mode = ""

def build():
    options = Options()
    options.mode = {}
    return lambda: work(options.mode)
""",
        ("'slow'", "'fast'"),
        ("mode", "options.mode = 'slow'"),
    ),
    "inherited constructor": (
        """
class Base:
    def __init__(self, *, mode="slow"):
        self.mode = mode

class Net(Base):
    def run(self):
        return work(self.mode)

def build():
    net = Net({})
    return lambda: net.run()
""",
        ("", "mode='fast'"),
        ("mode", "Net()"),
    ),
    "override": (
        """
class Plain:
    def run(self):
        return self.inner()

    def inner(self):
        return slow()

class Better(Plain):
    def inner(self):
        return fast()

def build():
    net = {}()
    return lambda: net.run()
""",
        ("Plain", "Better"),
        ("Plain", "Plain()"),
    ),
    "environment variable": (
        """
import os

def build():
    os.environ["EXAMPLE_MODE"] = {}
    mode = os.environ.get("EXAMPLE_MODE", "")
    return lambda: work(mode)
""",
        ("'slow'", "'fast'"),
        ("EXAMPLE_MODE", 'os.environ["EXAMPLE_MODE"] = '),
    ),
    "context variable": (
        """
import contextvars

MODE = contextvars.ContextVar("mode", default="")

def build():
    MODE.set({})
    return lambda: work(MODE.get())
""",
        ("'slow'", "'fast'"),
        ("MODE", "MODE.set('slow')"),
    ),
    "dictionary of options": (
        """
OPTIONS = {"label": 1, "mode": {}}

def build():
    options = OPTIONS
    return lambda: work(options["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "getattr by name": (
        """
class Ways:
    slow = "slow"
    quick = "fast"

def build():
    name = {}
    return lambda: work(getattr(Ways, name))
""",
        ("'slow'", "'quick'"),
        ("name", "name = 'slow'"),
    ),
    "comprehension": (
        """
def build():
    modes = [{}]
    return lambda: [work(mode) for mode in modes]
""",
        ("'slow'", "'fast'"),
        ("modes", "modes = ['slow']"),
    ),
    "what a function returns": (
        """
def chosen(exact):
    if exact:
        return "slow"
    return "fast"

def build():
    mode = chosen({})
    return lambda: work(mode)
""",
        ("True", "False"),
        ("exact", "chosen(True)"),
    ),
}
