"""Which assignments reach a statement."""

from __future__ import annotations

import ast
import textwrap

from magneton.source.versions import Versions


def reaching(text: str, name: str) -> list[int]:
    """The lines that may have given ``name`` its value at the statement marked ``# here``, or at
    the end; the function's first is 1, a parameter's 0."""
    source = textwrap.dedent(text).lstrip()
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    marked = [number for number, line in enumerate(source.split("\n"), 1) if "# here" in line]
    found = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function and node.lineno in marked
    ]
    return sorted(Versions(function).of(name, found[0] if found else None))


def test_a_parameter_and_what_overwrites_it() -> None:
    text = """
        def f(x, n):
            n = 5
            return g(x, n)  # here
    """
    assert reaching(text, "x") == [0]
    assert reaching(text, "n") == [2]
    assert reaching(text, "g") == []


def test_branches_meet() -> None:
    assert reaching(
        """
        def f(x):
            if x:
                y = 1
            else:
                y = 2
            return y  # here
        """,
        "y",
    ) == [3, 5]


def test_a_branch_that_leaves_does_not_meet() -> None:
    assert reaching(
        """
        def f(x):
            y = 1
            if x:
                y = 2
                return y
            return y  # here
        """,
        "y",
    ) == [2]


def test_a_loop_may_not_run() -> None:
    assert reaching(
        """
        def f(x):
            y = 1
            for z in x:
                y = z
            return y  # here
        """,
        "y",
    ) == [2, 4]


def test_with_always_runs() -> None:
    assert reaching(
        """
        def f(x):
            y = 1
            with x:
                y = 2
            return y  # here
        """,
        "y",
    ) == [4]


def test_what_is_added_keeps_what_was_there() -> None:
    assert reaching(
        """
        def f(x, y):
            x += y
            return x  # here
        """,
        "x",
    ) == [0, 2]


def test_the_last_value_is_that_at_the_end() -> None:
    assert reaching("def f(x, *more, y=1, **rest):\n    x = y\n", "x") == [2]
    assert reaching("def f(x, *more, y=1, **rest):\n    x = y\n", "rest") == [0]
    assert reaching("def f(x, *more, y=1, **rest):\n    x = y\n", "more") == [0]
