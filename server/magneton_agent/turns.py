"""Turns between the engine's requests and the program's steps.

A request in progress says what to do around the next step; a step that comes, whoever calls it, is
given to it. The request that has its answer is followed by the next that wants a step.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from .channel import Channel
from .failure import raised
from .lifetime import leave
from .schema.messages import Close, Failure, Reply, Request
from .schema.recording import Recording
from .step import Around, Exhausted, Step, Steps

Answer = Callable[[Request], Steps[Reply | Recording]]


class Reported(Exception):
    """The step raised, and the engine has been told."""


class Turns:
    """Serves the requests that come over ``channel``; ``answer`` begins each."""

    def __init__(self, channel: Channel, answer: Answer) -> None:
        self._channel, self._answer = channel, answer
        self._pid = os.getpid()
        self._pending: Steps[Reply | Recording] | None = None
        self._around: Around | None = None

    @property
    def forked(self) -> bool:
        """Whether this is a child that the program forked, which must not answer for it."""
        return os.getpid() != self._pid

    def serve(self, step: Step) -> object:
        """Serve requests until one wants a step, run it, and return what it returned.

        Raises: Reported, where the step raised.
        """
        around = self._around or self._next_around()
        try:
            result = around(step)
        except BaseException as error:
            self._exit_if_forked()
            self._abandon(raised(error, "the step"))
            raise Reported from error
        self._exit_if_forked()
        self._around = self._advance(result)
        return result

    def end(self) -> None:
        """The program has no further step: the request in progress answers from what it has
        seen."""
        if self._pending is None:
            return
        try:
            self._pending.throw(Exhausted())
        except StopIteration as done:
            self._channel.send(done.value)
        except Exhausted:
            self._channel.send(exhausted())
        self._pending = None

    def _next_around(self) -> Around:
        while True:
            request = self._channel.receive()
            if request is None or isinstance(request, Close):
                leave()
            self._pending = self._answer(request)
            if (around := self._advance(None)) is not None:
                return around

    def _advance(self, result: object) -> Around | None:
        """Resume the pending request; None once it has answered."""
        if self._pending is None:
            return None
        try:
            return self._pending.send(result)
        except StopIteration as done:
            self._pending = None
            self._channel.send(done.value)
        except Exhausted:
            self._abandon(exhausted())
        except OSError as error:
            self._abandon(_not_written(error))
        except RuntimeError as error:
            # What a GPU was given fails when it is waited for, after the step has returned.
            self._abandon(raised(error, "the step"))
        return None

    def _abandon(self, failure: Failure) -> None:
        if self._pending is not None:
            self._pending.close()
        self._pending = self._around = None
        self._channel.send(failure)

    def _exit_if_forked(self) -> None:
        if self.forked:
            os._exit(0)


def exhausted() -> Failure:
    """A script ended too early for what was asked."""
    return Failure(
        "exhausted",
        "the script ended before enough steps were seen",
        "every call of the step function counts once",
        "let the script call it more often, or leave --step out",
        (),
    )


def _not_written(error: OSError) -> Failure:
    return Failure(
        "internal",
        "what the step returned could not be kept for comparison",
        str(error),
        "free some space, or set TMPDIR to a folder that has it",
        (),
    )
