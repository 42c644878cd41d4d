"""Text that would end the process, or take it minutes, is not parsed."""

from __future__ import annotations

import pytest

from magneton.source.nesting import nests_too_deep
from magneton.source.rewrites.module import SourceModule
from magneton.source.scan import UnreadableError, outline


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "x = " + "[" * 201 + "]" * 201,
        "x = " + "not " * 600 + "1",
        "x = " + "'a' + " * 600 + "'a'",
        "x = " + "lambda a, b=" * 600 + "1" + ": 1" * 600,
        "x = f" + "()" * 600,
        'x = f"{' + "(" * 201 + "1" + ")" * 201 + '}"',
        "x = f\"{'}{'" + " + '}{'" * 5000 + '}"',
        "if a:\n    pass\n" + "elif a:\n    pass\n" * 600,
        "".join(" " * depth + "if a:\n" for depth in range(101)) + " " * 101 + "pass\n",
        "a = 1\rb = " + "(" * 201 + ")" * 201,
    ],
)
def test_what_nests_too_deep_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        outline(text + "\n")
    with pytest.raises(UnreadableError):
        SourceModule("a.py", text + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "(1, -2), " * 5000 + "]",
        "x = {" + "'a': b.c(d), " * 5000 + "}",
        "x = f(a)\n" * 5000,
        "x = " + "(" * 150 + "1" + ")" * 150,
        "if a:\n    x = not b\n" * 5000,
        "x = ':( ' # ((\n" * 5000,
        'x = f"""' + "a { b } (c);\n" * 600 + '"""',
    ],
)
def test_long_text_is_not_deep(text: str) -> None:
    assert not nests_too_deep(text)


def test_a_sum_too_long_to_be_visited_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        outline("x = " + "a + " * 490 + "a\n")
