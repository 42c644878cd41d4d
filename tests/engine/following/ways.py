"""More ways from where a value is given to where it decides."""

from __future__ import annotations

Way = tuple[str, tuple[str, str], tuple[str, str]]
"""A program with a gap, what fills it on either side, the cause's name and its line."""

FURTHER: dict[str, Way] = {
    "attributes set by name": (
        """
class Settings:
    _instance = None
    def __init__(self):
        self.mode = "none"
    @classmethod
    def get(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

def configure(**options):
    settings = Settings.get()
    for key, value in options.items():
        setattr(settings, key, value)

def build():
    configure(mode={})
    return lambda: work(Settings.get().mode)
""",
        ("'slow'", "'fast'"),
        ("mode", "configure(mode='slow')"),
    ),
    "order of base classes": (
        """
class SlowMixin:
    def kernel(self):
        return slow()
class FastMixin:
    def kernel(self):
        return fast()
class Base:
    def run(self):
        return self.kernel()
class NetA(SlowMixin, Base): pass
class NetB(FastMixin, Base): pass
NETS = dict(a=NetA, b=NetB)
def build():
    net = NETS[{}]()
    return lambda: net.run()
""",
        ("'a'", "'b'"),
        ("NETS['a']", "net = NETS['a']()"),
    ),
    "default factory": (
        """
from dataclasses import dataclass, field
@dataclass
class Kernel:
    mode: str = "slow"
@dataclass
class Config:
    kernel: Kernel = field(default_factory=Kernel)
    width: int = 3
class Net:
    def __init__(self, config):
        self.config = config
    def __call__(self):
        return work(self.config.kernel.mode)
def build():
    net = Net(Config({}))
    return lambda: net()
""",
        ("", "Kernel(mode='fast')"),
        ("mode", "Config()"),
    ),
    "dataclass replace": (
        """
from dataclasses import dataclass, replace
@dataclass(frozen=True)
class Config:
    mode: str = "slow"
    width: int = 3
BASE = Config()
def build():
    config = replace(BASE, {})
    return lambda: work(config.mode)
""",
        ("width=4", "mode='fast'"),
        ("mode", "replace(BASE, width=4)"),
    ),
    "dict merge": (
        """
DEFAULTS = {"mode": "slow", "x": 1}
def merged(**changes):
    return {**DEFAULTS, **changes}
def build():
    options = merged({})
    return lambda: work(options["mode"])
""",
        ("x=2", "mode='fast'"),
        ("mode", "merged(x=2)"),
    ),
    "dict update": (
        """
def build():
    options = {"mode": "slow"}
    options.update({})
    return lambda: work(options["mode"])
""",
        ("x=2", "mode='fast'"),
        ("mode", '"mode": "slow"'),
    ),
    "item set": (
        """
def build():
    options = {"mode": ""}
    options["mode"] = {}
    return lambda: work(options["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "options[\"mode\"] = 'slow'"),
    ),
    "namedtuple": (
        """
from typing import NamedTuple
class Options(NamedTuple):
    width: int
    mode: str = "slow"
def build():
    options = Options({})
    return lambda: work(options.mode)
""",
        ("1", "1, 'fast'"),
        ("mode", "Options(1)"),
    ),
    "simplenamespace": (
        """
from types import SimpleNamespace
def build():
    options = SimpleNamespace(width=1, mode={})
    return lambda: work(options.mode)
""",
        ("'slow'", "'fast'"),
        ("mode", "SimpleNamespace(width=1, mode='slow')"),
    ),
    "method reference": (
        """
class Ops:
    def a(self): return slow()
    def b(self): return fast()
class Net:
    def __init__(self, op):
        self.op = op
    def run(self):
        return self.op()
def build():
    ops = Ops()
    net = Net(ops.{})
    return lambda: net.run()
""",
        ("a", "b"),
        ("op", "Net(ops.a)"),
    ),
    "or default": (
        """
def outer(mode=None):
    mode = mode or "slow"
    return work(mode)
def build():
    return lambda: outer({})
""",
        ("", "'fast'"),
        ("mode", "lambda: outer()"),
    ),
    "compared numbers": (
        """
class Net:
    def __init__(self, limit=100):
        self.limit = limit
    def run(self, n):
        if n > self.limit:
            return fast()
        return slow()
def build():
    net = Net({})
    return lambda: net.run(64)
""",
        ("", "limit=10"),
        ("limit", "Net()"),
    ),
    "class passed": (
        """
class A:
    def run(self): return slow()
class B:
    def run(self): return fast()
class Net:
    def __init__(self, cls):
        self.inner = cls()
    def run(self): return self.inner.run()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("A", "B"),
        ("cls", "Net(A)"),
    ),
    "list of modules": (
        """
import torch
class A(torch.nn.Module):
    def forward(self, x): return slow(x)
class B(torch.nn.Module):
    def forward(self, x): return fast(x)
KINDS = {"a": A, "b": B}
class Net(torch.nn.Module):
    def __init__(self, kind="a", depth=2):
        super().__init__()
        self.blocks = torch.nn.ModuleList([KINDS[kind]() for _ in range(depth)])
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
def build():
    net = Net({})
    return lambda: net(torch.ones(2))
""",
        ("depth=3", "'b', depth=3"),
        ("kind", "Net(depth=3)"),
    ),
    "global statement": (
        """
MODE = "none"
def set_mode(mode):
    global MODE
    MODE = mode
def build():
    set_mode({})
    return lambda: work(MODE)
""",
        ("'slow'", "'fast'"),
        ("mode", "set_mode('slow')"),
    ),
    "context manager": (
        """
import contextlib
STATE = {"mode": "fast"}
@contextlib.contextmanager
def using(mode):
    before = STATE["mode"]
    STATE["mode"] = mode
    try:
        yield
    finally:
        STATE["mode"] = before
def build():
    def step():
        with using({}):
            return work(STATE["mode"])
    return step
""",
        ("'slow'", "'fast'"),
        ("mode", "using('slow')"),
    ),
    "registry of subclasses": (
        """
REGISTRY = dict()
class Base:
    def __init_subclass__(cls, key):
        REGISTRY[key] = cls
class A(Base, key="a"):
    def run(self): return slow()
class B(Base, key="b"):
    def run(self): return fast()
def create(key, **options):
    return REGISTRY[key](**options)
def build():
    net = create({})
    return lambda: net.run()
""",
        ("'a'", "'b'"),
        ("key", "create('a')"),
    ),
    "cached factory": (
        """
import functools
@functools.lru_cache
def kernel(name):
    return slow if name == "slow" else fast
class Net:
    def __init__(self, config):
        self.config = config
    def run(self):
        return kernel(self.config["kernel"])()
def build():
    net = Net({"kernel": {}, "n": 2})
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("kernel", "\"kernel\": 'slow'"),
    ),
    "formatted text": (
        """
def build():
    family, size = {}, 3
    name = f"{family}-{size}"
    return lambda: work("slow" if name.startswith("s") else "fast")
""",
        ("'s'", "'f'"),
        ("family", "family, size = 's', 3"),
    ),
    "super init kwargs": (
        """
class Base:
    def __init__(self, mode="slow", **rest):
        self.mode = mode
class Mid(Base):
    def __init__(self, size, **rest):
        super().__init__(**rest)
        self.size = size
class Net(Mid):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
    def run(self): return work(self.mode)
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("3", "3, mode='fast'"),
        ("mode", "Net(3)"),
    ),
    "alternative constructor": (
        """
class Net:
    def __init__(self, mode):
        self.mode = mode
    @classmethod
    def from_options(cls, options, **overrides):
        merged = dict(options)
        merged.update(overrides)
        return cls(**merged)
    def run(self): return work(self.mode)
def build():
    net = Net.from_options(dict(mode={}))
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "Net.from_options("),
    ),
    "condition of a loop": (
        """
def build():
    tolerance = {}
    def step():
        error = 1.0
        while error > tolerance:
            error = error / 2
            slow()
    return step
""",
        ("1e-9", "1e-3"),
        ("tolerance", "tolerance = 1e-9"),
    ),
}
