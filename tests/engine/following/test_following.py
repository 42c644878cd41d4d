"""A value that differs is followed back to where it was decided."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from .chosen_ways import CHOSEN
from .fallen_back_ways import FALLEN_BACK
from .filled_ways import FILLED
from .given_ways import GIVEN
from .looped_ways import LOOPED
from .mapped_ways import MAPPED
from .module_ways import MODULES
from .outer_ways import OUTER
from .overridden_ways import OVERRIDDEN
from .pattern_ways import PATTERNS
from .programs import followed, followed_back, line_of
from .simple_ways import SIMPLE
from .ways import FURTHER

WAYS = {
    **SIMPLE,
    **FURTHER,
    **OUTER,
    **MAPPED,
    **CHOSEN,
    **LOOPED,
    **FALLEN_BACK,
    **GIVEN,
    **PATTERNS,
    **OVERRIDDEN,
    **MODULES,
    **FILLED,
}
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
    way = followed(tmp_path, program.format("slow"), program.format("fast"), ((), ()))
    assert way is not None
    assert way.there is not None
    assert (Path(way.there.path).name, way.there.line) == ("b.py", way.place.line)


LONG = ' + ""' * 1200


@pytest.mark.parametrize(
    ("condition", "given"),
    [(f'mode{LONG} == "slow"', "{!r}"), ('mode == "slow"', f"{{!r}}{LONG}")],
)
def test_an_expression_too_long_to_be_followed_ends_nothing(
    condition: str, given: str, tmp_path: Path
) -> None:
    program = BRANCH.replace('mode == "slow"', condition)
    program += f"\ndef choose():\n    return {given}\n"
    program += "\ndef build():\n    return lambda: work(choose())\n"
    assert said(tmp_path, program.format("slow"), program.format("fast")) is None


def test_a_default_is_the_call_that_leaves_it(tmp_path: Path) -> None:
    program = BRANCH.replace("work(mode)", "work(scale=1, mode='slow')")
    program += "\ndef build():\n    def step():\n        return work({})\n    return step\n"
    found = followed(tmp_path, program.format("2"), program.format("2, mode='fast'"))
    assert found is not None
    assert (found.name, found.given, found.owner) == ("mode", False, "work")
    assert (found.wasteful_value, found.efficient_value) == ("'slow'", "'fast'")
    assert found.place.line == line_of(tmp_path, "work(2)")


BACKWARD = """\
def slow(): ...
def fast(): ...
def more(): ...

def model(scale):
    more()

def gradients(at_once, scale):
    model(scale)
    if at_once:
        return fast()
    return slow()

def build():
    return lambda: gradients(at_once={}, scale={})
"""


def test_where_a_backward_pass_goes_another_way(tmp_path: Path) -> None:
    programs = BACKWARD.format(False, 1), BACKWARD.format(True, 2)
    found = followed_back(tmp_path, *programs)
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == ("at_once", "False", "True")


@pytest.mark.parametrize("way", WAYS)
def test_ways_that_a_value_comes(way: str, tmp_path: Path) -> None:
    text, values, (name, line) = WAYS[way]
    a, b = (BRANCH + text.replace("{}", value, 1) for value in values)
    found = said(tmp_path, a, b)
    assert found is not None
    assert (found[0], *found[3:]) == (name, "a.py", line_of(tmp_path, line))


@pytest.mark.parametrize("way", list(WAYS)[::6])
def test_equal_programs_have_no_cause(way: str, tmp_path: Path) -> None:
    text, values, _ = WAYS[way]
    program = BRANCH + text.replace("{}", values[0], 1)
    assert said(tmp_path, program, program) is None


GROWING = """
class Growing:
    def reset(self): pass
    def append(self): return slow()
class Preallocated:
    def reset(self): return fast()
    def append(self): more()
class Net:
    def run(self):
        self.reset()
        self.append()
class NetA(Growing, Net): pass
class NetB(Preallocated, Net): pass
def build():
    net = {}()
    return lambda: net.run()
"""


def test_the_costliest_work_may_run_below_another_line_of_a_common_function(
    tmp_path: Path,
) -> None:
    found = said(tmp_path, *(BRANCH + GROWING.replace("{}", each) for each in ("NetA", "NetB")))
    assert found == ("NetA", "NetA", "NetB", "a.py", line_of(tmp_path, "net = NetA()"))


LIBRARY = """
class Layer:
    checkpointing = False
class Model:
    def __init__(self):
        self.layers = [Layer(), object()]
    def enable(self, flag=True):
        for each in self.layers:
            if hasattr(each, "checkpointing"):
                setattr(each, "checkpointing", flag)
"""
CALLING = """
from magneton_kit import Model
def build():
    model, memory = Model(), {!r}
    if memory == "low":
        model.enable()
    return lambda: slow() if model.layers[0].checkpointing else fast()
