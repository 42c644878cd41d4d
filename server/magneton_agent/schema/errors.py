"""The one error that reaches a user: fact, cause, remedy."""

from __future__ import annotations

EXIT_DONE, EXIT_FAIL_ON, EXIT_USAGE, EXIT_SIDE_FAILED, EXIT_STOPPED = 0, 1, 2, 3, 4


class MagnetonError(Exception):
    """Something the user can act on.

    Args:
        fact: what happened, one sentence without a full stop.
        cause: why, as far as it is known; may be empty.
        remedy: what to do about it, one sentence.
        exit_status: 2 usage, 3 a side failed, 4 timed out or cancelled.
        trace: the traceback's lines, cut to the user's frames.
        log: the last lines that the side printed.
    """

    def __init__(
        self,
        fact: str,
        cause: str,
        remedy: str,
        exit_status: int = EXIT_USAGE,
        trace: tuple[str, ...] = (),
        log: tuple[str, ...] = (),
    ) -> None:
        super().__init__(fact)
        self.fact, self.cause, self.remedy = fact, cause, remedy
        self.exit_status, self.trace, self.log = exit_status, trace, log
