"""The energy counter, replayed.

No board is at hand where these tests run. ``Replay`` stands in for the pynvml module: it answers
as that module does, with counter readings that were recorded once (``counter_h200.json``) or made
up. What is tested is what the agent makes of the answers, not the hardware.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from magneton_agent.meters import nvml
from magneton_agent.meters.nvml import Board, NvmlAbsent, NvmlMeter, TickWindow, load_pynvml

Reading = tuple[float, int]  # seconds, millijoules


class NVMLError(Exception):
    """As pynvml's: any refusal of the driver."""


class Replay(ModuleType):
    """A stand-in for pynvml whose counter gives ``readings`` one by one, then stands still."""

    NVML_CLOCK_SM, NVML_CLOCK_MEM = 1, 2
    NVMLError = NVMLError

    def __init__(self, readings: Sequence[Reading] = ((0.0, 0),)) -> None:
        super().__init__("pynvml")
        self.readings, self.position = list(readings), -1
        self.ended = threading.Event()
        self.refusing: dict[str, str] = {}
        self.now_s = 0.0

    def _answer(self, name: str) -> None:
        if name in self.refusing:
            raise NVMLError(self.refusing[name])

    def nvmlInit(self) -> None:  # noqa: N802  # NVML's name, as those below
        self._answer("nvmlInit")

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # noqa: N802
        self._answer("nvmlDeviceGetHandleByUUID")
        return f"handle of {uuid}"

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        self._answer("nvmlDeviceGetTotalEnergyConsumption")
        assert handle == "handle of GPU-1234"
        self.position = min(self.position + 1, len(self.readings) - 1)
        if self.position == len(self.readings) - 1:
            self.ended.set()
        self.now_s, energy_mj = self.readings[self.position]
        return energy_mj

    def nvmlDeviceGetName(self, handle: str) -> str:  # noqa: N802
        return "Example Board"

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "580.1"

    def nvmlDeviceGetClockInfo(self, handle: str, clock: int) -> int:  # noqa: N802
        self._answer("nvmlDeviceGetClockInfo")
        return {self.NVML_CLOCK_SM: 1980, self.NVML_CLOCK_MEM: 2619}[clock]


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Replay:
    made = Replay()
    monkeypatch.setitem(sys.modules, "pynvml", made)
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid="1234")
    )
    clock = SimpleNamespace(perf_counter=lambda: made.now_s, sleep=lambda _: made.ended.wait())
    monkeypatch.setattr(nvml, "time", clock)
    monkeypatch.setattr(nvml, "POLL_S", 0.0001)
    return made


def meter(replay: Replay, readings: Sequence[Reading] = ((0.0, 0),)) -> NvmlMeter:
    """A meter whose window will see ``readings``."""
    made = NvmlMeter(torch.device("cuda:0"), "")
    replay.readings, replay.position = list(readings), -1
    replay.ended.clear()
    return made


def power_w(replay: Replay, readings: Sequence[Reading]) -> float | None:
    with TickWindow(meter(replay, readings)) as window:
        replay.ended.wait()
    return window.mean_power_w()


def recorded() -> list[Reading]:
    """57 readings of a real board in 0.8 s, at full load; the counter stepped eight times."""
    data = json.loads((Path(__file__).parent / "counter_h200.json").read_text("utf-8"))
    return [(seconds, energy_mj) for seconds, energy_mj in data["readings_s_mj"]]


# Polled every 40 ms; the counter steps every 100 ms. What the first step adds was drawn mostly
# before the window. Then come three whole ticks at 200, 300 and 400 W; the last poll falls into a
# fourth, which has not ended.
MADE_UP = (
    *((0.00, 5_000), (0.04, 5_000)),
    *((0.08, 95_000), (0.12, 95_000), (0.16, 95_000)),
    *((0.18, 115_000), (0.22, 115_000), (0.26, 115_000)),
    *((0.28, 145_000), (0.32, 145_000), (0.36, 145_000)),
    *((0.38, 185_000), (0.42, 185_000)),
)


def test_mean_power_of_a_real_board(replay: Replay) -> None:
    # From the first step, at 62.1 ms, to the eighth, at 747.3 ms: 3785.024 J - 3303.683 J.
    # From the first reading on it would be 736 W: more than the board draws.
    assert power_w(replay, recorded()) == pytest.approx(481.341 / 0.6852, rel=1e-9)


def test_mean_power_over_whole_ticks(replay: Replay) -> None:
    # (185 - 95) J in (0.38 - 0.08) s: the first step's 90 J are left out.
    assert power_w(replay, MADE_UP) == pytest.approx(300.0, rel=1e-12)


def test_two_whole_ticks_are_enough(replay: Replay) -> None:
    # (145 - 95) J in (0.28 - 0.08) s
    assert power_w(replay, MADE_UP[:10]) == pytest.approx(250.0, rel=1e-12)


@pytest.mark.parametrize("seen", [1, 2, 4, 7])
def test_fewer_have_no_power(replay: Replay, seen: int) -> None:
    assert power_w(replay, MADE_UP[:seen]) is None


def test_idle_power(replay: Replay) -> None:
    assert meter(replay, MADE_UP).idle_power_w() == pytest.approx(300.0, rel=1e-12)


def test_the_thread_ends_with_the_window(replay: Replay) -> None:
    power_w(replay, MADE_UP)
    assert [each for each in threading.enumerate() if each.name == "magneton-nvml"] == []


@pytest.mark.parametrize(
    "call",
    ["nvmlInit", "nvmlDeviceGetHandleByUUID", "nvmlDeviceGetTotalEnergyConsumption"],
)
def test_a_refusal_is_told_in_the_drivers_words(replay: Replay, call: str) -> None:
    replay.refusing[call] = "Not Supported"
    with pytest.raises(NvmlAbsent, match=r"^NVML says: Not Supported$"):
        NvmlMeter(torch.device("cuda:0"), "")


def test_the_board(replay: Replay) -> None:
    found = meter(replay).board()
    assert found == Board("Example Board", "580.1", "SM 1980 MHz, memory 2619 MHz")


def test_a_board_may_keep_its_clocks_to_itself(replay: Replay) -> None:
    replay.refusing["nvmlDeviceGetClockInfo"] = "Not Supported"
    assert meter(replay).board() == Board("Example Board", "580.1", None)


@pytest.fixture
def no_pynvml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)


@pytest.mark.usefixtures("no_pynvml")
def test_the_carried_pynvml_stays_hidden_from_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = tmp_path / "pynvml.py"
    # The real one looks its own module up by name.
    carried.write_text("import sys\nITSELF = sys.modules[__name__]\n")
    monkeypatch.setitem(sys.modules, "magneton_agent.pynvml", None)
    found: Any = load_pynvml(str(carried))
    assert found.ITSELF is found
    assert sys.modules["pynvml"] is None


@pytest.mark.usefixtures("no_pynvml")
@pytest.mark.parametrize("carried", ["", "/nowhere/pynvml.py"])
def test_without_pynvml(carried: str) -> None:
    with pytest.raises(NvmlAbsent, match=r"^pynvml is not installed: pip install nvidia-ml-py$"):
        load_pynvml(carried)


@pytest.mark.usefixtures("replay")
def test_the_programs_pynvml_is_taken_first() -> None:
    assert load_pynvml("/nowhere/pynvml.py") is sys.modules["pynvml"]