"""


def test_an_attribute_that_a_library_sets_in_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, folder = tmp_path / "site-packages", tmp_path / "program"
    library.mkdir()
    folder.mkdir()
    (library / "magneton_kit.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(library))
    found = said(folder, *(BRANCH + CALLING.format(each) for each in ("low", "high")))
    monkeypatch.delitem(sys.modules, "magneton_kit")
    assert found == ("memory", "'low'", "'high'", "a.py", line_of(folder, "memory = Model()"))


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


SECTIONS = """
import configparser
from pathlib import Path

def load(section):
    parser = configparser.ConfigParser()
    parser.read(Path(__file__).with_name("options.ini"))
    return parser[section]

def build():
    options = load({})
    return lambda: work(options.get("mode", "none"))
"""


def test_a_section_of_a_file(tmp_path: Path) -> None:
    program, text = BRANCH + SECTIONS, "[one]\nmode = slow\n[two]\nmode = fast\n"
    a, b = (program.replace("{}", value) for value in ("'one'", "'two'"))
    found = said(tmp_path, a, b, options__ini=text)
    assert found == ("section", "'one'", "'two'", "a.py", line_of(tmp_path, "load('one')"))


PARSED = """
import configparser
from pathlib import Path

def load(name):
    parser = configparser.ConfigParser()
    parser.read(Path(__file__).with_name(name))
    return parser

def build():
    parser = load({})
    return lambda: work(parser.get("net", "mode"))
"""


def test_an_option_of_a_file(tmp_path: Path) -> None:
    program, text = BRANCH + PARSED, "[net]\nmode = slow\n"
    a, b = (program.replace("{}", value) for value in ("'a.ini'", "'b.ini'"))
    files = {"a__ini": text, "b__ini": text.replace("slow", "fast")}
    assert said(tmp_path, a, b, **files) == ("mode", "'slow'", "'fast'", "a.ini", 2)


def test_which_of_two_names_that_both_import(tmp_path: Path) -> None:
    program = BRANCH + "\nfrom modes import ONE, TWO\n\nMODE = {}\n\ndef build():\n"
    program += "    return lambda: work(MODE)\n"
    modes = "ONE, TWO = 'slow', 'fast'\n"
    found = said(tmp_path, program.format("ONE"), program.format("TWO"), modes=modes)
    assert found == ("MODE", "'slow'", "'fast'", "a.py", line_of(tmp_path, "MODE = ONE"))


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


def test_modules_are_followed_also_where_torchs_compiler_has_run(tmp_path: Path) -> None:
    torch.compile(lambda x: x.sin(), backend="eager")(torch.ones(2))  # it wraps the constructor
    text, values, _ = WAYS["list of modules"]
    a, b = (BRANCH + text.replace("{}", value, 1) for value in values)
    found = said(tmp_path, a, b)
    assert found is not None
    assert (found[0], found[4]) == ("kind", line_of(tmp_path, "Net(depth=3)"))


TABLES = """
from functools import partial
def solve(x, exact=False):
    return slow() if exact else fast()
TABLE = {}
class Study:
    def __init__(self, methods, name): self.method = methods[name]
    def run(self): return self.method(1)
def build():
    study = Study(TABLE, {!})
    return lambda: study.run()
"""


def test_a_key_that_only_one_sides_table_has_decides_nothing(tmp_path: Path) -> None:
    a, b = (
        BRANCH + TABLES.replace("{}", table).replace("{!}", repr(name))
        for table, name in (
            ("dict(one=partial(solve, exact=True), draft=partial(solve))", "one"),
            ("dict(two=partial(solve, exact=False), draft=partial(solve))", "two"),
        )
    )
    found = said(tmp_path, a, b)
    assert found == ("exact", "True", "False", "a.py", line_of(tmp_path, "exact=True"))
    c = b.replace("draft=", "one=partial(solve, exact=True), draft=")
    d = c.replace("'two'", "'one'")
    assert said(tmp_path, d, c) == ("name", "'one'", "'two'", "a.py", line_of(tmp_path, "'one')"))


def test_what_both_call_in_the_end_is_followed_through_a_wrapper_of_one_side(
    tmp_path: Path,
) -> None:
    inner = """\
def slow(flag): ...

def inner(flag):
    return slow(flag)

def outer(size, flag):
    return inner(flag)
"""
    wrapped = f"{inner}\ndef wrap(x):\n    return outer(x, flag=False)\n"
    a = f"{wrapped}\ndef build():\n    return lambda: wrap(1)\n"
    b = f"{inner}\ndef build():\n    return lambda: outer(1, flag=True)\n"
    assert said(tmp_path, a, b) == (
        "flag",
        "False",
        "True",
        "a.py",
        line_of(tmp_path, "flag=False"),
    )
    same = b.replace("flag=True", "flag=False")
    assert said(tmp_path, a, same) is None
