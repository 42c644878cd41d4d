"""What an examination means: what works, what does not and why, what each figure will be."""

from __future__ import annotations

from magneton_agent.schema.examination import Examination, KnownCoefficients
from magneton_agent.schema.meters import MeterFacts

from .printable import printable
from .shares import percent
from .table import columns

_OLDEST_PYTHON = (3, 11)
_CHECKED_PYTHONS = ("3.11", "3.12")
_CHECKED_TORCHES = ("2.11", "2.12", "2.13")
# The costliest operators are replayed beside the sensor, as far as the time allows.
_READ = ("measured", "replayed, the rest apportioned")
_NAMES = {"nvml": "NVML", "rapl": "RAPL"}


def usable(examination: Examination) -> bool:
    """Whether a comparison can run in this interpreter."""
    return examination.torch is not None and _new_enough(examination.version)


def render(examination: Examination) -> str:
    """A table of what there is, then what the figures of a result will be."""
    facts = [
        ("interpreter", printable(examination.python)),
        ("Python", _python(examination.version)),
        ("torch", _torch(examination)),
        ("CPU", f"{examination.cpu}, {examination.cpus} usable"),
        ("CUDA", ", ".join(examination.cuda) or "no device that torch can use"),
        *([("driver", examination.driver)] if examination.driver is not None else []),
        *((_NAMES[meter.name], _meter(meter)) for meter in examination.meters),
        *((_NAMES[each.name], f"absent: {each.reason}") for each in examination.missing),
        *(("coefficients", _coefficients(each)) for each in examination.coefficients),
        ("CPU time", "of all processes of the program, from the system"),
    ]
    return (
        "\n".join([*columns(facts), "", *columns(_forecast(examination)), "", *_end(examination)])
        + "\n"
    )


def _forecast(examination: Examination) -> list[tuple[str, str, str]]:
    read = {meter.name for meter in examination.meters}
    on_cpu = _READ if "rapl" in read else ("modelled", "modelled")
    rows = [
        ("figures", "energy of a step", "energy of an operator"),
        ("on the CPU", *on_cpu),
    ]
    if "nvml" in read:
        rows.append(("on CUDA", *_READ))
    elif examination.cuda:
        rows.append(("on CUDA", "modelled", "modelled"))
    return rows


def _meter(meter: MeterFacts) -> str:
    """What it covers, how it has been calibrated here, and what its domains draw when idle."""
    idle_w = {power.domain: power.power_w for power in meter.idle}
    covered = ", ".join(
        f"{domain.name} ({idle_w[domain]:.1f} W idle)" if domain in idle_w else domain.name
        for domain in meter.covers
    )
    error = "unknown" if meter.error is None else percent(meter.error, 2)
    slow = meter.settling_s is not None and meter.settling_s != meter.lag_s
    alone = f", alone after {_ms(meter.settling_s)}" if slow else ""
    return (
        f"{covered}; moves {_every(meter.period_s)}, a reading takes {_ms(meter.call_s)}, "
        f"a load shows after {_ms(meter.lag_s)}{alone}, "
        f"error of the idle power {error}"
    )


def _coefficients(known: KnownCoefficients) -> str:
    """Where a device's coefficients are from, and how far they may be off."""
    of = "as shipped" if known.path is None else printable(known.path)
    error = "an unknown share" if known.error is None else percent(known.error, 0)
    return f"{known.device}: {known.origin} ({of}); may be off by {error}"


def _every(period_s: float | None) -> str:
    return "at unknown intervals" if period_s is None else f"every {_ms(period_s)}"


def _ms(duration_s: float | None) -> str:
    return (
        "an unknown time"
        if duration_s is None
        else f"{round(duration_s * 1e3)} ms"
        if duration_s >= 1
        else f"{duration_s * 1e3:.3g} ms"
    )


def _python(version: str) -> str:
    if not _new_enough(version):
        return f"{version}: too old, 3.11 or newer is needed"
    return version + _unchecked(version, _CHECKED_PYTHONS)


def _torch(examination: Examination) -> str:
    if examination.torch is None:
        install = f"{examination.python} -m pip install torch"
        return f"absent: {examination.torch_problem}; to install it: {install}"
    return examination.torch + _unchecked(examination.torch, _CHECKED_TORCHES)


def _unchecked(version: str, checked: tuple[str, ...]) -> str:
    if version.startswith(tuple(f"{known}." for known in checked)):
        return ""
    return f" (not among the versions that were checked: {', '.join(checked)})"


def _new_enough(version: str) -> bool:
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= _OLDEST_PYTHON


def _end(examination: Examination) -> list[str]:
    if usable(examination):
        return ["ready: comparisons can run in this interpreter"]
    return ["not ready: choose another interpreter with --python, or install what is missing"]
