"""Which parameters reach a statement, and which decide whether it runs."""

from __future__ import annotations

import ast
import textwrap

import pytest

from magneton.source.valueflow import ValueFlow


def flow(text: str) -> tuple[ValueFlow, ast.stmt]:
    """The flow of the one function in ``text``, and its statement marked ``# here``."""
    source = textwrap.dedent(text)
    here = 1 + next(i for i, line in enumerate(source.split("\n")) if "# here" in line)
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    found = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node.lineno == here and node is not function
    ]
    return ValueFlow(function), found[0]


def reaching(text: str) -> dict[str, int]:
    values, statement = flow(text)
    return values.reaching(statement)


def deciding(text: str) -> dict[str, int]:
    values, statement = flow(text)
    return values.deciding(statement)


def test_assignments_between_are_counted() -> None:
    assert reaching("""
        def f(x, keep, unused, *, scale=1):
            last = keep + 1
            rows = slice(-last, None)
            return g(x[rows], scale)  # here
    """) == {"x": 0, "scale": 0, "keep": 2}


def test_the_shortest_way_counts() -> None:
    assert reaching("""
        def f(x):
            y = h(x)
            return g(y, x)  # here
    """) == {"x": 0}


def test_a_parameter_that_was_overwritten_does_not_reach() -> None:
    assert reaching("""
        def f(x, n):
            n = 5
            return g(x, n)  # here
    """) == {"x": 0}


def test_what_comes_later_does_not_reach() -> None:
    assert reaching("""
        def f(x, n):
            y = g(x)  # here
            x = n
            return y
    """) == {"x": 0}


@pytest.mark.parametrize("write", ["y += n", "y[0] = n", "y.scale = n", "y[0].scale = n"])
def test_partial_writes_keep_the_old_value(write: str) -> None:
    assert reaching(f"""
        def f(x, n):
            y = x
            {write}
            return g(y)  # here
    """) == {"x": 2, "n": 1}


def test_an_index_is_read_and_not_written() -> None:
    assert reaching("""
        def f(x, y, i, n):
            y[i] = n
            return g(x, i)  # here
    """) == {"x": 0, "i": 0}


def test_either_branch_may_have_run() -> None:
    assert reaching("""
        def f(x, a, b, c):
            if x:
                y = a
            elif c:
                y = b
            else:
                y = 0
            return g(y)  # here
    """) == {"a": 1, "b": 1}


def test_a_missing_branch_keeps_the_old_value() -> None:
    assert reaching("""
        def f(n=None):
            if n is None:
                n = 1
            return g(n)  # here
    """) == {"n": 0}


def test_a_branch_that_returns_does_not_come_back() -> None:
    assert reaching("""
        def f(x, y, n):
            if x:
                y = n
                return y
            return g(y)  # here
    """) == {"y": 0}


def test_a_loop_may_not_run_at_all() -> None:
    assert reaching("""
        def f(x, rows):
            y = x
            for row in rows:
                y = row
            return g(y)  # here
    """) == {"x": 1, "rows": 2}


def test_a_with_block_always_runs() -> None:
    assert reaching("""
        def f(x, context, n):
            with context as c:
                x = n
            return g(x, c)  # here
    """) == {"n": 1, "context": 1}


def test_try_may_have_stopped_anywhere() -> None:
    assert reaching("""
        def f(a, b, c):
            x = a
            try:
                x = b
            except ValueError:
                x = c
            return g(x)  # here
    """) == {"a": 1, "b": 1, "c": 1}


def test_tuples_stars_and_a_comprehensions_own_names() -> None:
    assert reaching("""
        def f(x, rows, *rest, **options):
            a, (b, *c) = rest
            d = [x for x in rows]
            return g(x, c, options)  # here
    """) == {"x": 0, "rest": 1, "options": 0}


def test_conditions_around_a_statement_decide() -> None:
    assert deciding("""
        def f(x, mode, n):
            fused = mode == "fused"
            if fused:
                for row in range(n):
                    return g(x)  # here
            return h(x)
    """) == {"mode": 1, "n": 0}


@pytest.mark.parametrize("leave", ["return h(x)", "raise ValueError(x)"])
def test_an_early_leave_decides_what_follows(leave: str) -> None:
    assert deciding(f"""
        def f(x, fused, other):
            if other:
                x = x + 1
            if fused:
                {leave}
            return g(x)  # here
    """) == {"fused": 0}


def test_a_leave_inside_an_inner_function_decides_nothing() -> None:
    assert (
        deciding("""
        def f(x, fused):
            if fused:
                def inner():
                    return 1
            return g(x)  # here
    """)
        == {}
    )


def test_a_statement_of_another_function_is_unknown() -> None:
    values, _ = flow("def f(x):\n    return g(x)  # here\n")
    _, elsewhere = flow("def f(x):\n    return g(x)  # here\n")
    assert values.reaching(elsewhere) == {}
    assert values.deciding(elsewhere) == {}
