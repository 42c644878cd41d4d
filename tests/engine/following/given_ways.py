"""Ways through mappings that are merged, and calls that leave an entry out."""

from __future__ import annotations

from .ways import Way

GIVEN: dict[str, Way] = {
    "mappings merged in one another": (
        """
BASE = {"seed": 0, "model": {"size": 1}}
def merge(base, other):
    out = dict(base)
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = merge(out[key], value)
        else:
            out[key] = value
    return out
def build():
    config = merge(BASE, {"seed": 1, "model": {"mode": {}}})
    return lambda: work(config["model"]["mode"])
""",
        ("'slow'", "'fast'"),
        ("mode", "\"mode\": 'slow'"),
    ),
    "a registry's entry in a list": (
        """
NORMS = dict()
def register(name):
    def wrap(function):
        NORMS[name] = function
        return function
    return wrap
class Hand:
    def __init__(self): pass
    def __call__(self, x): return slow()
class Native:
    def __init__(self): pass
    def __call__(self, x): return fast()
@register("hand")
def hand(width):
    return Hand()
@register("torch")
def native(width):
    return Native()
class Net:
    def __init__(self, width=2, depth=3, norm="torch"):
        self.norms = [NORMS[norm](width) for _ in range(depth)]
        self.layers = [str for _ in range(depth)]
    def forward(self, x):
        for norm, layer in zip(self.norms, self.layers):
            x = layer(norm(x))
        return x
class Builder:
    def __init__(self):
        self._options = dict()
    def norm(self, value):
        self._options["norm"] = value
        return self
    def depth(self, value):
        self._options["depth"] = value
        return self
    def build(self):
        return Net(**self._options)
def build():
    net = Builder().depth(2){}.build()
    return lambda: net.forward(1)
""",
        ('.norm("hand")', ""),
        ("value", '.norm("hand")'),
    ),
    "left out of merged options": (
        """
DEFAULTS = {"lr": 1, "foreach": False}
class Adam:
    def __init__(self, lr, foreach=None, mode="slow"):
        self.mode = mode
def make(**overrides):
    options = {**DEFAULTS, **overrides}
    return Adam(**options)
class Trainer:
    def __init__(self, **options):
        self.adam = make(**options)
def build():
    t = Trainer({})
    return lambda: work(t.adam.mode)
""",
        ("lr=2", "lr=2, mode='fast'"),
        ("mode", "Trainer(lr=2)"),
    ),
    "options of a decorator that are merged": (
        """
import functools
def configured(**options):
    def wrap(cls):
        @functools.wraps(cls, updated=())
        def make(*args, **kwargs):
            return cls(*args, **{**options, **kwargs})
        return make
    return wrap
class Lookup:
    def __init__(self, words, mode="fast", scale=1.0):
        self.mode = mode
make_lookup = configured({})(Lookup)
def build():
    lookup = make_lookup(3)
    return lambda: work(lookup.mode)
""",
        ("mode='slow', scale=2", "scale=2"),
        ("mode", "configured(mode='slow'"),
    ),
    "left out of what was given or an empty mapping": (
        """
class Layer:
    def __init__(self, options=None):
        self.options = options or dict()
    def __call__(self):
        return work(self.options.get("mode", "slow"))
OPTIONS = {}
def build():
    layer = Layer(OPTIONS)
    return lambda: layer()
""",
        ('{"seed": 1}', '{"seed": 1, "mode": "fast"}'),
        ("mode", 'OPTIONS = {"seed": 1}'),
    ),
    "set in a loop on a condition": (
        """
class Layer:
    checkpointing = False
    def __init_subclass__(cls):
        forward = cls.forward
        def wrapped(self, *args, **kwargs):
            if self.checkpointing and self.training:
                return slow()
            return forward(self, *args, **kwargs)
        cls.forward = wrapped
class Block(Layer):
    training = True
    def forward(self, x):
        return fast()
class Model:
    def __init__(self):
        self.layers = [Block(), Block()]
    def modules(self):
        yield from self.layers
    def enable(self, flag=True):
        for each in self.modules():
            if hasattr(each, "checkpointing"):
                setattr(each, "checkpointing", flag)
    def run(self, x):
        for each in self.layers:
            x = each.forward(x)
        return x
def build():
    model = Model()
    memory = {}
    if memory == "low":
        model.enable()
    return lambda: model.run(1)
""",
        ("'low'", "'high'"),
        ("memory", "memory = 'low'"),
    ),
    "a method that a decorator made": (
        """
def logged(function):
    def wrapper(self, *args, **kwargs):
        if self.mode == "slow":
            return slow()
        return function(self, *args, **kwargs)
    return wrapper
class Layer:
    def __init__(self, mode):
        self.mode = mode
    @logged
    def forward(self, x):
        return fast()
class Net:
    def __init__(self, mode):
        self.layer = Layer(mode)
    def run(self, other):
        return self.layer.forward(other)
def build():
    net = Net({})
    class Other: mode = "none"
    other = Other()
    return lambda: net.run(other)
""",
        ("'slow'", "'fast'"),
        ("mode", "Net('slow')"),
    ),
    "set in a loop by a call": (
        """
class Layer:
    mode = "fast"
    def run(self): return work(self.mode)
class Net:
    def __init__(self):
        self.layers = [Layer(), Layer()]
def configure(net, mode):
    for layer in net.layers:
        layer.mode = mode
def build():
    net = Net()
    configure(net, {})
    return lambda: [each.run() for each in net.layers]
""",
        ("'slow'", "'fast'"),
        ("mode", "configure(net, 'slow')"),
    ),
    "made for the other side on a condition": (
        """
class Net:
    def forward(self, x, cache=None):
        if cache is None:
            return slow()
        return fast()
    def generate(self, x, use_cache=True, **options):
        kwargs = dict(options)
        self.prepare(kwargs, use_cache)
        return self.sample(x, **kwargs)
    def prepare(self, kwargs, use_cache):
        if not use_cache:
            return
        kwargs["cache"] = dict()
    def sample(self, x, **kwargs):
        inputs = dict(kwargs)
        return self.forward(x, **inputs)
def build():
    net = Net()
    return lambda: net.generate(1, {})
""",
        ("use_cache=False", "use_cache=True"),
        ("use_cache", "use_cache=False"),
    ),
    "a decorated method's arguments by position": (
        """
def logged(function):
    def wrapper(self, *args, **kwargs):
        return function(self, *args, **kwargs)
    return wrapper
class Layer:
    @logged
    def forward(self, x, y, mode=None):
        return work(mode)
class Net:
    def __init__(self):
        self.layer = Layer()
    def run(self, how):
        return self.layer.forward("a", "b", how)
def build():
    net = Net()
    return lambda: net.run({})
""",
        ("'slow'", "'fast'"),
        ("how", "net.run('slow')"),
    ),
    "filled in a loop by one of many calls": (
        """
class Net:
    def prepare(self, **kwargs):
        inputs = dict()
        for key, value in kwargs.items():
            if key not in inputs:
                inputs[key] = value
        if len(inputs) > 9:
            inputs = dict(inputs)
        return inputs
    def begin(self, **options):
        inputs = self.prepare(**options)
        return work(inputs["mode"])
    def run(self, **options):
        self.begin(**options)
        for _ in range(12):
            self.prepare(n=2)
def build():
    net = Net()
    return lambda: net.run(mode={})
""",
        ("'slow'", "'fast'"),
        ("mode", "net.run(mode='slow')"),
    ),
}
