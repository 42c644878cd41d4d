"""Ways that end in what one program has otherwise: what a class overrides, defaults."""

from __future__ import annotations

from .ways import Way

OVERRIDDEN: dict[str, Way] = {
    "method that returns another constant": (
        """
class Net:
    def mode(self): return "fast"
    def run(self): return work(self.mode())
class Tuned(Net):
    {}
    size = 2
def build():
    net = Tuned()
    return lambda: net.run()
""",
        ("def mode(self): return 'slow'", ""),
        ("mode", "def mode(self): return 'slow'"),
    ),
    "method that returns another object": (
        """
class Cheap:
    def run(self): return fast()
class Dear:
    def run(self): return slow()
class Net:
    def solver(self):
        return Cheap()
    def run(self): return self.solver().run()
class Tuned(Net):
    {}
    size = 2
def build():
    net = Tuned()
    return lambda: net.run()
""",
        ('def solver(self):\n        """Dear."""\n        return Dear()', ""),
        ("Dear", "return Dear()"),
    ),
    "attribute of a class": (
        """
class Config:
    mode = "fast"
    size = 1
class Tuned(Config):
    size = 2
    {}
class Net:
    def __init__(self, config): self.config = config
    def run(self): return work(self.config.mode)
def build():
    net = Net(Tuned)
    return lambda: net.run()
""",
        ("mode = 'slow'", ""),
        ("mode", "    mode = 'slow'"),
    ),
    "constant that a function returns": (
        """
def mode():
    return {}
def build():
    return lambda: work(mode())
""",
        ("'slow'", "'fast'"),
        ("mode", "return 'slow'"),
    ),
    "class that both programs have": (
        """
class Net:
    def mode(self): return "none"
    def run(self): return work(self.mode())
class Slow(Net):
    def mode(self): return "slow"
class Fast(Net):
    def mode(self): return "fast"
def build():
    net = {}()
    return lambda: net.run()
""",
        ("Slow", "Fast"),
        ("Slow", "net = Slow()"),
    ),
    "default of a field": (
        """
from dataclasses import dataclass
@dataclass
class Config:
    size: int = 1
    mode: str = "fast"
@dataclass
class Tuned(Config):
    size: int = 2
    {}
def build():
    config = Tuned()
    return lambda: work(config.mode)
""",
        ("mode: str = 'slow'", ""),
        ("mode", "mode: str = 'slow'"),
    ),
    "default of an argument": (
        """
class Net:
    def __init__(self, size, *, mode={}, scale=2): self.mode = mode
    def run(self): return work(self.mode)
def build():
    net = Net(3)
    return lambda: net.run()
""",
        ("'slow'", "'fast'"),
        ("mode", "mode='slow', scale=2"),
    ),
    "defaults that both programs have": (
        """
from dataclasses import dataclass
@dataclass
class Config:
    mode: str = "fast"
@dataclass
class Tuned(Config):
    mode: str = "slow"
def build():
    config = {}()
    return lambda: work(config.mode)
""",
        ("Tuned", "Config"),
        ("mode", "config = Tuned()"),
    ),
}
