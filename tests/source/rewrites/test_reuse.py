"""Keeping a value that is computed in several places."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.reuse import rewrite

from .wishes import place, text_of, wish


def rewritten(source: str) -> str | None:
    return text_of(rewrite(wish(kind="redundant", name="f(n)", wasteful=place(source))))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # It has a name already.
        ("def g(n, x):\n\tm = f(n)  # é😀\n\ty = x * «f(n)»\n\treturn y + f(n)  # f(n)\n",
         "def g(n, x):\n\tm = f(n)  # é😀\n\ty = x * m\n\treturn y + m  # f(n)\n"),
        # It gets one, below the comment of the line that needs it first.
        ("def g(n, x):\r\n    z = 1\r\n    # first\r\n    y = x * «f(n)»\r\n    return y + f(n)",
         "def g(n, x):\r\n    z = 1\r\n    # first\r\n    f_once = f(n)\r\n"
         "    y = x * f_once\r\n    return y + f_once"),
        # The name means something else later.
        ("def g(n, x):\n    m = f(n)\n    m = m + 1\n    return m * «f(n)»\n",
         "def g(n, x):\n    f_once = f(n)\n    m = f_once\n    m = m + 1\n"
         "    return m * f_once\n"),
        # In blocks of the line's own block, too, but not in other functions.
        ("def g(n, x):\n    m = f(n)\n    if x:\n        x = «f(n)»\n    def h(): return f(n)\n",
         "def g(n, x):\n    m = f(n)\n    if x:\n        x = m\n    def h(): return f(n)\n"),
        ("x = f(n) + «f(n)»\n", "f_once = f(n)\nx = f_once + f_once\n"),
    ],
)  # fmt: skip
def test_rewrite(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(
    "source",
    [
        "def g(n):\n    return «f(n)»\n",  # once
        "def g(n):\n    m = f(n)\n    n += 1\n    return m * «f(n)»\n",  # of another n
        "def g(n):\n    m = f(n)\n    n.add_(1)\n    return m * «f(n)»\n",
        "def g(n):\n    if n:\n        m = f(n)\n    return «f(n)»\n",  # the first need not run
        "def g(n):\n    m = f(n)\n    with c():\n        return «f(n)»\n",  # another context
        "def g(n):\n    return f(n)\ndef h(n):\n    return «f(n)»\n",
        "def g(n):\n    m = (k := n)\n    return «(k := n)»\n",
    ],
)
def test_what_is_not_rewritten(source: str) -> None:
    assert rewritten(source) is None


def test_the_innermost_call_that_is_written_twice() -> None:
    source = "def f(n):\n    return n.cos()\ndef g(n, x):\n    y = x * f(n)\n    return y + f(n)\n"
    inner, call = (
        place(source.replace("n.cos()", "«n.cos()»")),
        place(source.replace("y + f(n)", "y + «f(n)»")),
    )
    found = rewrite(wish(kind="redundant", wasteful=inner, path=(inner, call)))
    assert found is not None
    assert found.title == "compute f(n) once, and use it again"
    assert found.text.endswith("    f_once = f(n)\n    y = x * f_once\n    return y + f_once\n")
    assert rewrite(wish(kind="call", wasteful=call)) is None
