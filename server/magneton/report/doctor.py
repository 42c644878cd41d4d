"""What an examination means: what works, what does not and why, what each figure will be."""

from __future__ import annotations

from magneton_agent.schema.examination import Examination

from .table import columns

_OLDEST_PYTHON = (3, 11)
_CHECKED_PYTHONS = ("3.11", "3.12")
_CHECKED_TORCHES = ("2.11", "2.12", "2.13")
_RAPL = {
    "readable": "readable, but not used by this version",
    "unreadable": "present, but not readable and not used by this version; to let all users "
    "read it: sudo chmod a+r /sys/class/powercap/*/energy_uj",
    "absent": "absent: no /sys/class/powercap/*/energy_uj (usual in virtual machines and "
    "containers)",
}


def usable(examination: Examination) -> bool:
    """Whether a comparison can run in this interpreter."""
    return examination.torch is not None and _new_enough(examination.version)


def render(examination: Examination) -> str:
    """A table of what there is, then what the figures of a result will be."""
    facts = [
        ("interpreter", examination.python),
        ("Python", _python(examination.version)),
        ("torch", _torch(examination)),
        ("CPU", f"{examination.cpu}, {examination.cpus} usable"),
        ("CUDA", ", ".join(examination.cuda) or "no device that torch can use"),
        ("NVML", examination.nvml or f"absent: {examination.nvml_problem}"),
        ("RAPL", _RAPL[examination.rapl]),
    ]
    return (
        "\n".join([*columns(facts), "", *columns(_forecast(examination)), "", *_end(examination)])
        + "\n"
    )


def _forecast(examination: Examination) -> list[tuple[str, str, str]]:
    rows = [
        ("figures", "energy of a step", "energy of an operator"),
        ("on the CPU", "modelled", "modelled"),
    ]
    if examination.nvml is not None:
        rows.append(("on CUDA", "measured", "apportioned"))
    elif examination.cuda:
        rows.append(("on CUDA", "modelled", "modelled"))
    return rows


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
