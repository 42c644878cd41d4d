"""Loads the sides, runs their first steps and says what cannot be compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Check, Checked, Loaded, Masks, OutputCheck, Record
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs

from ..analysis.agreement import agreeing
from .request import OnProgress, Progress
from .runner import Runner

_FEW = 0.5
_SIDES = ("a", "b")


@dataclass(frozen=True)
class Prepared:
    """What the first steps gave: one check and one recording a side."""

    checks: tuple[Checked, ...]
    recordings: tuple[Recording, ...]
    outputs: Outputs
    warnings: tuple[str, ...]


async def prepare(
    sides: Sequence[Runner], on_progress: OnProgress, record_masks: bool = False
) -> Prepared:
    """Check and record one step of every side. Of two sides the second is checked against the
    first; with ``record_masks`` it computes with the first one's random numbers.

    Raises:
        MagnetonError: a step failed, or the sides cannot be measured alike.
    """
    _check_meters(sides)
    warnings = _agreement_warnings([side.loaded for side in sides])
    message = warnings[0] if warnings else "running the first steps"
    on_progress(Progress("check", 0.15, message))
    with _folders() as root:
        checks = [
            await side.ask(_check(root, number, record_masks), Checked)
            for number, side in enumerate(sides)
        ]
        for side, check in zip(sides, checks, strict=True):
            warnings += _repeat_warnings(side.name, check)
        on_progress(Progress("record", 0.22, "recording one step of each"))
        recordings = [
            await side.ask(Record(_masks(root, "record", number, record_masks)), Recording)
            for number, side in enumerate(sides)
        ]
    for side, recording in zip(sides, recordings, strict=True):
        warnings += _recording_warnings(side.name, recording)
    if record_masks and len(checks) > 1:
        warnings += _masks_warnings(checks)
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
def _folders() -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="magneton-")))
            for name in (*_SIDES, "check", "record"):
                (root / name).mkdir()
        except OSError as error:
            raise MagnetonError(
                "the outputs of a side could not be kept for comparison",
                ": ".join(filter(None, (error.filename, error.strerror or str(error)))),
                "free some space there, or set TMPDIR to another folder",
            ) from error
        yield root


def _check(root: Path, number: int, record_masks: bool) -> Check:
    reference = str(root / _SIDES[0]) if number else None
    masks = _masks(root, "check", number, record_masks)
    return Check(str(root / _SIDES[number]), reference, masks)


def _masks(root: Path, name: str, number: int, record_masks: bool) -> Masks | None:
    return Masks(str(root / name), replay=number > 0) if record_masks else None


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


def _masks_warnings(checks: Sequence[Checked]) -> list[str]:
    kept, replayed = (check.masks for check in checks[:2])
    return [
        f"side b computed with {replayed} of side a's {kept} random results (--record-masks); "
        "its own it drew all the same"
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
