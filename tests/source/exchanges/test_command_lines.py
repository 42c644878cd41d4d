"""Options that programs give themselves in lists, and in texts that they split."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import changed_lines, exchanged, told

LIB = """
import argparse
def parse(words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--settled", type=float, default=0.5)
    parser.add_argument("--at-most", type=int, default=90)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--way")
    return parser.parse_args(words)
"""
# Both programs, what is told of each exchange, and the lines that the first changes.
CASES = {
    "a list and a text that is split": (
        'WORDS = [\n    "--at-most", "6",\n    "--settled", "0",\n    SIDE,\n]',
        'given = "--settled=0.001 --at-most=6".split()',
        [("settled", "0.0", "0.001", 3)],
        ["WORDS = ['--at-most', '6', '--settled=0.001', SIDE]"],
    ),
    "left at its default": (
        "parse('--way slow --at-most 90'.split())",
        "parse(['--way', 'slow', '--settled', '0.5'])",
        [],
        [],
    ),
    "another than its default": (
        "import shlex\nparse(shlex.split('--way slow'))",
        "parse(['--way', 'slow', '--at-most', '12'])",
        [("at_most", "90", "12", 2)],
        ["parse(['--at-most', '12', '--way', 'slow'])"],
    ),
    "a switch": (
        "parse(['--quiet', '--way', 'slow'])",
        "parse(['--way', 'slow'])",
        [("quiet", "True", "False", 1)],
        ["parse(['--way', 'slow'])"],
    ),
    "several, one by one": (
        "parse(['--way', 'slow', '--at-most', '9'])",
        "parse(['--way', 'fast', '--at-most', '8'])",
        [("way", "'slow'", "'fast'", 1), ("at_most", "9", "8", 1)],
        ["parse(['--way', 'fast', '--at-most', '9'])"],
    ),
    "arguments of a call, one a parameter": (
        "parse(['--way', 'slow', '--at-most', '90'])",
        "opened('--way=fast', seed=1)",
        [("way", "'slow'", "'fast'", 1)],
        ["parse(['--way=fast', '--at-most', '90'])"],
    ),
    "of the own call": (
        "opened('--way=slow', '--at-most=9', seed=1)",
        "parse(['--way', 'slow'])",
        [("at_most", "9", "90", 1)],
        ["opened(*['--way=slow'], seed=1)"],
    ),
    "a text behind a name": (
        "WORDS = '--way slow'\n\nparse(WORDS.split())",
        "LINE = '--way fast'\nparse(LINE.split())",
        [("way", "'slow'", "'fast'", 1)],
        ["parse(['--way', 'fast'])"],
    ),
    "a text over several lines": (
        'parse("""\n    --at-most 8\n    --way slow\n""".split())',
        "parse('--way fast --at-most 8'.split())",
        [("way", "'slow'", "'fast'", 3)],
        ["parse(['--at-most', '8', '--way', 'fast'])"],
    ),
    "a text in pieces, with a comment": (
        "parse((\n    '--way slow '  # --at-most was 9\n    '--at-most 8'\n).split())",
        "parse('--way slow --at-most 9'.split())",
        [("at_most", "8", "9", 2)],  # the whole text
        ["parse(['--way', 'slow', '--at-most', '9'])"],
    ),
    "of other commands": ("run(['--way', 'slow'])", "stop(['--now'])", [], []),
}


@pytest.mark.parametrize(("own", "other", "words", "lines"), CASES.values(), ids=CASES)
def test_one_option_is_exchanged(
    own: str, other: str, words: list[tuple[str, str, str, int]], lines: list[str], tmp_path: Path
) -> None:
    every = exchanged(tmp_path, own, other, LIB)
    found = [each for each in every if each.words.kind == "argument"]
    assert [told(each) for each in found] == words
    if words:
        assert changed_lines(own, found[0]) == lines


def test_what_no_parser_declares_is_told_as_written(tmp_path: Path) -> None:
    found = exchanged(tmp_path, "run(['--way', 'slow'])", "run(['--way', 'fast', '--now'])")
    assert [told(each)[:3] for each in found] == [
        ("way", "slow", "fast"),
        ("now", "not given", "given"),
    ]
