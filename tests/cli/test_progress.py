"""Progress on standard error."""

from __future__ import annotations

import io

import pytest

from magneton.cli.progress import shown
from magneton.engine.request import OnProgress, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(on_progress: OnProgress) -> None:
    on_progress(Progress("load", 0.0, "both\x1b[2K sides"))
    on_progress(Progress("measure", 0.3, "block 1"))
    on_progress(Progress("measure", 0.5, "block 2"))
    on_progress(Progress("match", 0.9, "120 operators against 100"))


def test_a_plain_line_a_phase_without_a_terminal() -> None:
    stream = io.StringIO()
    with shown(stream) as on_progress:
        run(on_progress)
    assert stream.getvalue() == (
        "load: both sides\nmeasure: block 1\nmatch: 120 operators against 100\n"
    )


def test_a_plain_line_for_everything_that_is_tried() -> None:
    stream = io.StringIO()
    with shown(stream) as on_progress:
        on_progress(Progress("diagnose", 0.8, "timing it in fresh processes"))
        on_progress(Progress("diagnose", 0.82, "timing it in fresh processes"))
        on_progress(Progress("diagnose", 0.9, "trying 1 of 2: x"))
        on_progress(Progress("diagnose", 0.95, "trying 2 of 2: y"))
    assert stream.getvalue() == (
        "diagnose: timing it in fresh processes\n"
        "diagnose: trying 1 of 2: x\n"
        "diagnose: trying 2 of 2: y\n"
    )


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    with shown(stream) as on_progress:
        run(on_progress)
    assert stream.getvalue().startswith("load: both sides\n")


def test_a_bar_with_phase_and_share_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with shown(stream) as on_progress:
        on_progress(Progress("measure", 0.25, "block\x1b]0;t\x07 [bold]"))
    assert "measure" in stream.getvalue()
    assert "25%" in stream.getvalue()
    assert "block [bold]" in stream.getvalue()  # not read as rich's markup
    assert "\x1b[?25h" in stream.getvalue()  # the cursor is back
