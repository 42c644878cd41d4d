"""What went wrong in the program, in words and in its own frames."""

from __future__ import annotations

import torch
from torch import nn

from magneton_agent.failure import raised


class Broken(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise ValueError("wrong shape")


def test_frames_are_the_programs_innermost_last() -> None:
    try:
        nn.Sequential(Broken())(torch.ones(1))
    except ValueError as error:
        failure = raised(error, "the step")
    assert failure.kind == "raised"
    assert failure.fact == "the step raised ValueError: wrong shape"
    assert failure.cause == "the error is the program's"
    # Module.__call__ lies between them, and is left out.
    assert [frame.function for frame in failure.frames] == [
        "test_frames_are_the_programs_innermost_last",
        "Sequential.forward",
        "Broken.forward",
    ]
    last = failure.frames[-1]
    assert last.path == __file__
    assert last.line == Broken.forward.__code__.co_firstlineno + 1
    assert (last.column, last.end_column) == (8, 8 + len('raise ValueError("wrong shape")'))


def test_an_error_without_words() -> None:
    assert raised(KeyError(), "loading a.py").fact == "loading a.py raised KeyError"


def test_memory() -> None:
    for error in (MemoryError(), torch.OutOfMemoryError("CUDA out of memory. Tried …")):
        failure = raised(error, "the step")
        assert failure.kind == "memory"
        assert failure.cause == "the program ran out of memory"
        assert failure.remedy.startswith("use a smaller batch")
