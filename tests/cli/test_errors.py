"""Errors as fact, cause, remedy."""

from __future__ import annotations

import io

from magneton.cli.errors import print_error
from magneton_agent.schema.errors import MagnetonError


def printed(error: MagnetonError, severity: str = "error") -> str:
    stream = io.StringIO()
    print_error(error, stream, severity)
    return stream.getvalue()


def test_all_parts() -> None:
    error = MagnetonError(
        "side a: the step raised ValueError:\nno\x1b[31m",
        "the program\u202e did",
        "run it by itself",
        exit_status=3,
        trace=('  File "/w/a.py", line 3, in \x9bstep',),
        log=("\x1b[32mepoch 1\x1b[0m", "epoch 2\r"),
    )
    assert printed(error) == (
        "error: side a: the step raised ValueError: no\n"
        "  cause: the program� did\n"
        "  remedy: run it by itself\n"
        "  traceback, your frames only:\n"
        '      File "/w/a.py", line 3, in tep\n'
        "  the last lines that it printed:\n"
        "    epoch 1\n"
        "    epoch 2\n"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert printed(MagnetonError("it stopped", "", "")) == "error: it stopped\n"
    assert printed(MagnetonError("it stopped", "", ""), "warning") == "warning: it stopped\n"
