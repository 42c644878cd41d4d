"""Computing once, before a loop, what the loop repeats."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.hoist import rewrite

from .wishes import place, text_of, wish


def rewritten(source: str) -> str | None:
    return text_of(rewrite(wish(kind="redundant", name="table(n)", wasteful=place(source))))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A line of its own is moved, with what is written above it.
        ("def f(x, n):\n"
         "    y = 0\n"
         "\n"
         "    # every layer\n"
         "    for layer in range(4):\n"
         "        # the table\n"
         "        cos = «table(n)»  # é😀\n"
         "        y = y + x * cos  # table(n)\n"
         "    return y\n",
         "def f(x, n):\n"
         "    y = 0\n"
         "    # the table\n"
         "    cos = table(n)  # é😀\n"
         "\n"
         "    # every layer\n"
         "    for layer in range(4):\n"
         "        y = y + x * cos  # table(n)\n"
         "    return y\n"),
        # A part of an expression gets a name.
        ("while y < n:\r\n\ty = y + «a.table(n)» * a.table(y)",
         "table_once = a.table(n)\r\nwhile y < n:\r\n\ty = y + table_once * a.table(y)"),
        ("for x in y:\n    table_once_ = table_once(x)\n    z = [«table(n)»]\n",
         "table_once__ = table(n)\nfor x in y:\n    table_once_ = table_once(x)\n"
         "    z = [table_once__]\n"),
        ("for x in y:\n    z = x * («n + 1»)\n",
         "repeated_once = (n + 1)\nfor x in y:\n    z = x * repeated_once\n"),
        # Out of every loop that changes nothing of it, and of no other.
        ("def f(x):\n    for n in x:\n        for i in x:\n            for j in x:\n"
         "                g(«table(n)»)\n",
         "def f(x):\n    for n in x:\n        table_once = table(n)\n        for i in x:\n"
         "            for j in x:\n                g(table_once)\n"),
        # The line stays where its name has another value too.
        ("for x in y:\n    z = «table(n)»\n    z = z + x\n",
         "table_once = table(n)\nfor x in y:\n    z = table_once\n    z = z + x\n"),
        ("for x in y:\n    if x:\n        z = «table(n)»\n",
         "table_once = table(n)\nfor x in y:\n    if x:\n        z = table_once\n"),
        # So it does where not every pass comes to it, or one reads the name before.
        ("for x in y:\n    if x:\n        g(x)\n        z = «table(n)»\n",
         "table_once = table(n)\nfor x in y:\n    if x:\n        g(x)\n        z = table_once\n"),
        ("z = 0\nfor x in y:\n    g(z)\n    z = «table(n)»\n",
         "z = 0\ntable_once = table(n)\nfor x in y:\n    g(z)\n    z = table_once\n"),
        ("for x in y:\n    for i in x:\n        z = «table(n)»\n        g(z)\n",
         "z = table(n)\nfor x in y:\n    for i in x:\n        g(z)\n"),
        ("for x in y:\n    if «table(n)»:\n        pass\n",
         "table_once = table(n)\nfor x in y:\n    if table_once:\n        pass\n"),
    ],
)  # fmt: skip
def test_rewrite(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(
    "source",
    [
        "y = «table(n)»\n",  # no loop
        "for x in «table(n)»:\n    pass\n",  # computed once
        "for x in y:\n    pass\nelse:\n    z = «table(n)»\n",
        "for n in y:\n    z = «table(n)»\n",  # the loop changes what it reads
        "for x in y:\n    z = «table(n)»\n    n += 1\n",
        "for x in y:\n    z = «table(n)»\n    n[0] = x\n",
        "for x in y:\n    z = «table(self.n)»\n    self.n = x\n",
        "for x in y:\n    z = «table(n)»\n    n.add_(1)\n",
        "for x in y:\n    (a, *n), b = x\n    z = «table(n)»\n",
        "for x in y:\n    f(n := x)\n    z = «table(n)»\n",
        "for x in y:\n    with open(x) as n:\n        pass\n    z = «table(n)»\n",
        "for x in y:\n    def n(): ...\n    z = «table(n)»\n",
        "for x in y:\n    def f():\n        return «table(n)»\n",  # another function's
        "for x in y:\n    with autocast():\n        z = «table(n)»\n",  # another context
        "z = [«table(n)» for x in y]\n",
        "for x in y:\n    if n is not None:\n        z = «table(n)»\n",  # not of None
        "for x in y:\n    z = 0 if n is None else «table(n)»\n",
        "for x in y:\n    z = n and «table(n)»\n",
        "for x in y:\n    try:\n        z = «table(n)»\n    except E:\n        pass\n",
        "for x in y:\n    f((n := 1) + 1, «(m := 2)»)\n",
    ],
)
def test_what_is_not_rewritten(source: str) -> None:
    assert rewritten(source) is None


def test_the_innermost_call_that_a_loop_repeats() -> None:
    source = (
        "def table(n):\n    return n.cos()\n"
        "def f(x, n):\n    for y in x:\n        g(y, table(n))\n"
        "for i in j:\n    f(i, i)\n"
    )

    inner, call, outer = (
        place(source.replace(text, marked))
        for text, marked in (
            ("n.cos()", "«n.cos()»"),
            ("g(y, table(n))", "g(y, «table(n)»)"),
            ("f(i, i)", "«f(i, i)»"),
        )
    )
    found = rewrite(wish(kind="redundant", wasteful=inner, path=(inner, call, outer)))
    assert text_of(found) == source.replace(
        "    for y in x:\n        g(y, table(n))\n",
        "    table_once = table(n)\n    for y in x:\n        g(y, table_once)\n",
    )
    # What each pass of the outermost loop gives it is not the same.
    assert rewrite(wish(kind="redundant", wasteful=inner, path=(inner, outer))) is None


def test_only_repeated_work() -> None:
    before = place("for x in y:\n    z = «table(n)»\n    w = z\n")
    assert rewrite(wish(kind="call", wasteful=before)) is None
    assert rewrite(wish(kind="redundant", wasteful=None)) is None
    found = rewrite(wish(kind="redundant", wasteful=before))
    assert found is not None
    assert found.title == "compute table(n) once, before the loop"
