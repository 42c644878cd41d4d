"""Which rewrite is taken."""

from __future__ import annotations

from magneton.source.rewrites.module import SourceModule
from magneton.source.rewrites.rules import rewrite

from .wishes import place, wish


def title(**changes: object) -> str | None:
    found = rewrite(wish(**changes))
    return found.title if found is not None else None


def test_the_first_that_can() -> None:
    assert title(deciding=place("«f(x)»\n")) == "pass mode='fast'"
    assert title(deciding=place("«MODE = 'slow'»\n")) == "let mode be 'fast'"
    asked = {"kind": "setting", "name": "WAY", "wasteful_value": "not set"}
    lookup = place("import os\n«os.getenv('WAY')»\n")
    assert title(deciding=lookup, **asked) == "let WAY be 'fast' where it is not set"
    here, there = place("x = 1\n«max(x)»\n"), place("x = 1\n«sum(x)»\n", "b.py")
    assert title(kind="call", wasteful=here, efficient=there) == "call sum(x)"
    several = place("x = 1\ny = «x * 2\nz = y + x»\n")
    assert title(kind="call", wasteful=several, efficient=there) == "call sum(x) instead of 2 lines"
    loop = place("for x in y:\n    z = «f(n)»\n")
    assert title(kind="redundant", wasteful=loop) == "compute f(n) once, before the loop"
    copied = {"efficient_value": "never", "deciding": place("for x in y:\n    z = «f.clone()»\n")}
    assert title(kind="redundant", wasteful=loop, **copied) == "leave out .clone()"
    entry = (SourceModule("a.py", "import torch\n\nx = 1\n"), None)
    threads = {"kind": "setting", "name": "torch.get_num_threads()", "wasteful_value": "1"}
    assert title(**threads, efficient_value="2", entry=entry) == "set torch.set_num_threads(2)"


def test_none_that_can() -> None:
    assert title() is None


def test_what_would_be_no_python_is_not_given() -> None:
    asked = {"efficient_value": "True", "deciding": place("x = «'slow'if y else 2»\n")}
    assert rewrite(wish(**asked)) is None


def test_a_file_with_too_long_a_sum_is_left_alone() -> None:
    long_sum = "x = " + "a + " * 490 + "a\n"
    assert rewrite(wish(deciding=place(long_sum + "«f(x)»\n"))) is None
