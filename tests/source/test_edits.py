"""Small edits from one text to another, and back into the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magneton.source.edits import TextEdit, apply_edits, edits_between
from magneton_agent.schema.location import Position


def edit(line: int, column: int, end_line: int, end_column: int, text: str) -> TextEdit:
    return TextEdit(Position(line, column), Position(end_line, end_column), text)


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("a\nb\n", "a\nb\n", ()),
        ("f(x)\n", "f(x, y=1)\n", (edit(1, 3, 1, 3, ", y=1"),)),
        ("é😀f(x)\n", "é😀f(y)\n", (edit(1, 4, 1, 5, "y"),)),
        # Two places far apart are two edits.
        (
            "a = 1\nb\nc\nd = 1\n",
            "a = 2\nb\nc\nd = 2\n",
            (edit(1, 4, 1, 5, "2"), edit(4, 4, 4, 5, "2")),
        ),
        # A new line is put between two lines.
        ("a\nc\n", "a\nb\nc\n", (edit(2, 0, 2, 0, "b\n"),)),
        ("a\r\nc\r\n", "a\r\nb\r\nc\r\n", (edit(2, 0, 2, 0, "b\r\n"),)),
        # A line goes.
        ("a\nb\nc\n", "a\nc\n", (edit(2, 0, 3, 0, ""),)),
        # No line end at the end.
        ("a\nb", "a\nb2", (edit(2, 1, 2, 1, "2"),)),
        ("a", "a\nb", (edit(1, 1, 1, 1, "\nb"),)),
        ("", "a\n", (edit(1, 0, 1, 0, "a\n"),)),
        # The two characters of a line end stay together.
        ("a\r\n", "a\n", (edit(1, 1, 2, 0, "\n"),)),
    ],
)
def test_edits_between(old: str, new: str, edits: tuple[TextEdit, ...]) -> None:
    assert edits_between(old, new) == edits
    assert apply_edits(old, edits) == new


TEXTS = st.text(st.sampled_from("ab😀\r\n\t\f\u2028"), max_size=12)


@given(TEXTS, TEXTS)
def test_making_the_edits_gives_the_new_text(old: str, new: str) -> None:
    assert apply_edits(old, edits_between(old, new)) == new


@pytest.mark.parametrize("outside", [edit(3, 0, 3, 0, "x"), edit(1, 9, 1, 9, "x")])
def test_an_edit_outside_of_the_text_is_refused(outside: TextEdit) -> None:
    with pytest.raises(ValueError, match="is not in the text"):
        apply_edits("a\n", [outside])
