"""Ways through what libraries do with their options: loops over mappings, setters, updates."""

from __future__ import annotations

from .ways import Way

_CONFIG = """
def checked(cls):
    original = cls.__setattr__
    def set_checked(self, name, value):
        original(self, name, value)
    cls.__setattr__ = set_checked
    before = cls.__init__
    def __init__(self, *args, **kwargs):
        more = dict()
        for name, value in kwargs.items():
            if name != "n":
                more[name] = value
        before(self, **more)
    cls.__init__ = __init__
    return cls
@checked
class Config:
    names = dict()
    def __init__(self, **kwargs):
        self._how: str | None = kwargs.pop("how", None)
    def __setattr__(self, key, value):
        if key in self.names:
            key = self.names[key]
        super().__setattr__(key, value)
    @property
    def _how(self):
        return self._how_internal
    @_how.setter
    def _how(self, value):
        how = value if not isinstance(value, dict) else value.get("")
        self._how_internal = how
def make(**options):
    return Config(n=1, **options)
def build():
    config = make({})
    return lambda: work(config._how)
"""

LOOPED: dict[str, Way] = {
    "mapping filled in a loop": (
        """
def collect(**options):
    found = dict()
    for key, value in options.items():
        if value is not None:
            found[key] = str(value)
    return found
def build():
    options = collect(mode={}, n=3)
    return lambda: work(options["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "collect(mode='slow', n=3)"),
    ),
    "setter behind another": (_CONFIG, ("how='slow'", "how='fast'"), ("how", "make(how='slow')")),
    "object updated in a loop": (
        """
class Config:
    def __init__(self, **options):
        self.mode = options.pop("mode", "fast")
    def update(self, **options):
        for key, value in options.items():
            if hasattr(self, key):
                setattr(self, key, value)
def build():
    config = Config()
    config.update(mode={})
    return lambda: work(config.mode)
""",
        ("'slow'", "'fast'"),
        ("mode", "config.update(mode='slow')"),
    ),
    "one of several that a comprehension makes": (
        """
class Block:
    def __init__(self, label, mode):
        self.label, self.mode = label, mode
    def run(self):
        return work(self.mode)
class Net:
    def __init__(self, **modes):
        self.blocks = {name: Block(name, mode) for name, mode in modes.items()}
    def run(self):
        return self.blocks["two"].run()
def build():
    net = Net({})
    return lambda: net.run()
""",
        ("one='x', two='slow'", "one='y', two='fast'"),
        ("two", "two='slow'"),
    ),
}
