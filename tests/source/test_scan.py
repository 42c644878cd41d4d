"""What of a file can be a target, and where its name stands."""

from __future__ import annotations

import pytest

from magneton.source import scan

SOURCE = '''\
"""A docstring."""

# a comment
from torch import nn


def build():
    def inner():
        pass
    return inner


# above the decorators
@decorated
@decorated(
    1,
)
# between
def  defaults(a=1, *args, b=2, **kwargs):
    pass


def needs(a, /, b, *, c, d=1):
    pass


async def waits():
    pass


class Model:
    def method():
        pass


if True:
    def conditional():
        pass

def é(): pass
'''


def test_functions_with_their_names_position_and_required_parameters() -> None:
    functions = scan.outline(SOURCE).functions
    assert [(f.name, f.line, f.column, f.required) for f in functions.values()] == [
        ("build", 7, 4, ()),
        ("defaults", 19, 5, ()),
        ("needs", 23, 4, ("a", "b", "c")),
        ("waits", 27, 10, ()),
        ("é", 40, 4, ()),
    ]


def test_only_what_can_be_called_without_arguments_is_offered() -> None:
    offered = scan.outline(SOURCE).callable_functions()
    assert [function.name for function in offered] == ["build", "defaults", "é"]


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_lines_are_counted_with_any_line_end(line_end: str) -> None:
    functions = scan.outline(SOURCE.replace("\n", line_end)).functions
    assert functions["defaults"].line == 19


def test_of_two_functions_with_one_name_the_last_counts() -> None:
    functions = scan.outline("def f(a): pass\n\ndef g(): pass\n\ndef f(): pass\n").functions
    assert [(f.name, f.line, f.required) for f in functions.values()] == [
        ("g", 3, ()),
        ("f", 5, ()),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import torch", True),
        ("import torch.nn.functional as F", True),
        ("from torch.nn import Linear", True),
        ("def build():\n    import torch\n", True),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\n", True),
        ("import torchvision", False),
        ("from .torch import nn", False),
        ("'''\nimport torch\n'''", False),
    ],
)
def test_whether_a_file_imports_torch(source: str, expected: bool) -> None:
    assert scan.outline(source).imports_torch is expected


def test_names_that_the_top_level_binds() -> None:
    source = (
        "import a.b\nimport c.d as e\nfrom f import g, h as i\n"
        "j = k = 1\n(l, [m, *n]) = x\no: int = 1\np: int\n"
        "for q in x: r = 1\nwith x as s: pass\n"
        "try: pass\nexcept E as t: pass\n"
        "if x:\n    def u(): v = 1\nclass W:\n    y = 1\n"
    )
    outline = scan.outline(source)
    assert "".join(sorted(outline.bound)) == "Waegijklmnoqrstu"
    assert not outline.open


@pytest.mark.parametrize("source", ["from x import *", "def __getattr__(name): pass"])
def test_a_module_that_may_bind_more_is_open(source: str) -> None:
    assert scan.outline(source).open


def test_what_is_not_python_is_unreadable() -> None:
    with pytest.raises(scan.UnreadableError):
        scan.outline("def f(:")
