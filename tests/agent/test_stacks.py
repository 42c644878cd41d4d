"""Stacks, interned, with the plumbing left out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch

from magneton_agent import recorder
from magneton_agent.stacks import Anchor, Stacks, is_plumbing, resolve


def capture(stacks: Stacks) -> int:
    return stacks.capture(sys._getframe(1))


def functions(stacks: Stacks, index: int) -> list[str]:
    frames = stacks.frames()
    return [frames[frame].function for frame in stacks.stacks()[index]]


def outer(stacks: Stacks) -> int:
    return inner(stacks)


def inner(stacks: Stacks) -> int:
    return capture(stacks)


def test_innermost_first() -> None:
    stacks = Stacks()
    index = outer(stacks)
    assert functions(stacks, index)[:3] == ["inner", "outer", "test_innermost_first"]


def test_equal_stacks_are_one() -> None:
    stacks = Stacks()
    twice = [outer(stacks) for _ in range(2)]
    assert twice == [0, 0]
    assert outer(stacks) == 1  # another line of this test
    assert len(stacks.stacks()) == 2


def test_below_an_anchor_the_stack_is_the_same() -> None:
    stacks = Stacks()

    def called(anchor: Anchor | None, plain: bool) -> list[int]:
        here = None if plain else Anchor(sys._getframe(), anchor)
        return [stacks.capture(sys._getframe(level), here) for level in (0, 0, 1)]

    base = Anchor(sys._getframe(), None)
    found = [called(base, plain) for plain in (True, False)]
    # Line for line: only the call of `capture` in its own column and the loop's differ.
    assert [[functions(stacks, each) for each in one] for one in found] == [
        [functions(stacks, each) for each in found[0]]
    ] * 2
    assert found[0] == found[1]
    assert "pytest_pyfunc_call" in functions(stacks, found[1][0])  # it goes on below the anchor


def test_an_anchor_that_did_not_call_is_passed_by() -> None:
    stacks = Stacks()

    def elsewhere() -> Anchor:
        return Anchor(sys._getframe(), None)

    anchor = elsewhere()
    twice = [stacks.capture(sys._getframe(), each) for each in (None, anchor)]
    assert twice == [0, 0]


def test_ranges_are_those_of_the_calls(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("def f(capture, stacks):\n    return [\n        capture(\n      stacks)]\n")
    scope: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    stacks = Stacks()
    (index,) = scope["f"](capture, stacks)
    frame = stacks.frames()[stacks.stacks()[index][0]]
    assert (frame.path, frame.function, frame.first_line) == (str(path), "f", 1)
    assert (frame.line, frame.column, frame.end_line, frame.end_column) == (3, 8, 4, 13)


def test_code_without_positions_is_where_its_function_begins() -> None:
    code = inner.__code__.replace(co_linetable=b"")
    frame = resolve(code, 0)
    assert (frame.line, frame.column, frame.end_line, frame.end_column) == (
        *(code.co_firstlineno, 0),
        *(code.co_firstlineno, 0),
    )


def test_plumbing() -> None:
    assert is_plumbing(recorder.record.__code__)
    assert is_plumbing(torch.nn.Module._call_impl.__code__)
    assert is_plumbing(compile("0", "<string>", "eval"))
    assert not is_plumbing(test_plumbing.__code__)
    assert not is_plumbing(torch.nn.Linear.forward.__code__)
