"""What an examination means."""

from __future__ import annotations

from dataclasses import replace

from magneton.report import doctor
from magneton_agent.schema.examination import Examination

_CPU_ONLY = Examination(
    python="/opt/venv/bin/python",
    version="3.11.9",
    torch="2.13.0",
    torch_problem=None,
    cpu="Example CPU",
    cpus=4,
    cuda=(),
    nvml=None,
    nvml_problem="torch finds no CUDA device",
    rapl="absent",
)


def test_a_machine_without_sensors() -> None:
    assert doctor.render(_CPU_ONLY) == (
        "interpreter  /opt/venv/bin/python\n"
        "Python       3.11.9\n"
        "torch        2.13.0\n"
        "CPU          Example CPU, 4 usable\n"
        "CUDA         no device that torch can use\n"
        "NVML         absent: torch finds no CUDA device\n"
        "RAPL         absent: no /sys/class/powercap/*/energy_uj (usual in virtual machines and "
        "containers)\n"
        "\n"
        "figures     energy of a step  energy of an operator\n"
        "on the CPU  modelled          modelled\n"
        "\n"
        "ready: comparisons can run in this interpreter\n"
    )  # fmt: skip


def test_a_board_whose_counter_answers() -> None:
    found = replace(_CPU_ONLY, cuda=("Board X",), nvml="Board X, driver 580.1", nvml_problem=None)
    report = doctor.render(found)
    assert "NVML         Board X, driver 580.1\n" in report
    assert "on CUDA     measured          apportioned\n" in report


def test_a_board_whose_counter_does_not_answer() -> None:
    found = replace(_CPU_ONLY, cuda=("Board X",), nvml_problem="NVML says: Not Supported")
    report = doctor.render(found)
    assert "NVML         absent: NVML says: Not Supported\n" in report
    assert "on CUDA     modelled          modelled\n" in report


def test_counters_that_need_permission_come_with_the_command() -> None:
    report = doctor.render(replace(_CPU_ONLY, rapl="unreadable"))
    assert "sudo chmod a+r /sys/class/powercap/*/energy_uj\n" in report


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
