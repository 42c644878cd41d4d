"""What makes an operator's operand lie otherwise in memory is followed to where it was decided."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from magneton.analysis.diagnosis.facts import Followed
from magneton.analysis.provenance import differing_input
from magneton.engine.explaining import Explainer, Subject
from magneton.source.program import ProgramText
from magneton_agent.schema.recording import Operator
from tests.agent.recordings import recorded

from .programs import Program, expected_place, filled, place_of

HEAD = "import numpy as np\nimport torch\nfrom torch import nn\n"
Way = tuple[str, tuple[str, str], tuple[str, str] | None]

WAYS: dict[str, Way] = {
    "an array of NumPy, given by a decorator": (
        """
def stored(order):
    def wrap(fill):
        def opened():
            array = np.empty((8, 4), dtype=np.float32, order=order)
            fill(array)
            return torch.from_numpy(array)
        return opened
    return wrap

@stored(order={})
def table(array):
    array[:] = 1.0

def build():
    x = table()
    return lambda: x.exp()
""",
        ("'F'", "'C'"),
        ("order", "@stored(order='F')"),
    ),
    "a buffer that a method makes": (
        """
class Net(nn.Module):
    def __init__(self, layout):
        super().__init__()
        self.layout = layout
        self.register_buffer("table", self.make())
    def make(self):
        rows = torch.ones(8, 4)
        if self.layout == "columns":
            rows = rows.t().contiguous().t()
        return rows
    def forward(self, x):
        return torch.mm(x, self.table)

def build():
    net, x = Net(layout={}), torch.ones(3, 8)
    return lambda: net(x)
""",
        ("'columns'", "'rows'"),
        ("layout", "Net(layout='columns')"),
    ),
    "a type from a configuration": (
        """
from dataclasses import dataclass

@dataclass
class Config:
    precision: str = "double"
    def dtype(self):
        return torch.float64 if self.precision == "double" else torch.float32

def build():
    config = Config({})
    x = torch.ones(8, 8, dtype=config.dtype())
    return lambda: x.exp()
""",
        ("", "'single'"),
        ("precision", "Config()"),
    ),
    "rows that are filled up": (
        """
def collate(rows, multiple):
    longest = max(map(len, rows))
    batch = torch.zeros(len(rows), -(-longest // multiple) * multiple)
    return batch

class Loader:
    def __init__(self, multiple={}):
        self.batch = collate(["ab", "c"], multiple)

def build():
    loader = Loader()
    return lambda: loader.batch.exp()
""",
        ("64", "8"),
        ("multiple", "multiple=64"),
    ),
    "an operator of one side's step": (
        """
def packed(x, pack):
    x = x.transpose(0, 1)
    if pack:
        x = x.contiguous()
    return x

def build():
    x, pack = torch.ones(8, 6), {}
    return lambda: packed(x, pack).exp()
""",
        ("False", "True"),
        ("pack", "x, pack = torch.ones(8, 6), False"),
    ),
    "a gradient, by an argument of what made it": (
        """
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(16, 4, **self.options())
    def options(self):
        return {"sparse": self.sparse}

class Table(Base):
    sparse = {}

def build():
    net = Table()
    weight = net.table.weight
    def step():
        weight.grad = None
        net.table(torch.tensor([1, 2])).sum().backward()
        with torch.no_grad():
            weight.add_(weight.grad, alpha=-0.1)
    return step
""",
        ("False", "True"),
        ("sparse", "sparse = False"),
    ),
    "a layout to which one side converts a module": (
        """
class Net(nn.Module):
    def __init__(self, last=False):
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3)
        if last:
            self.to(memory_format=torch.channels_last)
    def forward(self, x):
        return self.convolution(x)

def build():
    net, x = Net({}), torch.ones(2, 3, 8, 8)
    return lambda: net(x)
""",
        ("", "last=True"),
        ("last", "net, x = Net()"),
    ),
    "a type to which modules are converted": (
        """
def made(kind):
    return nn.Linear(4, 4).to(kind)

def build():
    kind = {}
    net = made(kind)
    return lambda: net(torch.ones(2, 4, dtype=kind))
""",
        ("torch.float64", "torch.float32"),
        ("kind", "kind = torch.float64"),
    ),
    "modules that are converted alike": (
        """
def build():
    weight = nn.Parameter({})
    net = nn.Linear(4, 4).to(torch.float64)
    return lambda: weight.exp()
""",
        ("torch.ones(4, 8).t()", "torch.ones(8, 4)"),
        None,
    ),
    "a tensor whose text differs": (
        """
def build():
    x = {}
    return lambda: x.exp()
""",
        ("torch.ones(4, 8).t()", "torch.ones(8, 4)"),
        None,
    ),
}


def made_so(folder: Path, a: str, b: str) -> Followed | None:
    """What makes the last operator of the programs differ that has an operand otherwise."""
    sides = []
    for name, text in (("a.py", a), ("b.py", b)):
        (folder / name).write_text(text)
        sides.append(Unnoted(folder, name))
    x, y = (each.recording() for each in sides)
    pairs = [(one, other) for one in x.operators for other in y.operators]
    found = [each for each in pairs if differing_input((x, y), _ids(each)) is not None]
    subjects = [Subject(side, each, (), 0) for side, each in zip(sides, (x, y), strict=True)]
    explainer = Explainer(subjects[0], subjects[1], ProgramText(), lambda frame: True)
    return asyncio.run(explainer.made_so(found[-1]))


class Unnoted(Program):
    """A program that does its work itself."""

    def _note(self, *given: object) -> object:
        raise AssertionError

    def recording(self) -> Any:
        """Its step, recorded."""
        held = gc.get_objects()  # a parameter of any module is told as one
        modules = (each for each in held if type(each).__mro__[-2:-1] == (nn.Module,))
        names = {id(p): name for each in modules for name, p in each.named_parameters()}
        with self._imported():
            return recorded(self._step, names)


def _ids(pair: tuple[Operator, Operator]) -> tuple[int, int]:
    return pair[0].id, pair[1].id


@pytest.mark.parametrize("way", WAYS)
def test_what_decides_on_an_operand(way: str, tmp_path: Path) -> None:
    text, values, expected = WAYS[way]
    a, b = filled(HEAD + text, values)
    with torch.random.fork_rng():
        found = made_so(tmp_path, a, b)
    assert place_of(found) == expected_place(tmp_path, expected)
