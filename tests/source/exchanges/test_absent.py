"""What is told of something that only one program gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import changed_lines, exchanged, told

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
        ("scale", "not given"),  # there are two
        ("made", "not given"),  # no constant
        ("elsewhere", "not given"),
    ],
)
def test_the_default_by_its_name(name: str, left: str, tmp_path: Path) -> None:
    own = f"from lib import Fitting\nfit([('{name}', 0)])"
    first, *_ = exchanged(tmp_path, own, "from lib import Fitting\nfit([])", LIB)
    assert told(first) == (name, "0", left, 2)


def test_the_default_that_a_variable_is_read_with(tmp_path: Path) -> None:
    own = "import os\nos.environ['MODE'] = 'slow'\nos.environ['frozen'] = '0'"
    found = [told(each)[:3] for each in exchanged(tmp_path, own, "import os", LIB)]
    # What objects hold is no variable's default.
    assert found == [("MODE", "'slow'", "'fast'"), ("frozen", "'0'", "not given")]


def test_the_default_of_a_context_variable(tmp_path: Path) -> None:
    lib = "from contextvars import ContextVar\nways = ContextVar('ways', default=3)"
    own = "from lib import ways\nways.set(9)"
    found = exchanged(tmp_path, own, "from lib import ways\nrun(ways.set, 3)", lib)
    assert told(found[0]) == ("ways", "9", "3", 2)
    assert changed_lines(own, found[0]) == ["pass"]


def test_a_librarys_attribute_has_no_default_of_ours(tmp_path: Path) -> None:
    own = "import torch\ntorch.backends.cudnn.frozen = False\nfitting.frozen = False"
    found = [told(each)[:3] for each in exchanged(tmp_path, own, "import torch", LIB)]
    assert found == [("frozen", "False", "not given"), ("frozen", "False", "True")]


def test_a_default_that_is_no_constant_leaves_none_known(tmp_path: Path) -> None:
    lib = (
        "class A:\n    eps = 7\nclass B:\n    def __init__(self, eps=1):\n        self.eps = eps\n"
    )
    own = "from lib import B\nmodel.eps = 3"
    found = [told(each)[:3] for each in exchanged(tmp_path, own, "from lib import B", lib)]
    assert found == [("eps", "3", "not given")]


def test_a_default_of_its_own_file_is_not_that_of_the_other_program(tmp_path: Path) -> None:
    own = "class Fitting:\n    frozen = True\nfit([('frozen', 0)])"
    found = [told(each) for each in exchanged(tmp_path, own, "fit([])", LIB)]
    assert ("frozen", "0", "True", 3) in found  # it is in lib.py too
    found = [told(each) for each in exchanged(tmp_path, own, "fit([])")]
    assert ("frozen", "0", "not given", 3) in found
