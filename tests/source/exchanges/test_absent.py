"""What is told of something that only one program gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import exchanged, told

LIB = """
import os
class Fitting:
    frozen = True
    scale = 1
    def __init__(self):
        self.scope = "head"
        self.made = make()
class Other:
    scale = 2
MODE = os.environ.get("MODE", "fast")
"""


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("frozen", "True"),  # a class's attribute
        ("scope", "'head'"),  # what a constructor sets
        ("MODE", "'fast'"),  # a read with a default
        ("scale", "not given"),  # there are two
        ("made", "not given"),  # no constant
        ("elsewhere", "not given"),
    ],
)
def test_the_default_by_its_name(name: str, left: str, tmp_path: Path) -> None:
    own = f"from lib import Fitting\nfit([('{name}', 0)])"
    first, *_ = exchanged(tmp_path, own, "from lib import Fitting\nfit([])", LIB)
    assert told(first) == (name, "0", left, 2)


def test_a_default_of_its_own_file_is_not_that_of_the_other_program(tmp_path: Path) -> None:
    own = "class Fitting:\n    frozen = True\nfit([('frozen', 0)])"
    found = [told(each) for each in exchanged(tmp_path, own, "fit([])", LIB)]
    assert ("frozen", "0", "True", 3) in found  # it is in lib.py too
    found = [told(each) for each in exchanged(tmp_path, own, "fit([])")]
    assert ("frozen", "0", "not given", 3) in found
