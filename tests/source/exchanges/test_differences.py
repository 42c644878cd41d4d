"""What one program gives otherwise than another, and its text with that exchanged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from magneton.source.exchanges.differences import exchanges

from .programs import changed_lines, exchanged, program, told

LIB = """
from dataclasses import dataclass
class Net:
    def __init__(self, width, mode="fast"): ...
    def during(self): ...
    def rough(self): return 1e-3
@dataclass
class Options:
    rounds: int = 8
    keep: float = 0.5
def slow(x): ...
def fast(x): ...
def other(x, y): ...
def make(name): ...
"""
# Both programs, what is told of the first exchange, and the lines that it changes.
ONE = {
    "a keyword": (
        "net = Net(4, mode='slow')",
        "net = Net(4, mode='fast')",
        ("mode", "'slow'", "'fast'", 1),
        ["net = Net(4, mode=('fast'))"],
    ),
    "a keyword of the one, a position of the other": (
        "net = Net(4, 'slow')",
        "net = Net(width=4, mode='fast')",
        ("mode", "'slow'", "'fast'", 1),
        ["net = Net(4, ('fast'))"],
    ),
    "left at its default by the other": (
        "net = Net(4, mode='slow')",
        "net = Net(4)",
        ("mode", "'slow'", "'fast'", 1),
        ["net = Net(4)"],
    ),
    "left at its default": (
        "options = Options(keep=0.5)",
        "settings = Options(keep=1 / 2, rounds=1)",
        ("rounds", "8", "1", 1),
        ["options = Options(keep=0.5, rounds=1)"],
    ),
    "a partial behind a name": (
        "from functools import partial\nbase = partial(Net, 4)\n"
        "table = {'x': partial(base, mode='slow')}",
        "import functools\nnet = functools.partial(Net, 4, mode='fast')",
        ("mode", "'slow'", "'fast'", 3),
        ["table = {'x': partial(base, mode=('fast'))}"],
    ),
    "a decorator's argument": (
        "@cache(maxsize=4)\ndef f(): ...",
        "@cache(maxsize=32)\ndef g(): ...",
        ("maxsize", "4", "32", 1),
        ["@cache(maxsize=(32))"],
    ),
    "the constant behind an argument": (
        "LIMIT = 4\nnet = Net(LIMIT)",
        "MOST = 8\nnet = Net(MOST)",
        ("LIMIT", "4", "8", 1),
        ["LIMIT = (8)"],
    ),
    "an entry behind an argument": (
        "OPTIONS = {'mode': 'slow'}\nnet = Net(4, mode=OPTIONS['mode'])",
        "net = Net(4, mode='fast')",
        ("mode", "'slow'", "'fast'", 1),
        ["OPTIONS = {'mode': ('fast')}"],
    ),
    "a keyword of another function": (
        "def made(**given):\n    return given\nnet = made(mode='slow', width=4)",
        "net = Net(4, mode='fast')",
        ("mode", "'slow'", "'fast'", 3),
        ["net = made(mode=('fast'), width=4)"],
    ),
    "an entry that the other gives as a keyword": (
        "import os\nos.environ.update({'mode': 'slow'})",
        "net = Net(4, mode='fast')",
        ("mode", "'slow'", "'fast'", 2),
        ["os.environ.update({'mode': ('fast')})"],
    ),
    "entries that are given as keywords": (
        "OPTIONS = {'mode': 'slow'}\nnet = Net(4, **OPTIONS)",
        "net = Net(4)",
        ("mode", "'slow'", "'fast'", 1),
        ["OPTIONS = {}"],
    ),
    "a field of a subclass": (
        "class Mine(Options):\n    rounds: int = 8",
        "class Ours(Options):\n    rounds: int = 2",
        ("rounds", "8", "2", 2),
        ["rounds: int = (2)"],
    ),
    "a field that one subclass overrides": (
        "class Mine(Options):\n    rounds: int = 3\n    keep: float = 0.5",
        "class Ours(Options):\n    keep: float = 0.5",
        ("rounds", "3", "8", 2),
        ["pass"],
    ),
    "a field that the other subclass overrides": (
        "class Mine(Options):\n    pass",
        "class Ours(Options):\n    rounds: int = 3",
        ("rounds", "8", "3", 1),
        ["rounds: object = 3; pass"],
    ),
    "an attribute that is set later": (
        "net = Net(4)\nnet.mode = 'slow'",
        "net = Net(4)",
        ("mode", "'slow'", "not given", 2),
        ["pass"],
    ),
    "an entry of a list of pairs": (
        "apply(net, [('label', 'x'), ('mode', 'slow')])",
        "apply(net, [('label', 'x'), ('mode', 'fast')])",
        ("mode", "'slow'", "'fast'", 1),
        ["apply(net, [('label', 'x'), ('mode', ('fast'))])"],
    ),
    "an entry that one list of pairs has": (
        "apply(net, [('label', 'x'), ('mode', 'slow')])",
        "apply(net, [('label', 'x')])",
        ("mode", "'slow'", "not given", 1),
        ["apply(net, [('label', 'x')])"],
    ),
    "a partial behind a name of a function": (
        "from functools import partial\ndef install():\n    f = partial(Net, mode='slow')\n"
        "    make(f)",
        "from functools import partial\nmake(partial(Net, mode='fast'))",
        ("mode", "'slow'", "'fast'", 3),
        ["f = partial(Net, mode=('fast'))"],
    ),
    "a variable of the environment": (
        "import os\nos.environ['SPEED'] = '0'",
        "import os\nos.environ['SPEED'] = '1'",
        ("SPEED", "'0'", "'1'", 2),
        ["os.environ['SPEED'] = ('1')"],
    ),
    "a variable that is set by a call": (
        "import os\nos.environ['SPEED'] = '0'",
        "import os\nos.environ.update(SPEED='1')",
        ("SPEED", "'0'", "'1'", 2),
        ["os.environ['SPEED'] = ('1')"],
    ),
    "an entry that a call gives": (
        "OPTIONS = dict(speed='0')",
        "OPTIONS = {'speed': '1'}",
        ("speed", "'0'", "'1'", 1),
        ["OPTIONS = dict(speed=('1'))"],
    ),
    "what a call sets of a mapping": (
        "d.setdefault('frozen', True)",
        "f()",
        ("setdefault", "d.setdefault('frozen', True)", "not given", 1),
        ["pass"],
    ),
    "a variable that is set unless it is": (
        "import os\nos.environ.setdefault('SPEED', '0')",
        "import os\nos.environ.setdefault('SPEED', '1')",
        ("SPEED", "'0'", "'1'", 2),
        ["os.environ.setdefault('SPEED', ('1'))"],
    ),
    "an option of a command line": (
        "arguments = parse(['--way', 'slow', '--seed', '1'])",
        "given = parse(['--seed', '1', '--way', 'fast'])",
        ("way", "slow", "fast", 1),
        ["arguments = parse(['--way', 'fast', '--seed', '1'])"],
    ),
    "a default": (
        "def f(x, chunk=1): ...",
        "def f(x, chunk=64): ...",
        ("chunk", "1", "64", 1),
        ["def f(x, chunk=(64)): ..."],
    ),
    "what a method returns": (
        "class Mine(Net):\n    def precision(self):\n        return 'double'",
        "class Ours(Net):\n    def precision(self):\n        return 'single'",
        ("precision", "'double'", "'single'", 3),
        ["return ('single')"],
    ),
    "a method that one side alone overrides": (
        "class Mine(Net):\n    def during(self):\n        return None",
        "class Ours(Net):\n    pass",
        ("during", "None", "what it overrides", 3),
        ["pass"],
    ),
    "a method that returns another constant": (
        "class Mine(Net):\n    def rough(self):\n        return 1e-9",
        "class Ours(Net):\n    pass",
        ("rough", "1e-09", "0.001", 3),
        ["pass"],
    ),
    "a base": (
        "from lib import Slow\nclass Mine(Slow): ...",
        "from lib import Fast\nclass Ours(Fast): ...",
        ("Slow", "Slow", "Fast", 2),
        ["from lib import Fast", "class Mine((Fast)): ..."],
    ),
    "a class's keyword": (
        "class Mine(Net, mode='slow'): ...",
        "class Ours(Net, mode='fast'): ...",
        ("mode", "'slow'", "'fast'", 1),
        ["class Mine(Net, mode=('fast')): ..."],
    ),
    "a decorator of one side alone": (
        "def table(n): ...",
        "from functools import lru_cache\n@lru_cache\ndef table(n): ...",
        ("lru_cache", "not given", "lru_cache", 1),
        ["from functools import lru_cache", "@lru_cache"],
    ),
    "a context of one side alone": (
        "with anomalies():\n    f()",
        "f()",
        ("anomalies", "anomalies()", "not given", 1),
        ["with __import__('contextlib').nullcontext():"],
    ),
    "another function of the same parameters": (
        "from lib import slow\ny = slow(1)",
        "from lib import fast, other\ny = fast(1)",
        ("slow", "slow", "fast", 2),
        ["from lib import fast", "y = (fast)(1)"],
    ),
    "a call that one side leaves out": (
        "y = x.contiguous() + 1",
        "y = x + 1",
        ("contiguous", "x.contiguous()", "not given", 1),
        ["y = (x) + 1"],
    ),
    "text before it of more than one byte a character": (
        "t = 'é😀'; net = Net(4, mode='slow')",
        "t = 'é😀'; net = Net(4, mode='fast')",
        ("mode", "'slow'", "'fast'", 1),
        ["t = 'é😀'; net = Net(4, mode=('fast'))"],
    ),
}


@pytest.mark.parametrize(("own", "other", "words", "lines"), ONE.values(), ids=ONE)
def test_one_thing_is_exchanged(
    own: str, other: str, words: tuple[str, str, str, int], lines: list[str], tmp_path: Path
) -> None:
    found = exchanged(tmp_path, own, other, LIB)
    assert found
    assert told(found[0]) == words
    assert changed_lines(own, found[0]) == lines
    ast.parse(found[0].text)


ALIKE = {
    "equal texts under other names": ("net = Net(4)\nf(net)", "model = Net(4)\nf(model)"),
    "numbers that are reckoned": ("ridge = 0.5\nf(2500.0, -1)", "ridge = 1 / 2\nf(2.5e3, -1.0)"),
    "a constant behind a name": ("f(width=128)", "WIDTH = 64 * 2\nf(width=WIDTH)"),
    "a default that is given": ("net = Net(4, mode='fast')", "net = Net(4)"),
    "a variable that means nothing there": ("f(x=one())", "other = make()\nf(x=other)"),
    "functions of other parameters": (
        "from lib import slow\ny = slow(1, 2)",
        "from lib import other",
    ),
    "comments and docstrings": ('"""One."""\nf()', '"""Other."""\nf()  # so'),
}


@pytest.mark.parametrize(("own", "other"), ALIKE.values(), ids=ALIKE)
def test_nothing_to_exchange(own: str, other: str, tmp_path: Path) -> None:
    assert [told(each) for each in exchanged(tmp_path, own, other, LIB)] == []


def test_what_is_chosen_by_name_comes_before_what_libraries_are_given(tmp_path: Path) -> None:
    own = "with quiet():\n    x = rand(4, dim=1)\nnet = Net(4, mode='slow')\ny = x.clone()"
    other = "x = rand(8, dim=2)\nnet = Net(4, mode='fast')\ny = x"
    found = [told(each)[0] for each in exchanged(tmp_path, own, other, LIB)]
    assert found == ["mode", "dim", "clone", "quiet", "argument 1"]


def test_two_functions_of_one_file(tmp_path: Path) -> None:
    text = "def one():\n    return f(mode='slow')\ndef two():\n    return f(mode='fast')\n"
    a = program(tmp_path, ("a.py", "one"), a=text)
    b = program(tmp_path, ("a.py", "two"), a=text)
    (found,) = exchanges(a, b)
    assert told(found) == ("mode", "'slow'", "'fast'", 2)
    assert found.text == text.replace("'slow'", "('fast')")
    assert exchanges(a, a) == []


def test_files_that_both_have_are_left_alone(tmp_path: Path) -> None:
    found = exchanged(tmp_path, "f(a=1)", "f(a=2)", lib="def f(a): ...\nf(a=3)\nf(a=4)")
    assert [(Path(each.path).name, told(each)) for each in found] == [("a.py", ("a", "1", "2", 1))]


def test_texts_that_cannot_be_read_give_nothing(tmp_path: Path) -> None:
    assert exchanged(tmp_path, "f(a=1", "f(a=2)") == []
    assert exchanged(tmp_path, "f(a=" + "(" * 300 + ")" * 300 + ")", "f(a=2)") == []


def test_modes_are_settings_and_not_exchanged(tmp_path: Path) -> None:
    own = "@torch.inference_mode()\ndef step():\n    with torch.no_grad():\n        return f()"
    other = "@torch.no_grad()\ndef step():\n    with torch.inference_mode():\n        return f()"
    assert exchanged(tmp_path, own, other) == []
    assert {told(e)[0] for e in exchanged(tmp_path, own.replace("no_grad", "quiet"), other)} == {
        "quiet"
    }
