"""Calls in a row, counted; without a GPU."""

from __future__ import annotations

import time
from typing import Any

import pytest

from magneton_agent.replay.queues import HostQueue, Progress, calls_in


def progress(monkeypatch: pytest.MonkeyPatch, *marks: tuple[float, int]) -> Progress:
    clock = iter([when_s for when_s, _ in marks])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    found = Progress()
    for _, calls in marks:
        found.mark(calls)
    return found


def test_the_time_of_a_call_is_that_between_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    found = progress(monkeypatch, (1.0, 10), (2.0, 10), (2.5, 10), (3.0, 10))
    assert found.calls == 40
    assert found.duration_s(0.0) == pytest.approx(2.0 / 30)
    assert found.duration_s(2.0) == pytest.approx(1.0 / 20)
    assert found.duration_s(1.5) == pytest.approx(1.0 / 20)
    # Of the last stretch at least there is something to tell.
    assert found.duration_s(9.0) == pytest.approx(0.5 / 10)


def test_one_mark_tells_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert progress(monkeypatch).duration_s(0.0) is None
    assert progress(monkeypatch, (1.0, 5)).duration_s(0.0) is None


def test_how_many_calls_fill_a_batch() -> None:
    assert calls_in(0.002, 0.0005) == 4
    assert calls_in(0.002, 1.0) == 1
    assert calls_in(0.002, 0.0) == 1000


def test_a_turn_makes_a_whole_batch_of_calls() -> None:
    made: list[Any] = []
    queue = HostQueue(lambda: made.append(None))
    before = len(made)
    queue.turn()
    queue.turn()
    assert len(made) - before == queue.progress.calls
    assert queue.progress.calls % 2 == 0
