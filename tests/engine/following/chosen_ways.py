"""Ways through conditions, registries that a program fills, and libraries."""

from __future__ import annotations

from .ways import Way

CHOSEN: dict[str, Way] = {
    "mode of a module": (
        """
import torch
class Net(torch.nn.Module):
    def forward(self, x):
        if self.training:
            return slow(x)
        return fast(x)
def build():
    net = Net()
    net.train({})
    return lambda: net(torch.ones(2))
""",
        ("True", "False"),
        ("mode", "net.train(True)"),
    ),
    "member looked up by its value": (
        """
import enum
class Mode(enum.Enum):
    SLOW = "slow"
    FAST = "fast"
class Net:
    def __init__(self, mode): self.mode = Mode(mode)
    def run(self): return slow() if self.mode is Mode.SLOW else fast()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "Net('slow')"),
    ),
    "one of the members that a class lists": (
        """
import enum
class Mode(enum.Enum):
    SLOW = "slow"
    FAST = "fast"
class Net:
    def __init__(self, mode): self.mode = mode
    def run(self): return slow() if self.mode is Mode.SLOW else fast()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("Mode.SLOW", "Mode.FAST"),
        ("mode", "Net(Mode.SLOW)"),
    ),
    "a member in the place of a default": (
        """
import enum
class Mode(enum.Enum):
    SLOW = "slow"
    FAST = "fast"
class Net:
    def __init__(self, mode=Mode.FAST): self.mode = mode
    def run(self): return slow() if self.mode is Mode.SLOW else fast()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("Mode.SLOW", ""),
        ("mode", "Net(Mode.SLOW)"),
    ),
    "one of the constants that a class lists": (
        """
class Mode:
    SLOW = "slow"
    FAST = "fast"
class Net:
    def __init__(self, mode): self.mode = mode
    def run(self): return work(self.mode)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("Mode.SLOW", "Mode.FAST"),
        ("mode", "Net(Mode.SLOW)"),
    ),
    "keyword taken out": (
        """
class Net:
    def __init__(self, size, **kwargs):
        mode = kwargs.pop("mode", "slow")
        self.rest = kwargs
        self.mode = mode
    def run(self): return work(self.mode)
def build():
    net = Net(3{})
    return lambda: net.run()
""",
        ("", ", mode='fast'"),
        ("mode", "Net(3)"),
    ),
    "flag set on a condition": (
        """
_FLAGS = {"exact": False}
def enable_exact():
    _FLAGS["exact"] = True
def prepare(strict):
    if strict:
        enable_exact()
def build():
    prepare({})
    def step():
        if _FLAGS["exact"]: return slow()
        return fast()
    return step
""",
        ("True", "False"),
        ("strict", "prepare(True)"),
    ),
    "attribute set on a condition": (
        """
class Net:
    def __init__(self, debug=False):
        self.check = False
        if debug:
            self.check = True
    def run(self):
        return slow() if self.check else fast()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("debug=True", ""),
        ("debug", "Net(debug=True)"),
    ),
    "options that a registry keeps": (
        """
LAYERS = dict()
def layer(name, **defaults):
    def keep(cls):
        LAYERS[name] = (cls, defaults)
        return cls
    return keep
@layer("a", exact={})
class A:
    def __init__(self, exact): self.exact = exact
    def run(self):
        if self.exact: return slow()
        return fast()
def make(name, **options):
    cls, defaults = LAYERS[name]
    return cls(**{**defaults, **options})
def build():
    net = make("a")
    return lambda: net.run()
""",
        ("True", "False"),
        ("exact", '@layer("a", exact=True)'),
    ),
    "object made where none is given": (
        """
class Options:
    def __init__(self, mode="slow"): self.mode = mode
class Net:
    def __init__(self, options=None):
        self.options = options or Options()
    def run(self): return work(self.options.mode)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("", "Options('fast')"),
        ("options", "Net()"),
    ),
    "name that a text is split into": (
        """
class Ways:
    ONE, TWO = 'slow', 'fast'
def resolve(path):
    module, _, name = path.rpartition(".")
    return getattr({'ways': Ways}[module], name)
class Net:
    def __init__(self, path): self.mode = resolve(path)
    def run(self): return work(self.mode)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("'ways.ONE'", "'ways.TWO'"),
        ("path", "Net('ways.ONE')"),
    ),
    "callables given one by one": (
        """
class Scale:
    def __call__(self, x): return fast(x)
class Exact:
    def __call__(self, x): return slow(x)
class Pipeline:
    def __init__(self, *stages): self.stages = stages
    def run(self, x):
        for stage in self.stages:
            x = stage(x)
        return x
def build():
    line = Pipeline({}())
    return lambda: line.run(1)
""",
        ("Exact", "Scale"),
        ("Exact", "line = Pipeline(Exact())"),
    ),
    "number beside a tensor that another function makes": (
        """
import torch
def whole(size): return torch.ones(size)
def cut(size): return torch.ones(size)[:size]
def applied(make, points):
    signal = make(points)
    return slow(signal, points)
def build():
    make, points = {}
    return lambda: applied(make, points)
""",
        ("whole, 7", "cut, 8"),
        ("points", "make, points = whole, 7"),
    ),
}
