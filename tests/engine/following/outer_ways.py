"""Ways through the environment, options and objects."""

from __future__ import annotations

from .ways import Way

OUTER: dict[str, Way] = {
    "compared variable of the environment": (
        """
import os

def build():
    os.environ["EXAMPLE_Q"] = {}
    use = os.environ.get("EXAMPLE_Q") == "1"
    def step():
        return fast() if use else slow()
    return step
""",
        ("'0'", "'1'"),
        ("EXAMPLE_Q", 'os.environ["EXAMPLE_Q"] ='),
    ),
    "updated environment": (
        """
import os

def build():
    os.environ.update({"EXAMPLE_Q": {}, "EXAMPLE_R": "1"})
    use = os.environ["EXAMPLE_Q"]
    return lambda: work(use)
""",
        ("'slow'", "'fast'"),
        ("EXAMPLE_Q", "EXAMPLE_Q"),
    ),
    "updated environment over several lines": (
        """
import os

def build():
    os.environ.update(
        EXAMPLE_R="1",
        EXAMPLE_Q={},
    )
    use = os.environ["EXAMPLE_Q"]
    return lambda: work(use)
""",
        ("'slow'", "'fast'"),
        ("EXAMPLE_Q", "EXAMPLE_Q="),
    ),
    "updated mapping over several lines": (
        """
OPTIONS = dict()

def build():
    OPTIONS.update(
        size=1,
        mode={},
    )
    return lambda: work(OPTIONS["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "mode="),
    ),
    "options as a dictionary": (
        """
import argparse
class Config:
    def __init__(self, mode, size):
        self.mode = mode
def build():
    p = argparse.ArgumentParser()
    p.add_argument("--mode", default={})
    p.add_argument("--size", default=3)
    config = Config(**vars(p.parse_args([])))
    return lambda: work(config.mode)
""",
        ("'slow'", "'fast'"),
        ("--mode", 'p.add_argument("--mode"'),
    ),
    "flag of the command line": (
        """
import argparse
def build():
    p = argparse.ArgumentParser()
    p.add_argument("--fused", action="store_true")
    args = p.parse_args({})
    mode = "fast" if args.fused else "slow"
    return lambda: work(mode)
""",
        ("[]", "['--fused']"),
        ("fused", "args = p.parse_args([])"),
    ),
    "groups of options that an object keeps": (
        """
class Held:
    def __init__(self, items, defaults):
        self.groups = []
        group = {"items": items}
        for name, value in defaults.items():
            group.setdefault(name, value)
        self.groups.append(group)

class Updater(Held):
    def __init__(self, items, rate=1.0, mode="slow"):
        defaults = {"rate": rate, "mode": mode}
        super().__init__(items, defaults)
    def update(self):
        for group in self.groups:
            work(mode=group["mode"])

def build():
    updater = Updater([1], mode={})
    return lambda: updater.update()
""",
        ("'slow'", "'fast'"),
        ("mode", "Updater([1], mode='slow')"),
    ),
    "registry object": (
        """
class Registry:
    def __init__(self):
        self._items = dict()
    def register(self, name):
        def deco(fn):
            self._items[name] = fn
            return fn
        return deco
    def get(self, name):
        try:
            return self._items[name]
        except KeyError:
            raise ValueError(name)
KERNELS = Registry()
@KERNELS.register("plain")
def plain(): return slow()
@KERNELS.register("fused")
def fused(): return fast()
class Net:
    def __init__(self, kernel_name):
        self.kernel = KERNELS.get(kernel_name)
    def run(self): return self.kernel()
def build():
    net = Net(kernel_name={})
    return lambda: net.run()
""",
        ("'plain'", "'fused'"),
        ("kernel_name", "Net(kernel_name='plain')"),
    ),
    "dictionary with attributes": (
        """
class Config(dict):
    __getattr__ = dict.__getitem__
def build():
    config = Config(mode={}, n=1)
    return lambda: work(config.mode)
""",
        ("'slow'", "'fast'"),
        ("mode", "Config(mode='slow', n=1)"),
    ),
    "default of a look-up": (
        """
def build():
    config = {}
    return lambda: work(config.get("mode", "slow"))
""",
        ("dict(n=1)", "dict(n=1, mode='fast')"),
        ("mode", "config = dict(n=1)"),
    ),
    "choice of a decorator": (
        """
def plainly(fn):
    def inner(*a): return slow(*a)
    return inner
def fused(fn):
    def inner(*a): return fast(*a)
    return inner
@{}
def kernel(x): ...
def build():
    return lambda: kernel(1)
""",
        ("plainly", "fused"),
        ("plainly", "@plainly"),
    ),
    "method of a base class": (
        """
class Base:
    def __init__(self, fused=False):
        self.fused = fused
    def run(self):
        return fast() if self.fused else slow()
class Net(Base):
    def __init__(self, width, **kw):
        super().__init__(**kw)
        self.width = width
    def run(self):
        return super().run()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("4", "4, fused=True"),
        ("fused", "Net(4)"),
    ),
    "methods that return their object": (
        """
class Builder:
    def __init__(self):
        self._mode = "none"
    def mode(self, mode):
        self._mode = mode
        return self
    def build(self):
        return Net(self._mode)
class Net:
    def __init__(self, mode):
        self.mode = mode
    def run(self): return work(self.mode)
def build():
    net = Builder().mode({}).build()
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "Builder().mode('slow').build()"),
    ),
    "match statement": (
        """
def one(): return slow()
def two(): return fast()
def pick(kind):
    match kind:
        case "a":
            return one
        case _:
            return two
def build():
    fn = pick({})
    return lambda: fn()
""",
        ("'a'", "'b'"),
        ("kind", "pick('a')"),
    ),
    "list of tuples": (
        """
LAYERS = [("a", {}), ("b", 2)]
class Net:
    def __init__(self, layers):
        self.modes = [mode for _, mode in layers]
    def run(self):
        return work(self.modes[0])
def build():
    net = Net(LAYERS)
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("LAYERS", "LAYERS = "),
    ),
    "object of a module": (
        """
class _Config:
    backend = "slow"
config = _Config()
def set_backend(name):
    config.backend = name
class Net:
    def run(self):
        return work(config.backend)
def build():
    set_backend({})
    net = Net()
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("name", "set_backend('slow')"),
    ),
    "static method": (
        """
class Ops:
    @staticmethod
    def run(mode, times=1):
        return work(mode)
class Net:
    ops = Ops
    def __init__(self, how): self.how = how
    def go(self): return self.ops.run(self.how, times=2)
def build():
    net = Net({})
    return lambda: net.go()
""",
        ("'slow'", "'fast'"),
        ("how", "Net('slow')"),
    ),
}
