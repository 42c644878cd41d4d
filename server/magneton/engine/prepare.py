"""Loads the sides, runs their first steps and says what cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import (
    Check,
    Checked,
    Loaded,
    Masks,
    Measure,
    Measured,
    OutputCheck,
    Record,
)
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs

from ..analysis.agreement import agreeing
from .failures import not_kept, of
from .ranks.rows import checks_of, ranks_of
from .request import OnProgress, Progress
from .side import Side
from .temporary import temporary_folder

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
    sides: Sequence[Side],
    on_progress: OnProgress,
    record_masks: bool = False,
    kept: Path | None = None,
) -> Prepared:
    """Check and record one step of every side. Of two sides the second is checked against the
    first; with ``record_masks`` it computes with the first one's random numbers. Outputs go to
    ``kept``, one of :func:`output_folders`, or to temporary ones.

    Raises:
        MagnetonError: a step failed, or the sides cannot be measured alike.
    """
    _check_meters(sides)
    agreement = _agreement_warnings([side.loaded for side in sides])
    warnings = [*agreement, *_traces_warnings(sides)]
    warnings += [of(side.title, text) for side in sides for text in side.loaded.warnings]
    message = agreement[0] if agreement else "running the first steps"
    on_progress(Progress("check", 0.15, message))
    with nullcontext(kept) if kept is not None else output_folders() as root:
        checks = [
            await side.ask(_check(root, number, record_masks), Checked)
            for number, side in enumerate(sides)
        ]
        for side, check in zip(sides, checks, strict=True):
            warnings += _repeat_warnings(side.title, check)
        await _settle(sides)
        each = " of each" if len(sides) > 1 else ""
        on_progress(Progress("record", 0.22, f"recording one step{each}"))
        recordings = [
            await side.ask(Record(_masks(root, "record", number, record_masks)), Recording)
            for number, side in enumerate(sides)
        ]
    for side, recording in zip(sides, recordings, strict=True):
        warnings += _recording_warnings(side.title, recording)
    if record_masks and len(checks) > 1:
        warnings += _masks_warnings(checks)
    outputs = _of_ranks(sides) or outputs_of(checks)
    return Prepared(tuple(checks), tuple(recordings), outputs, tuple(warnings))


async def _settle(sides: Sequence[Side]) -> None:
    """Run the second step of ranks, which check only one: what splits training over ranks sorts its
    gradients anew then, by the order in which the first step made them."""
    for side in sides:
        if ranks_of(side) is not None and not side.one_shot:
            await side.ask(Measure(1, 0.0), Measured)


def _check_meters(sides: Sequence[Side]) -> None:
    if len({side.loaded.meter for side in sides}) < 2:
        _check_power(sides)
        return
    found = [
        f"side {side.name} runs on {side.loaded.device} ({side.loaded.meter})" for side in sides
    ]
    raise MagnetonError(
        "a GPU's counter cannot be compared with a CPU's power model",
        ", ".join(found),
        "run both sides on one device",
    )


def _check_power(sides: Sequence[Side]) -> None:
    if len({side.loaded.cpu_power for side in sides if side.loaded.device == "cpu"}) < 2:
        return
    raise MagnetonError(
        "the CPU energy of the two sides is modelled by different coefficients",
        "one of them is a trace, and 'magneton calibrate' has run since, or elsewhere",
        "trace the program again on this machine",
    )


@contextmanager
def output_folders() -> Iterator[Path]:
    """A folder with one for the outputs of each side, ``a`` and ``b``, and with room for random
    numbers; gone when the context ends.

    Raises:
        MagnetonError: there is no room for them.
    """
    with ExitStack() as stack:
        try:
            root = stack.enter_context(temporary_folder("magneton-outputs-"))
            for name in (*_SIDES, "check", "record"):
                (root / name).mkdir()
        except OSError as error:
            raise not_kept(error) from error
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


def _traces_warnings(sides: Sequence[Side]) -> list[str]:
    """What a reader must know where not both programs ran now, on this machine."""
    drift = ": drift between then and now is in the difference" if len(sides) > 1 else ""
    found = [
        f"{side.title} was traced earlier ({side.taken.created}, {_machine(side.loaded)})" + drift
        for side in sides
        if side.taken is not None
    ]
    if found and len({_machine(side.loaded) for side in sides}) > 1:
        where = ", ".join(f"side {side.name} on {_machine(side.loaded)}" for side in sides)
        found.append(f"the sides ran on different machines ({where}): compare ratios with care")
    return found


def _machine(loaded: Loaded) -> str:
    return f"{loaded.gpu or loaded.cpu}, {loaded.threads} threads"


def _repeat_warnings(who: str, check: Checked) -> list[str]:
    return [
        f"two runs of {who} from the same seeds differ ({each.difference}): its figures are "
        "of work that changes; let the step start from the same state, or seed what it draws from"
        for each in check.repeat
        if not each.equal
    ][:1]


def _recording_warnings(who: str, recording: Recording) -> list[str]:
    if not recording.compiled:
        return []
    functions = ", ".join(recording.compiled)
    return [
        f"{who} runs {functions} under torch.compile: operators are the eager program's, "
        "time and energy the compiled step's"
    ]


def _masks_warnings(checks: Sequence[Checked]) -> list[str]:
    kept, replayed = (check.masks for check in checks[:2])
    found = [
        f"side b computed with {replayed} of side a's {kept} random results (--record-masks); "
        "its own it drew all the same"
    ]
    reasons = ("inside of a larger operator", "inside of a larger operator or as side a has none")
    for name, check, reason in zip(_SIDES, checks, reasons, strict=False):
        if check.draws_left:
            found.append(
                f"random numbers of {', '.join(check.draws_left)} in side {name} could not be "
                f"replayed: they are drawn {reason}, and what is computed from them cannot match"
            )
    return found


def outputs_of(checks: Sequence[Checked]) -> Outputs:
    """How the outputs of the second of ``checks``, if there are two, compare with the first's."""
    if len(checks) < 2:
        return Outputs(checks[0].kind, None, None)
    kind = checks[1].kind
    if kind == "none" or checks[0].kind != kind:
        return Outputs("none", None, None, _kinds_differ(checks))
    return _summary(kind, checks[1].against)


def _of_ranks(sides: Sequence[Side]) -> Outputs | None:
    """The outputs of the first rank that differs, else of the first; None of single processes."""
    found = [outputs_of(each) for each in zip(*map(checks_of, sides), strict=False)]
    for rank, outputs in enumerate(found):
        if outputs.equal is False:
            return replace(outputs, first_difference=f"rank {rank}: {outputs.first_difference}")
    return found[0] if found else None


def _kinds_differ(checks: Sequence[Checked]) -> str | None:
    if checks[0].kind == checks[1].kind:
        return None
    for name, check in zip("ab", checks, strict=True):
        if check.kind == "none":
            return f"side {name}'s step returns and writes nothing, the other's does"
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
