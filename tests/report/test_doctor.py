"""What an examination means."""

from __future__ import annotations

from dataclasses import replace

from magneton.report import doctor
from magneton_agent.schema.examination import Examination, KnownCoefficients
from magneton_agent.schema.meters import Domain, DomainPower, MeterFacts, MissingMeter

_CPU_ONLY = Examination(
    python="/opt/venv/bin/python",
    version="3.11.9",
    torch="2.13.0",
    torch_problem=None,
    cpu="Example CPU",
    cpus=4,
    cuda=(),
    driver=None,
    meters=(),
    missing=(
        MissingMeter("nvml", "torch finds no CUDA device"),
        MissingMeter("rapl", "there is no counter"),
    ),
)
_BOARD, _PACKAGE = Domain("GPU-1", "board"), Domain("package-0", "package")
_NVML = MeterFacts(
    "nvml", (_BOARD,), 0.1, 0.0025, 0.021, 0.0031, (DomainPower(_BOARD, 125.04, 0.0031),)
)
_RAPL = MeterFacts("rapl", (_PACKAGE,), None, 0.00001, None, None, ())


def test_a_machine_without_sensors() -> None:
    assert doctor.render(_CPU_ONLY) == (
        "interpreter  /opt/venv/bin/python\n"
        "Python       3.11.9\n"
        "torch        2.13.0\n"
        "CPU          Example CPU, 4 usable\n"
        "CUDA         no device that torch can use\n"
        "NVML         absent: torch finds no CUDA device\n"
        "RAPL         absent: there is no counter\n"
        "CPU time     of all processes of the program, from the system\n"
        "\n"
        "figures     energy of a step  energy of an operator\n"
        "on the CPU  modelled          modelled\n"
        "\n"
        "ready: comparisons can run in this interpreter\n"
    )  # fmt: skip


def test_every_meter_with_what_it_covers() -> None:
    found = replace(_CPU_ONLY, cuda=("Board X",), driver="580.1", meters=(_NVML, _RAPL), missing=())
    report = doctor.render(found)
    assert (
        "driver       580.1\n"
        "NVML         GPU-1 (125.0 W idle); moves every 100 ms, a reading takes 2.5 ms, a load "
        "shows after 21 ms, error of the idle power 0.31 %\n"
        "RAPL         package-0; moves at unknown intervals, a reading takes 0.01 ms, a load "
        "shows after an unknown time, error of the idle power unknown\n"
    ) in report
    assert "on the CPU  measured          replayed, the rest apportioned\n" in report
    assert "on CUDA     measured          replayed, the rest apportioned\n" in report


def test_a_counter_that_averages_says_when_a_load_alone_shows() -> None:
    slow = replace(_NVML, lag_s=0.53, settling_s=1.03)
    report = doctor.render(replace(_CPU_ONLY, meters=(slow,), missing=()))
    assert "a load shows after 530 ms, alone after 1030 ms, error of" in report


def test_what_devices_would_be_modelled_by() -> None:
    shipped = KnownCoefficients("Board X", None, "estimates from published figures", None)
    fitted = KnownCoefficients("Board Y", "/d/board-y.json", "fitted here", 0.126)
    report = doctor.render(replace(_CPU_ONLY, coefficients=(shipped, fitted)))
    assert (
        "coefficients  Board X: estimates from published figures (as shipped); may be off by "
        "an unknown share\n"
        "coefficients  Board Y: fitted here (/d/board-y.json); may be off by 13 %\n"
    ) in report


def test_a_board_whose_counter_does_not_answer() -> None:
    missing = (MissingMeter("nvml", "NVML says: Not Supported"),)
    report = doctor.render(replace(_CPU_ONLY, cuda=("Board X",), missing=missing))
    assert "NVML         absent: NVML says: Not Supported\n" in report
    assert "on CUDA     modelled          modelled\n" in report


def test_without_torch_nothing_can_run() -> None:
    found = replace(_CPU_ONLY, torch=None, torch_problem="No module named 'torch'")
    report = doctor.render(found)
    assert (
        "torch        absent: No module named 'torch'; to install it: "
        "/opt/venv/bin/python -m pip install torch\n"
    ) in report
    assert report.endswith("not ready: choose another interpreter with --python, or install "
                           "what is missing\n")  # fmt: skip
    assert not doctor.usable(found)


def test_versions() -> None:
    old = replace(_CPU_ONLY, version="3.9.2")
    assert "Python       3.9.2: too old, 3.11 or newer is needed\n" in doctor.render(old)
    assert not doctor.usable(old)
    new = replace(_CPU_ONLY, torch="2.20.0")
    assert (
        "torch        2.20.0 (not among the versions that were checked: 2.11, 2.12, 2.13)\n"
    ) in doctor.render(new)
    assert doctor.usable(new)
