"""Loads the sides, runs their first steps and says what cannot be compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Check, Checked, Loaded, OutputCheck, Record
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs

from ..analysis.agreement import agreeing
from .request import OnProgress, Progress
from .runner import Runner

_FEW = 0.5


@dataclass(frozen=True)
class Prepared:
    """What the first steps gave: one check and one recording a side."""

    checks: tuple[Checked, ...]
    recordings: tuple[Recording, ...]
    outputs: Outputs
    warnings: tuple[str, ...]


async def prepare(sides: Sequence[Runner], on_progress: OnProgress) -> Prepared:
    """Check and record one step of every side. Of two sides the second is checked against the
    first.

    Raises:
        MagnetonError: a step failed, or the sides cannot be measured alike.
    """
    _check_meters(sides)
    warnings = _agreement_warnings([side.loaded for side in sides])
    message = warnings[0] if warnings else "running the first steps"
    on_progress(Progress("check", 0.15, message))
    with _folders(len(sides)) as folders:
        checks = []
        for number, side in enumerate(sides):
            reference = str(folders[0]) if number else None
            request = Check(str(folders[number]), reference)
            checks.append(await side.ask(request, Checked))
    for side, check in zip(sides, checks, strict=True):
        warnings += _repeat_warnings(side.name, check)
    on_progress(Progress("record", 0.22, "recording one step of each"))
    recordings = [await side.ask(Record(), Recording) for side in sides]
    for side, recording in zip(sides, recordings, strict=True):
        warnings += _recording_warnings(side.name, recording)
    outputs = _outputs(checks)
    return Prepared(tuple(checks), tuple(recordings), outputs, tuple(warnings))


def _check_meters(sides: Sequence[Runner]) -> None:
    if len({side.loaded.meter for side in sides}) < 2:
        return
    found = [
        f"side {side.name} runs on {side.loaded.device} ({side.loaded.meter})" for side in sides
    ]
    raise MagnetonError(
        "a GPU's counter cannot be compared with a CPU's power model",
        ", ".join(found),
        "run both sides on one device",
    )


@contextmanager
def _folders(count: int) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        try:
            root = stack.enter_context(tempfile.TemporaryDirectory(prefix="magneton-"))
            found = [Path(root) / str(number) for number in range(count)]
            for folder in found:
                folder.mkdir()
        except OSError as error:
            raise MagnetonError(
                "the outputs of a side could not be kept for comparison",
                ": ".join(filter(None, (error.filename, error.strerror or str(error)))),
                "free some space there, or set TMPDIR to another folder",
            ) from error
        yield found


def _agreement_warnings(loaded: Sequence[Loaded]) -> list[str]:
    if len(loaded) < 2 or not all(each.parameters for each in loaded):
        return []
    a, b = loaded[0].parameters, loaded[1].parameters
    common, total = agreeing(a, b), max(len(a), len(b))
    if common >= _FEW * total:
        return []
    return [f"{common} of {total} parameters and inputs agree: load the same weights into both"]


def _repeat_warnings(name: str, check: Checked) -> list[str]:
    return [
        f"two runs of side {name} from the same seeds differ ({each.difference}): its figures are "
        "of work that changes; let the step start from the same state, or seed what it draws from"
        for each in check.repeat
        if not each.equal
    ][:1]


def _recording_warnings(name: str, recording: Recording) -> list[str]:
    if not recording.compiled:
        return []
    functions = ", ".join(recording.compiled)
    return [
        f"side {name} runs {functions} under torch.compile: operators are the eager program's, "
        "time and energy the compiled step's"
    ]


def _outputs(checks: Sequence[Checked]) -> Outputs:
    if len(checks) < 2:
        return Outputs(checks[0].kind, None, None)
    kind = checks[1].kind
    if kind == "none" or checks[0].kind != kind:
        return Outputs("none", None, None, _kinds_differ(checks))
    return _summary(kind, checks[1].against)


def _kinds_differ(checks: Sequence[Checked]) -> str | None:
    if checks[0].kind == checks[1].kind:
        return None
    return f"side a is judged by its {checks[0].kind}, side b by its {checks[1].kind}"


def _summary(kind: str, found: Sequence[OutputCheck]) -> Outputs:
    errors = [each.max_relative_error for each in found if each.max_relative_error is not None]
    first = next((each.difference for each in found if not each.equal), None)
    return Outputs(
        compared="parameters" if kind == "parameters" else "outputs",
        equal=first is None,
        max_relative_error=max(errors) if len(errors) == len(found) and errors else None,
        first_difference=first,
    )
