"""What is said of a worker that fails, ends, or does not answer."""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.errors import EXIT_SIDE_FAILED, EXIT_STOPPED, EXIT_USAGE, MagnetonError
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Failure, Request

_DOING = {
    "Load": "load the target",
    "Check": "run its first step",
    "Measure": "run steps",
    "Record": "record a step",
    "Time": "time a step's operators",
    "Replay": "run operators again",
    "Vary": "run an operator on something else",
    "Probe": "look into a step",
    "FindSetting": "find where a setting is set",
    "Inspect": "look an object up",
    "Exercise": "run a calibration kernel",
    "Mark": "run the marker load",
    "Libraries": "tell what it has imported",
    "Close": "end",
}


PROGRAM = "the program"
"""What the one side of a job is called that has no other."""


def of(who: str, text: str) -> str:
    """``side a: text``; of the only program there is, ``text``."""
    return text if who == PROGRAM else f"{who}: {text}"


class WorkerFailed(MagnetonError):
    """The agent answered with a failure; ``failure`` is what it said, ``frames`` those to show."""

    def __init__(
        self, who: str, failure: Failure, frames: Iterable[Frame], log: tuple[str, ...]
    ) -> None:
        trace = tuple(
            f'  File "{frame.path}", line {frame.line}, in {frame.function}' for frame in frames
        )
        super().__init__(
            of(who, failure.fact),
            failure.cause,
            failure.remedy,
            exit_status=EXIT_USAGE if failure.kind == "usage" else EXIT_SIDE_FAILED,
            trace=trace,
            log=log,
        )
        self.failure = failure


def not_started(who: str, python: str, error: OSError) -> MagnetonError:
    """The interpreter is missing, or no program."""
    return MagnetonError(
        of(who, f"the interpreter {python} cannot be started"),
        error.strerror or str(error),
        "name the Python that runs the program with --python",
    )


def not_answered(
    who: str, request: Request, timeout_s: float, log: tuple[str, ...]
) -> MagnetonError:
    """The worker took longer than the timeout."""
    return MagnetonError(
        f"{who} did not answer within {timeout_s:g} s",
        f"it was asked to {_DOING[type(request).__name__]} and was still at it",
        "give it longer with --timeout, or make the step end",
        exit_status=EXIT_STOPPED,
        log=log,
    )


def no_answer(who: str, what: str, log: tuple[str, ...]) -> MagnetonError:
    """The worker answered something else than was asked."""
    return MagnetonError(
        of(who, f"the worker's answer is not one: {what}"),
        "another process wrote to its private descriptor, or this is a defect of Magneton",
        "run again; if it stays, report it with the program",
        exit_status=EXIT_SIDE_FAILED,
        log=log,
    )


def ended(who: str, status: int | None, log: tuple[str, ...]) -> MagnetonError:
    """The worker closed its end; ``status`` is None where its process goes on."""
    if status is None:
        fact = f"{who} closed its connection to Magneton and goes on"
        cause = "the program closed file descriptors that it did not open, as daemons do"
    elif status < 0:
        fact = f"{who} was killed by signal {-status}"
        cause = "the system's memory ran out" if status == -9 else "the program crashed"
        cause += ", or somebody sent the signal"
    else:
        fact = f"{who} ended by itself with status {status}"
        cause = (
            "the program left the process, as os._exit does, or closed a file that is not its own"
        )
    return MagnetonError(
        fact,
        cause,
        "run the target by itself to see why; it must return from its step",
        exit_status=EXIT_SIDE_FAILED,
        log=log,
    )


def rank_ended(who: str, log: tuple[str, ...]) -> MagnetonError:
    """One of several ranks closed its end: what it ended with, only its launcher knows."""
    return MagnetonError(
        f"{who} ended",
        "the program crashed, or left the process, as os._exit does; the others were ended with it",
        "look at what it printed last, or run the target under torchrun by itself",
        exit_status=EXIT_SIDE_FAILED,
        log=log,
    )


def not_connected(who: str, timeout_s: float, log: tuple[str, ...]) -> MagnetonError:
    """Not all ranks have come."""
    return MagnetonError(
        f"the ranks of {who} did not start within {timeout_s:g} s",
        "torchrun was asked to start them and is still at it, or the machine is busy",
        "give it longer with --timeout",
        exit_status=EXIT_STOPPED,
        log=log,
    )


def not_kept(error: OSError) -> MagnetonError:
    """The outputs of a side found no room."""
    return MagnetonError(
        "the outputs of a side could not be kept for comparison",
        ": ".join(filter(None, (error.filename, error.strerror or str(error)))),
        "free some space there, or set TMPDIR to another folder",
    )
