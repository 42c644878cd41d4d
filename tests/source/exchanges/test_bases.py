"""What only one program's class has of itself, and what its bases have instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import exchanged, told

LIB = """
class Net:
    fast = False
    def act(self): return 0
class Mixin:
    quick = 9
    def act(self): return 5
class Both(Mixin, Net): ...
"""
# The class's own bases and body, the other program's, and what is told.
CASES = {
    "a class named as its base": (
        ("lib.Net", "fast = True\n    def act(self): return 1"),
        ("lib.Net", "pass"),
        [("fast", "True", "False"), ("act", "1", "0")],
    ),
    "bases in order": (
        ("lib.Mixin, lib.Net", "def act(self): return 1"),
        ("lib.Mixin, lib.Net", "pass"),
        [("act", "1", "5")],
    ),
    "what a further base has": (
        ("lib.Mixin, lib.Net", "fast = True"),
        ("lib.Mixin, lib.Net", "pass"),
        [("fast", "True", "False")],
    ),
    "bases of bases": (
        ("lib.Both", "fast = True"),
        ("lib.Both", "pass"),
        [("fast", "True", "False")],
    ),
    "a base that is not known": (
        ("Other, lib.Net", "fast = True"),
        ("Other, lib.Net", "pass"),
        [("fast", "True", "not given")],
    ),
    "given in another way": (
        ("lib.Net", "fast, slow = True, 1"),
        ("lib.Net", "fast = True\n    slow = 1"),
        [],
    ),
    "a property of that name": (
        ("lib.Net", "fast = True"),
        ("lib.Net", "@property\n    def fast(self):\n        return compute()"),
        [],
    ),
}


@pytest.mark.parametrize(("own", "other", "expected"), CASES.values(), ids=CASES)
def test_what_is_overridden(
    own: tuple[str, str],
    other: tuple[str, str],
    expected: list[tuple[str, str, str]],
    tmp_path: Path,
) -> None:
    a, b = (f"import lib\nclass Net({bases}):\n    {body}\n" for bases, body in (own, other))
    found = [told(each)[:3] for each in exchanged(tmp_path, a, b, LIB)]
    assert sorted(found) == sorted(expected)


def test_classes_of_one_base_are_compared_with_their_namesakes(tmp_path: Path) -> None:
    classes = "\n".join(f"class L{i}(Net):\n    attribute{i} = {i}" for i in range(9))
    own, other = (f"from lib import Net\n{classes}\nf(kind={i})" for i in (1, 2))
    found = [told(each)[:3] for each in exchanged(tmp_path, own, other, LIB)]
    assert found == [("kind", "1", "2")]


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("class Mine(Net): pass\n", "class Mine(Net): fast = True; pass\n"),
        ("class Mine(Net): ...\n", "class Mine(Net): fast = True; ...\n"),
        ("class Mine(Net):\n\tslow = 1\n", "class Mine(Net):\n\tfast = True; slow = 1\n"),
        (
            'class Mine(Net):\n    """Text."""\n',
            'class Mine(Net):\n    """Text."""; fast = True\n',
        ),
        (
            "class Mine(Net):\n\tdef f(self): ...\n",
            "class Mine(Net):\n\tfast = True\n\tdef f(self): ...\n",
        ),
    ],
)
def test_what_the_other_class_has_is_added(body: str, changed: str, tmp_path: Path) -> None:
    lead = "from lib import Net\n"
    other = f"{lead}class Ours(Net):\n    fast = True\n"
    texts = [each.text for each in exchanged(tmp_path, lead + body, other, LIB)]
    assert lead + changed in texts
    compile(lead + changed, "a.py", "exec")
