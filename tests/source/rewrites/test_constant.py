"""Exchanging a value where the source spells it out."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.constant import rewrite

from .wishes import place, text_of, wish


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("«MODE = 'slow'»  # not 'slow'\n", "MODE = 'fast'  # not 'slow'\n"),
        ("class A:\n\t«mode: str = 'slow'»\r\n", "class A:\n\tmode: str = 'fast'\r\n"),
        ("def f(«mode='slow'», other='slow'):\n    pass",
         "def f(mode='fast', other='slow'):\n    pass"),
        ("é = {'a': 1, «'😀': 'slow'»}\n", "é = {'a': 1, '😀': 'fast'}\n"),
        ("«mode = 'fast' if x else ('slow')»\n", "mode = 'fast' if x else ('fast')\n"),
        ("«mode = ('sl' 'ow')»\n", "mode = ('fast')\n"),
        ("«mode = os.environ.get('MODE', 'slow')»\n", "mode = os.environ.get('MODE', 'fast')\n"),
        # Of several mentions the default counts.
        ("«p.add('--mode', default='slow', choices=['slow', 'fast'])»\n",
         "p.add('--mode', default='fast', choices=['slow', 'fast'])\n"),
    ],
)  # fmt: skip
def test_literals(before: str, after: str) -> None:
    assert text_of(rewrite(wish(deciding=place(before)))) == after


@pytest.mark.parametrize(
    "before",
    [
        "«x = other»  # slow\n",  # not written there
        "«x = 'slow', 'slow'»\n",  # which one?
        "«x = b'slow'»\n",  # another type
        "«x = 'a slow one'»\n",
        "«x = f'slow'»\n",
    ],
)
def test_what_is_not_rewritten(before: str) -> None:
    assert rewrite(wish(deciding=place(before))) is None


def test_the_title_says_what_is_done() -> None:
    found = rewrite(wish(deciding=place("«MODE = 'slow'»\n")))
    assert found is not None
    assert found.title == "let mode be 'fast'"
    names = {"wasteful_value": "slow", "efficient_value": "fast"}
    found = rewrite(wish(kind="call", deciding=place("slow = fast = 1\n«f(slow)»\n"), **names))
    assert found is not None
    assert found.title == "use fast for slow"


def test_functions_by_name() -> None:
    defined = "def slow(x): ...\ndef fast(x): ...\n"
    asked = wish(
        kind="call",
        wasteful_value="slow",
        efficient_value="fast",
        deciding=place(defined + "«TABLE = {'slow': slow}»\n"),
    )
    assert text_of(rewrite(asked)) == defined + "TABLE = {'slow': fast}\n"
    # The other one is not known here, or it is an attribute, an argument's name, a target.
    for source in (
        "def slow(x): ...\n«x = slow»\n",
        "import slow\n«x = slow»\n",
        "from ways import *\n«x = slow»\n",
        "from ways import quick as slow\n«x = slow»\n",
        defined + "«x = a.slow»\n",
        defined + "«x = f(slow=1)»\n",
        defined + "«slow = 1»\n",
    ):
        changed = wish(
            kind="call", wasteful_value="slow", efficient_value="fast", deciding=place(source)
        )
        assert rewrite(changed) is None


def test_numbers_are_told_from_booleans() -> None:
    before = place("«x = f(True, 1, 1.0)»\n")
    found = rewrite(wish(wasteful_value="1", efficient_value="4", deciding=before))
    assert text_of(found) == "x = f(True, 4, 1.0)\n"
    found = rewrite(wish(wasteful_value="-1", efficient_value="4", deciding=place("«x = -1»\n")))
    assert text_of(found) == "x = 4\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Nothing else uses it.
        ("from .ways import (\n    slow,  # as ever\n)\n«x = slow()»\n",
         "from .ways import (\n    fast,  # as ever\n)\nx = fast()\n"),
        ("from ways import slow, other\n«x = slow()»\ny = slow()\n",
         "from ways import slow, fast, other\nx = fast()\ny = slow()\n"),
        ("from ways import slow\r\n«x = slow()»\r\ny = slow",
         "from ways import slow, fast\r\nx = fast()\r\ny = slow"),
    ],
)  # fmt: skip
def test_a_class_from_where_the_other_one_comes(before: str, after: str) -> None:
    names = {"wasteful_value": "slow", "efficient_value": "fast"}
    assert text_of(rewrite(wish(kind="call", deciding=place(before), **names))) == after


def test_members_of_an_enumeration() -> None:
    values = {"wasteful_value": "<Mode.SLOW: 1>", "efficient_value": "<Mode.FAST: 'f'>"}
    before = place("from ways import Mode\n«x = f(Mode.SLOW, Other.SLOW)»\n")
    found = rewrite(wish(deciding=before, **values))
    assert text_of(found) == "from ways import Mode\nx = f(Mode.FAST, Other.SLOW)\n"
    unknown = place("import ways\n«x = f(ways.Mode.SLOW)»\n")
    assert rewrite(wish(deciding=unknown, **values)) is None
