"""A value that differs is followed back to where it was decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import followed, line_of

Said = tuple[str, str, str, str, int]


def said(folder: Path, a: str, b: str, **more: str) -> Said | None:
    """What was found: name, both values, file and line."""
    found = followed(folder, a, b, ((), ()), **more)
    if found is None:
        return None
    place = found.place
    values = found.wasteful_value, found.efficient_value
    return found.name, *values, Path(place.path).name, place.line


BRANCH = """\
def slow(): ...
def fast(): ...

def work(mode):
    if mode == "slow":
        return slow()
    return fast()
"""


def test_an_argument_through_three_calls(tmp_path: Path) -> None:
    program = BRANCH + "\ndef inner(how):\n    return work(how)\n\ndef outer(way):\n"
    program += "    return inner(how=way)\n\ndef build():\n    return lambda: outer({!r})\n"
    found = said(tmp_path, program.format("slow"), program.format("fast"))
    assert found == ("way", "'slow'", "'fast'", "a.py", line_of(tmp_path, "outer('slow')"))


def test_a_default_is_the_call_that_leaves_it(tmp_path: Path) -> None:
    program = BRANCH.replace("work(mode)", "work(scale=1, mode='slow')")
    program += "\ndef build():\n    def step():\n        return work({})\n    return step\n"
    found = followed(tmp_path, program.format("2"), program.format("2, mode='fast'"))
    assert found is not None
    assert (found.name, found.given, found.owner) == ("mode", False, "work")
    assert (found.wasteful_value, found.efficient_value) == ("'slow'", "'fast'")
    assert found.place.line == line_of(tmp_path, "work(2)")


PROGRAMS = {
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


@pytest.mark.parametrize("way", PROGRAMS)
def test_ways_that_a_value_comes(way: str, tmp_path: Path) -> None:
    text, values, (name, line) = PROGRAMS[way]
    a, b = (BRANCH + text.replace("{}", value) for value in values)
    found = said(tmp_path, a, b)
    assert found is not None
    assert (found[0], *found[3:]) == (name, "a.py", line_of(tmp_path, line))


@pytest.mark.parametrize("way", PROGRAMS)
def test_equal_programs_have_no_cause(way: str, tmp_path: Path) -> None:
    text, values, _ = PROGRAMS[way]
    program = BRANCH + text.replace("{}", values[0])
    assert said(tmp_path, program, program) is None


COMMAND_LINE = """
import argparse

def build():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", default="slow")
    parser.add_argument("--label")
    given = parser.parse_args()
    return lambda: work(given.mode)
"""


def test_an_option_of_the_command_line(tmp_path: Path) -> None:
    program = BRANCH + COMMAND_LINE
    given = (("--label", "x"), ("--mode", "fast"))
    found = followed(tmp_path, program, program, given)
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == (
        "--mode",
        "'slow'",
        "'fast'",
    )
    assert found.place.line == line_of(tmp_path, 'parser.add_argument("--mode"')


@pytest.mark.parametrize(
    ("file", "text", "load"),
    [
        ("options__json", '{\n  "net": {\n    "mode": "slow"\n  }\n}\n', "json.load"),
        ("options__yaml", "net:\n  other: 1\n  mode: slow\n", "yaml.safe_load"),
    ],
)
def test_a_file_of_options(file: str, text: str, load: str, tmp_path: Path) -> None:
    module, name = load.partition(".")[0], file.replace("__", ".")
    program = BRANCH + (
        f"\nimport {module}\nfrom pathlib import Path\n\n\n"
        "def build():\n    with open(Path(__file__).with_name({!r})) as file:\n"
        f'        options = {load}(file)["net"]\n    return lambda: work(options["mode"])\n'
    )
    files = {file: text, f"other{file}": text.replace("slow", "fast")}
    a, b = program.format(name), program.format(f"other{name}")
    assert said(tmp_path, a, b, **files) == ("mode", "'slow'", "'fast'", name, 3)


def test_a_condition_on_one_line(tmp_path: Path) -> None:
    program = BRANCH + "\ndef build():\n    exact = {}\n\n    def step():\n"
    program += "        return slow() if exact else fast()\n\n    return step\n"
    found = said(tmp_path, program.format("True"), program.format("False"))
    assert found == ("exact", "True", "False", "a.py", line_of(tmp_path, "exact = True"))


def test_how_often_a_loop_runs(tmp_path: Path) -> None:
    program = BRANCH + "\nclass Net:\n    def __init__(self, times):\n        self.times = times\n"
    program += "\n    def run(self):\n        for _ in range(self.times):\n            slow()\n"
    program += "\ndef build():\n    net = Net({})\n    return lambda: net.run()\n"
    found = said(tmp_path, program.format("9"), program.format("3"))
    assert found == ("times", "9", "3", "a.py", line_of(tmp_path, "Net(9)"))


def test_code_of_their_own_has_no_common_cause(tmp_path: Path) -> None:
    a = BRANCH + "\ndef build():\n    return lambda: slow()\n"
    b = BRANCH + "\ndef build():\n    def other():\n        return fast()\n    return other\n"
    assert said(tmp_path, a, b) is None
