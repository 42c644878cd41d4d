"""Ways through mappings, tables of functions, and calls that leave something out."""

from __future__ import annotations

from .ways import Way

MAPPED: dict[str, Way] = {
    "section of a file": (
        """
import json
from pathlib import Path
FILE = {"one": {"mode": "slow", "n": 1}, "two": {"mode": "fast", "n": 2}}
def load(section):
    everything = json.loads(json.dumps(FILE))
    return Options(**everything[section])
from dataclasses import dataclass
@dataclass
class Options:
    mode: str
    n: int
def build():
    options = load({})
    return lambda: work(options.mode)
""",
        ("'one'", "'two'"),
        ("section", "load('one')"),
    ),
    "table of lambdas": (
        """
def table():
    return {
        "one": lambda x: slow(),
        "two": lambda x: fast(),
    }
class Net:
    def __init__(self, way):
        self.way = table()[way]
    def run(self):
        return self.way(1)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("'one'", "'two'"),
        ("way", "Net('one')"),
    ),
    "lambdas on one line": (
        """
TABLE = {"one": lambda x: slow(), "two": lambda x: fast()}
class Net:
    def __init__(self, way):
        self.way = TABLE[way]
    def run(self):
        return self.way(1)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("'one'", "'two'"),
        ("way", "Net('one')"),
    ),
    "default of a variable behind a function": (
        """
import os
def setting(name, default):
    return os.environ.get("EXAMPLE_" + name, default)
def build():
    mode = setting("MODE7", {})
    return lambda: work(mode)
""",
        ("'slow'", "'fast'"),
        ("EXAMPLE_MODE7", 'setting("MODE7"'),
    ),
    "partial asked for by a generator": (
        """
import functools, torch
class L(torch.nn.Module):
    def __init__(self, width, mode="fast"):
        super().__init__()
        self.mode = mode
    def forward(self, x):
        match self.mode:
            case "slow":
                return slow(x)
            case "fast":
                return fast(x)
class Stack(torch.nn.Module):
    def __init__(self, make, width):
        super().__init__()
        self.layers = torch.nn.ModuleList(make(width) for _ in range(2))
    def forward(self, x):
        for l in self.layers:
            x = l(x)
        return x
def made():
    return functools.partial(L, {})
def build():
    net = Stack(made(), 3)
    return lambda: net(torch.ones(2))
""",
        ("mode='slow'", "mode='fast'"),
        ("mode", "functools.partial(L, mode='slow')"),
    ),
    "options that a method returns": (
        """
class Base:
    def options(self): return dict()
    def run(self): return work(**self.options())
class Net(Base):
    def options(self): return {"mode": {}}
def build():
    net = Net()
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", 'return {"mode"'),
    ),
    "entry left to setdefault": (
        """
def filled(options):
    options.setdefault("mode", "slow")
    return options
def build():
    options = filled({{}})
    return lambda: work(options["mode"])
""",
        ("", "'mode': 'fast'"),
        ("mode", "filled({})"),
    ),
    "partial method": (
        """
import functools
class Net:
    def work(self, mode):
        return work(mode)
    run = functools.partialmethod(work, {})
def build():
    net = Net()
    return lambda: net.run()
""",
        ("mode='slow'", "mode='fast'"),
        ("mode", "functools.partialmethod(work, mode='slow')"),
    ),
    "cached property": (
        """
import functools
class Net:
    def __init__(self, exact=True): self.exact = exact
    @functools.cached_property
    def mode(self):
        if self.exact:
            return "slow"
        return "fast"
    def run(self): return work(self.mode)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("", "exact=False"),
        ("exact", "Net()"),
    ),
    "default of a parser": (
        """
import argparse
def parsed():
    p = argparse.ArgumentParser()
    p.add_argument("--mode", default="none")
    p.add_argument("--n", default=1)
    p.set_defaults(mode={}, n=2)
    return p.parse_args([])
def build():
    args = parsed()
    return lambda: work(args.mode)
""",
        ("'slow'", "'fast'"),
        ("--mode", "p.set_defaults("),
    ),
    "list of arguments": (
        """
import argparse
def parsed(argv):
    p = argparse.ArgumentParser()
    p.add_argument("--mode", default="none")
    p.add_argument("--n", default=1)
    return p.parse_args(argv)
def build():
    args = parsed(["--n", "3", "--mode", {}])
    return lambda: work(args.mode)
""",
        ("'slow'", "'fast'"),
        ("mode", 'parsed(["--n"'),
    ),
    "chain of mappings": (
        """
from collections import ChainMap
DEFAULTS = {"mode": "slow", "n": 1}
def build():
    config = ChainMap({{}}, DEFAULTS)
    return lambda: work(config["mode"])
""",
        ("", "'mode': 'fast'"),
        ("mode", "ChainMap({}, DEFAULTS)"),
    ),
    "class looked up by get": (
        """
class A:
    def run(self): return slow()
class B:
    def run(self): return fast()
TABLE = {"b": B}
def make(name): return TABLE.get(name, A)()
def build():
    net = make({})
    return lambda: net.run()
""",
        ("'x'", "'b'"),
        ("name", "make('x')"),
    ),
    "bare decorator": (
        """
import functools
def cached(function=None, *, enabled=False):
    if function is None:
        return functools.partial(cached, enabled=enabled)
    store = dict()
    @functools.wraps(function)
    def inner(x):
        if enabled:
            return fast()
        return function(x)
    return inner
@cached{}
def layer(x):
    return slow()
def build():
    return lambda: layer(1)
""",
        ("", "(enabled=True)"),
        ("enabled", "@cached"),
    ),
    "items passed on": (
        """
def run(*values): return inner(*values)
def inner(n, mode): return work(mode)
def build():
    args = (1, {})
    return lambda: run(*args)
""",
        ("'slow'", "'fast'"),
        ("mode", "args = (1"),
    ),
    "class made by a function": (
        """
def make_class(mode):
    class Net:
        how = mode
        def run(self): return work(self.how)
    return Net
def build():
    net = make_class({})()
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "make_class('slow')"),
    ),
    "list of callables": (
        """
class Trainer:
    def __init__(self, callbacks=()):
        self.callbacks = list(callbacks)
    def step(self):
        for each in self.callbacks:
            each()
        fast()
def check(): return slow()
def build():
    trainer = Trainer({})
    return lambda: trainer.step()
""",
        ("callbacks=[check]", ""),
        ("callbacks", "Trainer(callbacks=[check])"),
    ),
    "match that returns": (
        """
def one(): return slow()
def two(): return fast()
def choose(kind):
    match kind:
        case "one":
            return one
        case _:
            return two
class Net:
    def __init__(self, kind): self.f = choose(kind)
    def run(self): return self.f()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("'one'", "'two'"),
        ("kind", "Net('one')"),
    ),
}
