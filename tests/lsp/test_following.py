"""Lines are found again after edits, and given up where that is uncertain."""

from __future__ import annotations

import pytest

from magneton.lsp.following import surviving_lines


def survivors(measured: str, current: str) -> str:
    """For each line of ``measured`` (one letter each) its line number now, or a dash."""
    found = surviving_lines(tuple(measured), tuple(current))
    return "".join(str(found.get(line, "-")) for line in range(len(measured)))


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        ("abcd", "0123"),  # nothing done, or all undone
        ("xabcd", "1234"),  # inserted above,
        ("abxcd", "0134"),  # between,
        ("abcdx", "0123"),  # below
        ("acd", "0-12"),  # removed
        ("aXcd", "0-23"),  # changed
        ("XbYdZ", "-1-3"),  # several edits
        ("cdab", "----"),  # moved: which block is at home?
        ("", "----"),
    ],
)
def test_lines_after_an_edit(current: str, expected: str) -> None:
    assert survivors("abcd", current) == expected


@pytest.mark.parametrize(
    ("measured", "current", "expected"),
    [
        ("axxb", "axb", "0--2"),  # which x was removed?
        ("axcxb", "axb", "0---2"),
        ("axb", "axxb", "0-3"),  # which x is the new one?
        ("axcxb", "axcYxb", "01245"),  # here there is no doubt
    ],
)
def test_a_line_that_could_be_either_of_two_is_given_up(
    measured: str, current: str, expected: str
) -> None:
    assert survivors(measured, current) == expected


def test_of_a_text_rewritten_at_large_only_head_and_tail_are_kept() -> None:
    measured = ("head", *(f"old {n}" for n in range(700)), "tail")
    current = ("head", *(f"new {n}" for n in range(699)), "old 350", "tail")
    assert surviving_lines(measured, current) == {0: 0, 701: 701}
