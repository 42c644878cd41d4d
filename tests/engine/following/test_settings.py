"""What decides on a setting, for whose setter ``slow`` stands, is followed as other values are."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import line_of, set_by

HEAD = "def slow(*given): ...\ndef fast(*given): ...\n"
ARGUMENT = """
class Session:
    def __init__(self, portable=False):
        self.portable = portable
        slow(not self.portable)

def build():
    session = Session({})
    return lambda: session
"""
CONDITION = """
def prepared(exact):
    if exact:
        slow(1)

def build():
    prepared(exact={})
    return lambda: fast()
"""
ENTERED = """
import contextlib

@contextlib.contextmanager
def using(vendor):
    slow(vendor)
    yield

class Session:
    def __init__(self, vendor):
        self.vendor = vendor

    def run(self):
        with contextlib.suppress(OSError), using(self.vendor):
            return fast()

def build():
    session = Session({})
    return lambda: session.run()
"""


@pytest.mark.parametrize(
    ("text", "sets_too", "name", "line"),
    [
        (ARGUMENT, True, "portable", "Session(True)"),
        (CONDITION, False, "exact", "prepared(exact=True)"),
        (ENTERED, True, "vendor", "Session(True)"),
        (ENTERED, False, "vendor", "Session(True)"),
    ],
)
def test_what_decides_on_a_setting(
    text: str, sets_too: bool, name: str, line: str, tmp_path: Path
) -> None:
    a, b = (HEAD + text.replace("{}", value, 1) for value in ("True", "False"))
    found = set_by(tmp_path, a, b, sets_too)
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == (name, "True", "False")
    assert found.place.line == line_of(tmp_path, line)


def test_a_setting_that_only_one_side_sets_is_decided_there(tmp_path: Path) -> None:
    a = HEAD + "\ndef build():\n    slow(1)\n    return lambda: fast()\n"
    b = HEAD + "\ndef build():\n    return lambda: fast()\n"
    assert set_by(tmp_path, a, b, sets_too=False) is None


def test_a_setting_that_only_the_other_side_sets_is_decided_by_a_condition(tmp_path: Path) -> None:
    a, b = (HEAD + CONDITION.replace("{}", value, 1) for value in ("False", "True"))
    found = set_by(tmp_path, a, b, sets_too=True, sets_first=False)
    assert found is not None
    assert (found.name, found.wasteful_value, found.efficient_value) == ("exact", "False", "True")
    assert found.place.line == line_of(tmp_path, "prepared(exact=False)")


def test_nothing_decides_where_only_the_other_sides_own_code_sets_it(tmp_path: Path) -> None:
    a = HEAD + "\ndef build():\n    return lambda: fast()\n"
    b = HEAD + "\ndef build():\n    slow(1)\n    return lambda: fast()\n"
    assert set_by(tmp_path, a, b, sets_too=True, sets_first=False) is None
