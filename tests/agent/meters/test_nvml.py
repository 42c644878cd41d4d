"""Energy counters of boards, by the recorded sessions and by made-up readings.

No board is at hand where these tests run; what is tested is what the agent makes of a board's
answers. Errors and what a counter does when it starts anew are made up.
"""

from __future__ import annotations

import os
import statistics
import threading
from itertools import pairwise

import pynvml
import pytest

from magneton_agent.meters.meter import Absence, Reading, Span
from magneton_agent.meters.nvml import NvmlMeter
from magneton_agent.meters.nvml_errors import NvmlAbsent
from magneton_agent.meters.ticks import Response
from magneton_agent.schema.meters import BoardState, Domain

from .sessions import UUID, Playback, Row, even, rows, stretches

BOARD = Domain(UUID, "board")
WINDOW_S = 1.2  # what the engine asks for


def meter(played: Playback) -> NvmlMeter:
    return NvmlMeter(played, [UUID], played)


def session(name: str) -> tuple[Playback, NvmlMeter]:
    """A recorded session and its meter, calibrated on the idle board."""
    first = Playback(rows("idle"))
    calibrated = meter(first)
    calibrated.calibrate(None)
    played = Playback(rows(name))
    found = meter(played)
    found.calibration = calibrated.calibration
    return played, found


def reading(played: Playback, used: NvmlMeter, start_s: float, end_s: float) -> Reading | Absence:
    played.skip_to(start_s)
    with used.window() as window:
        played.run_until(end_s)
    return window.reading()


def power_w(played: Playback, used: NvmlMeter, start_s: float, end_s: float) -> float:
    found = reading(played, used, start_s, end_s)
    assert isinstance(found, Reading)
    return found.powers[0].power_w


def counted_w(name: str, start_s: float, end_s: float) -> float:
    """The counter's own difference over a long stretch, from its first move to its last."""
    seen = [row for row in rows(name) if start_s <= row.start_s < end_s]
    moves = [after for before, after in pairwise(seen) if after.energy_mj != before.energy_mj]
    first, last = moves[0], moves[-1]
    return (last.energy_mj - first.energy_mj) / 1000 / (last.end_s - first.end_s)


def test_calibration_on_the_recorded_idle_board() -> None:
    played = Playback(rows("idle"))
    found = meter(played)
    found.calibrate(None)
    assert found.period_s == pytest.approx(0.1, rel=0.02)
    assert found.idle_power_w == pytest.approx(counted_w("idle", 0.0, 6.0), rel=0.02)
    facts = found.facts
    assert facts.covers == (BOARD,)
    assert facts.call_s == pytest.approx(0.0025, abs=0.0005)
    assert facts.lag_s is None  # there was no load
    assert facts.error is not None
    assert facts.error < 0.02


def test_calibration_with_a_load() -> None:
    """The recorded load began 1.65 s into the session, after 1.5 s of idling."""
    played = Playback(rows("steps"))
    load = stretches("steps")[1]
    played.skip_to(load.start_s - 1.2)
    found = meter(played)
    found.calibrate(lambda duration_s: played.run_until(load.start_s + duration_s))
    assert found.idle_power_w == pytest.approx(125.0, rel=0.02)
    assert found.facts.lag_s is not None
    assert found.facts.lag_s < 0.05


def averaging(*powers_w: tuple[float, float]) -> list[Row]:
    """A made-up counter that counts its power of the last second: stretches of (s, W), the first
    from a second before the readings on."""
    drawn_w = [power_w for duration_s, power_w in powers_w for _ in range(round(duration_s * 10))]
    return even(*[sum(drawn_w[end - 10 : end]) / 100 for end in range(11, len(drawn_w) + 1)])


def test_calibration_of_a_counter_that_averages_over_a_second() -> None:
    # The load goes on for 3 s, as 0.6 s do not tell. The board idles before it for 1.2 s, at first
    # still with what ran before, and again after it.
    played = Playback(averaging((1.0, 600.0), (1.2, 100.0), (3.0, 500.0), (4.0, 100.0)))
    found = meter(played)
    found.calibrate(played.sleep)
    assert found.idle_power_w == pytest.approx(100.0, rel=0.01)
    assert found.facts.lag_s == pytest.approx(0.5, abs=0.1)
    assert found.facts.settling_s == pytest.approx(1.0, abs=0.11)
    assert found.margin_s == pytest.approx(1.14, abs=0.12)


def test_ticks_that_still_hold_what_ran_before_do_not_count() -> None:
    played = Playback(averaging((1.0, 600.0), (2.0, 300.0)))
    used = meter(played)
    assert power_w(played, used, 0.0, 1.85) > 350.0
    used.calibration.response = Response(lag_s=0.5, settling_s=1.0)
    assert power_w(played, used, 0.0, 1.85) == pytest.approx(300.0, rel=0.02)


@pytest.mark.parametrize("name", ["steady_linear", "steady_gelu", "steady_layer_norm"])
def test_six_short_windows_recover_a_long_one(name: str) -> None:
    """Windows of 1.2 s, ten or eleven whole ticks, against the load's own 7 s."""
    played, used = session(name)
    load = stretches(name)[1]
    long_w = counted_w(name, load.start_s + 1.0, load.end_s)
    starts = [load.start_s + 0.3 + 1.25 * number for number in range(6)]
    found = [power_w(played, used, start_s, start_s + WINDOW_S) for start_s in starts]
    assert statistics.median(found) == pytest.approx(long_w, rel=0.02)
    assert statistics.fmean(found) == pytest.approx(long_w, rel=0.02)
    # At the limit of 700 W a board's power swings with a period of about a second.
    assert max(abs(each / long_w - 1) for each in found) < 0.04


@pytest.mark.parametrize("name", ["steady_linear", "steady_gelu", "steady_layer_norm"])
def test_one_window_of_more_than_two_seconds_will_do(name: str) -> None:
    played, used = session(name)
    load = stretches(name)[1]
    long_w = counted_w(name, load.start_s + 1.0, load.end_s)
    for start_s in (load.start_s + 0.1, load.start_s + 1.7, load.start_s + 4.3):
        assert power_w(played, used, start_s, start_s + 2.25) == pytest.approx(long_w, rel=0.02)


def test_the_ramp_by_two_sensors_of_the_board() -> None:
    """Loads of 1.5 to 2 s, none steady for 5 s: there is no long window of its own to compare with.
    What is compared is the counter's energy with the integral of the instant power, over the whole
    session and over its last load."""
    last = stretches("ramp")[-1]
    for start_s, end_s in ((0.0, last.end_s), (last.start_s, last.end_s)):
        played, used = session("ramp")
        found = reading(played, used, start_s, end_s)
        assert isinstance(found, Reading)
        assert found.duration_s > 0.9 * (end_s - start_s)
        (state,) = found.boards
        assert found.powers[0].power_w == pytest.approx(state.instant_w, rel=0.02)


def test_the_cpu_time_of_reading_is_told() -> None:
    played, used = session("idle")
    found = reading(played, used, 0.1, 1.3)
    assert isinstance(found, Reading)
    assert 0.0 < found.cpu_s < 5.0


def test_idle_windows_agree() -> None:
    played, used = session("idle")
    found = [power_w(played, used, start_s, start_s + WINDOW_S) for start_s in (0.1, 1.5, 3.1, 4.6)]
    assert found == pytest.approx([counted_w("idle", 0.0, 6.0)] * 4, rel=0.02)


@pytest.mark.parametrize("name", ["steps", "pulses"])
def test_loads_that_come_and_go_add_up(name: str) -> None:
    """One window over all of a session holds the energy that its counter has counted."""
    played, used = session(name)
    end_s = stretches(name)[-1].end_s
    found = reading(played, used, 0.0, end_s)
    assert isinstance(found, Reading)
    energy_j = found.powers[0].power_w * found.duration_s
    moves = [row.energy_mj for row in rows(name) if row.start_s < end_s]
    whole = [energy_mj for energy_mj in moves if energy_mj != moves[0]]
    assert energy_j == pytest.approx((whole[-1] - whole[0]) / 1000, rel=0.002)
    assert found.powers[0].power_w == pytest.approx(counted_w(name, 0.0, end_s), rel=0.005)


def test_a_pulse_is_seen_whole() -> None:
    """A load of half a second, with idling to both sides: what it adds to idling."""
    played, used = session("pulses")
    load = stretches("pulses")[7]
    assert load.load == "linear"
    start_s, end_s = load.start_s - 0.5, load.end_s + 0.5
    found = reading(played, used, start_s, end_s)
    assert isinstance(found, Reading)
    added_j = (found.powers[0].power_w - 129.0) * found.duration_s
    # 0.526 s at about 720 W
    assert added_j == pytest.approx((720.0 - 129.0) * (load.end_s - load.start_s), rel=0.04)


def test_the_power_of_a_span_within_a_window() -> None:
    # 5 J at the start; moves at 0.1, 0.2, … s by 9, 2, 3, 4, 3 J.
    played = Playback(even(9.0, 2.0, 3.0, 4.0, 3.0))
    used = meter(played)
    played.skip_to(0.0)
    with used.window() as window:
        played.run_until(0.58)
    found, whole = window.reading(Span(0.15, 0.45)), window.reading(Span(0.0, 0.45))
    assert isinstance(found, Reading)
    # 1 + 3 + 4 + 1.5 J in 0.3 s
    assert found.powers[0].power_w == pytest.approx(9.5 / 0.3, rel=0.04)
    assert found.duration_s == pytest.approx(0.3)
    # What began before the first move is told by whole ticks: 12 J in 0.4 s.
    assert isinstance(whole, Reading)
    assert whole.powers[0].power_w == pytest.approx(30.0, rel=0.03)


@pytest.mark.parametrize("name", ["steady_linear", "steady_gelu", "steady_layer_norm"])
def test_whole_steps_of_a_recorded_load(name: str) -> None:
    """As steps on a GPU are measured: spans of 1.03 s, which are no whole ticks, begun anywhere in
    one, the same load going on before and after them; against the load's own 7 s."""
    load = stretches(name)[1]
    long_w = counted_w(name, load.start_s + 1.0, load.end_s)
    found = []
    for number in range(8):
        played, used = session(name)
        start_s = load.start_s + 1.0 + 0.73 * number
        span = Span(start_s, start_s + 1.03)
        played.skip_to(span.start_s - used.margin_s)
        with used.window() as window:
            played.run_until(span.end_s + used.margin_s)
        told = window.reading(span)
        assert isinstance(told, Reading)
        assert told.duration_s == pytest.approx(1.03, abs=1e-6)
        found.append(told.powers[0].power_w)
    assert max(abs(each / long_w - 1) for each in found) < 0.013
    assert statistics.fmean(found) == pytest.approx(long_w, rel=0.004)


def test_margins_hold_a_tick_and_what_makes_it_late() -> None:
    _, used = session("idle")
    assert used.margin_s == pytest.approx(0.14, abs=0.002)
    used.calibration.response = Response(lag_s=0.01, settling_s=0.03)
    assert used.margin_s == pytest.approx(0.17, abs=0.002)


def test_a_board_that_is_polled_in_between() -> None:
    # 5 J at the start; the first move ends what began before the window.
    played = Playback(even(90.0, 20.0, 30.0, 40.0, 30.0))
    found = reading(played, meter(played), 0.0, 0.58)
    assert isinstance(found, Reading)
    assert found.powers[0].power_w == pytest.approx(300.0, rel=0.03)


@pytest.mark.parametrize("ticks", [0, 1, 2])
def test_fewer_than_two_whole_ticks_are_an_absence(ticks: int) -> None:
    played = Playback(even(*[30.0] * 6))
    found = reading(played, meter(played), 0.0, 0.1 * ticks + 0.05)
    assert 0.0 < found.cpu_s < 5.0
    assert found == Absence("a window was too short for two ticks of the energy counter")


def test_a_counter_that_starts_anew_is_an_absence() -> None:
    """Made up: a driver that is loaded again counts from 0."""
    before = even(*[30.0] * 4)
    after = [
        Row(row.start_s + 0.5, row.end_s + 0.5, row.energy_mj - 5000, row.instant_mw)
        for row in even(*[30.0] * 4)
    ]
    played = Playback([*before, *after])
    found = reading(played, meter(played), 0.0, 0.9)
    assert found == Absence("the energy counter started anew: was the driver loaded again?")


def test_a_board_that_is_lost_within_a_window_is_an_absence() -> None:
    played = Playback(even(*[30.0] * 6))
    used = meter(played)
    played.skip_to(0.0)
    with used.window() as window:
        played.run_until(0.3)
        played.refusing["nvmlDeviceGetTotalEnergyConsumption"] = pynvml.NVML_ERROR_GPU_IS_LOST
        played._until_s = 0.6
        window._thread.join(5.0)
    found = window.reading()
    assert isinstance(found, Absence)
    assert found.reason.startswith("the board has fallen off the bus (NVML says: GPU is lost):")
    assert 0.0 < found.cpu_s < 5.0


class Odd(Playback):
    """A module that answers in a way that nobody foresaw."""

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        if self.now_s() > 0.3:
            raise TypeError("bytes or integer address expected")
        return super().nvmlDeviceGetTotalEnergyConsumption(handle)


def test_whatever_ends_the_readings_is_the_reason() -> None:
    played = Odd(even(*[30.0] * 6))
    used = meter(played)
    played.skip_to(0.0)
    with used.window() as window:
        played._until_s = 0.6
        window._thread.join(5.0)
    found = window.reading()
    assert isinstance(found, Absence)
    assert found.lost
    assert found.reason == (
        "pynvml failed to read the counter (TypeError: bytes or integer address expected): "
        "pip install --upgrade nvidia-ml-py"
    )


def test_the_thread_ends_with_the_window() -> None:
    played = Playback(even(*[30.0] * 6))
    with pytest.raises(KeyError), meter(played).window():
        raise KeyError
    assert [each for each in threading.enumerate() if each.name == "magneton-nvml"] == []


ERRORS = {
    pynvml.NVML_ERROR_UNINITIALIZED: "run again",
    pynvml.NVML_ERROR_INVALID_ARGUMENT: "use --meter model",
    pynvml.NVML_ERROR_NOT_SUPPORTED: "use a board of the Volta generation or newer",
    pynvml.NVML_ERROR_NO_PERMISSION: "ask the administrator",
    pynvml.NVML_ERROR_ALREADY_INITIALIZED: "pip install --upgrade nvidia-ml-py",
    pynvml.NVML_ERROR_NOT_FOUND: "pass the board to this container",
    pynvml.NVML_ERROR_INSUFFICIENT_SIZE: "pip install --upgrade nvidia-ml-py",
    pynvml.NVML_ERROR_INSUFFICIENT_POWER: "power cables",
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED: "sudo modprobe nvidia",
    pynvml.NVML_ERROR_TIMEOUT: "run again",
    pynvml.NVML_ERROR_IRQ_ISSUE: "restart the machine",
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND: "NVIDIA_DRIVER_CAPABILITIES=compute,utility",
    pynvml.NVML_ERROR_FUNCTION_NOT_FOUND: "update the driver",
    pynvml.NVML_ERROR_GPU_IS_LOST: "restart the machine",
    pynvml.NVML_ERROR_RESET_REQUIRED: "sudo nvidia-smi --gpu-reset",
    pynvml.NVML_ERROR_OPERATING_SYSTEM: "limits of this container",
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: "restart the machine",
    pynvml.NVML_ERROR_CORRUPTED_INFOROM: "use --meter model",
    pynvml.NVML_ERROR_IN_USE: "run again when it has ended",
    pynvml.NVML_ERROR_MEMORY: "end other programs",
    pynvml.NVML_ERROR_NO_DATA: "run again",
    pynvml.NVML_ERROR_VGPU_ECC_NOT_SUPPORTED: "ask the administrator",
    pynvml.NVML_ERROR_INSUFFICIENT_RESOURCES: "end other programs",
    pynvml.NVML_ERROR_FREQ_NOT_SUPPORTED: "update the driver",
    pynvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH: "pip install --upgrade nvidia-ml-py",
    pynvml.NVML_ERROR_DEPRECATED: "pip install --upgrade nvidia-ml-py",
    pynvml.NVML_ERROR_NOT_READY: "wait until nvidia-smi answers",
    pynvml.NVML_ERROR_GPU_NOT_FOUND: "pass the board to this container",
    pynvml.NVML_ERROR_INVALID_STATE: "restart the machine",
    pynvml.NVML_ERROR_RESET_TYPE_NOT_SUPPORTED: "restart the machine",
    pynvml.NVML_ERROR_UNKNOWN: "run nvidia-smi",
}


def test_no_error_that_pynvml_knows_is_left_out() -> None:
    known = {code for name, code in vars(pynvml).items() if name.startswith("NVML_ERROR_")}
    assert known == set(ERRORS)


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize(
    "call", ["nvmlInit", "nvmlDeviceGetHandleByUUID", "nvmlDeviceGetTotalEnergyConsumption"]
)
def test_every_error_is_explained_with_a_remedy(code: int, call: str) -> None:
    played = Playback(even(30.0))
    played.refusing[call] = code
    with pytest.raises(NvmlAbsent) as caught:
        meter(played)
    told = str(caught.value)
    assert f"NVML says: {pynvml.NVMLError(code)}" in told
    assert ERRORS[code] in told


def test_a_part_of_a_board_has_no_counter_of_its_own() -> None:
    played = Playback(even(30.0))
    played.split = True
    with pytest.raises(NvmlAbsent, match=r"^the board is split into instances \(MIG\)"):
        meter(played)
    # Within an instance the board's own mode is not told.
    played.refusing["nvmlDeviceGetMigMode"] = pynvml.NVML_ERROR_NOT_SUPPORTED
    with pytest.raises(NvmlAbsent, match=r"^the board is split into instances \(MIG\)"):
        meter(played)


def state_of(played: Playback) -> BoardState:
    (found,) = meter(played).states()
    return found


def test_a_board_says_how_it_is() -> None:
    assert state_of(Playback(even(30.0))) == BoardState(
        UUID, "Example Board", 43, 1980, 3201, throttled=(), others=(), unknown=()
    )


def test_reasons_for_held_down_clocks() -> None:
    played = Playback(even(30.0))
    played.reasons = 0x1 | 0x2 | 0x4 | 0x20  # idle, the user's clocks, power, temperature
    assert state_of(played).throttled == ("power cap", "temperature (software)")


def test_processes_of_others() -> None:
    played = Playback(even(30.0))
    played.processes.append(1)
    (other,) = state_of(played).others
    assert other.startswith("1 (")


@pytest.mark.parametrize("kind", ["drawing", "under_mps"])
def test_processes_that_draw_or_share_the_board(kind: str) -> None:
    played = Playback(even(30.0))
    setattr(played, kind, [1])
    assert [each.split()[0] for each in state_of(played).others] == ["1"]


def test_under_mps_this_process_is_listed_there() -> None:
    played = Playback(even(30.0))
    played.processes, played.under_mps = [1], [os.getpid()]
    found = state_of(played)
    assert found.others_known
    assert [each.split()[0] for each in found.others] == ["1"]


def test_a_list_that_is_not_told_leaves_the_others() -> None:
    played = Playback(even(30.0))
    played.processes.append(1)
    played.refusing["nvmlDeviceGetMPSComputeRunningProcesses"] = pynvml.NVML_ERROR_NOT_SUPPORTED
    found = state_of(played)
    assert [each.split()[0] for each in found.others] == ["1"]
    assert found.unknown == (
        "other processes under MPS: this board or driver does not tell it (NVML says: Not "
        "Supported): a newer driver may",
    )


def test_what_changes_within_a_window_is_told() -> None:
    """Held down from 0.5 s to 1.5 s, by somebody who came then; another has come at its end."""
    played = Playback(even(*[30.0] * 30))
    used = meter(played)
    played.skip_to(0.0)
    with used.window() as window:
        played.run_until(0.5)
        played.reasons = 0x4
        played.processes.append(1)
        played.run_until(1.5)
        played.reasons = 0
        played.processes.remove(1)
        played.run_until(1.9)
        played.processes.append(2)
    found = window.reading()
    assert isinstance(found, Reading)
    (state,) = found.boards
    assert state.throttled == ("power cap",)
    assert [each.split()[0] for each in state.others] == ["1", "2"]


def test_clocks_are_those_of_the_work_not_of_what_follows() -> None:
    played = Playback(even(*[30.0] * 12))
    used = meter(played)
    played.skip_to(0.0)
    with used.window() as window:
        played.run_until(0.9)
        played.sm_mhz = 345
    found = window.reading()
    assert isinstance(found, Reading)
    assert [each.sm_mhz for each in found.boards] == [1980]


def test_what_the_engine_has_started_is_of_this_run() -> None:
    """Ranks have a launcher between them and the engine, and their neighbours have another."""
    played = Playback(even(30.0))
    above = os.getppid()
    played.processes.append(above)
    assert state_of(played).others == ()
    (board,) = NvmlMeter(played, [UUID], played, run=os.getpid()).states()
    assert [each.split()[0] for each in board.others] == [str(above)]


def test_a_driver_that_lists_other_process_ids_is_not_believed() -> None:
    played = Playback(even(30.0))
    played.processes = [4_000_000]  # those of another namespace
    found = state_of(played)
    assert (found.others, found.others_known) == ((), False)
    assert found.unknown == ("other processes: this process is not in the driver's list either",)


def test_what_a_board_does_not_tell_is_said() -> None:
    played = Playback(even(30.0))
    for call in ("nvmlDeviceGetClockInfo", "nvmlDeviceGetTemperature"):
        played.refusing[call] = pynvml.NVML_ERROR_NOT_SUPPORTED
    found = state_of(played)
    assert (found.sm_mhz, found.memory_mhz, found.temperature_c) == (None, None, None)
    assert (
        "temperature: this board or driver does not tell it (NVML says: Not Supported): a newer "
        "driver may"
    ) in found.unknown
    assert not any("--meter model" in each for each in found.unknown)


NO_INSTANT = (
    "instant power, which the counter is compared with: this board or driver does not tell it "
    "(NVML says: Not Supported): a newer driver may"
)


@pytest.mark.parametrize("whole", [True, False])
def test_a_board_without_instant_power_is_read_all_the_same(whole: bool) -> None:
    played = Playback(even(*[30.0] * 12))
    if whole:
        played.refusing["nvmlDeviceGetFieldValues"] = pynvml.NVML_ERROR_NOT_SUPPORTED
    else:
        played.instant_code = pynvml.NVML_ERROR_NOT_SUPPORTED
    found = reading(played, meter(played), 0.0, 1.15)
    assert isinstance(found, Reading)
    assert found.powers[0].power_w == pytest.approx(300.0, rel=0.03)
    assert [(each.instant_w, each.unknown) for each in found.boards] == [(None, (NO_INSTANT,))]


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_of_the_cross_check_does_not_end_the_readings(code: int) -> None:
    played = Playback(even(*[30.0] * 12))
    used = meter(played)
    played.skip_to(0.0)
    with used.window() as window:
        played.run_until(0.5)
        played.refusing["nvmlDeviceGetFieldValues"] = code
        played.run_until(1.15)
    found = window.reading()
    assert isinstance(found, Reading)
    assert found.powers[0].power_w == pytest.approx(300.0, rel=0.03)
    (last,) = used.states()
    assert last.unknown[0].startswith("instant power, which the counter is compared with: ")
    assert "--meter model" not in last.unknown[0]


def test_both_sensors_are_in_a_windows_state() -> None:
    played, used = session("steady_layer_norm")
    found = reading(played, used, 3.0, 4.2)
    assert isinstance(found, Reading)
    (state,) = found.boards
    assert state.counter_w == pytest.approx(552.0, rel=0.01)
    assert state.instant_w == pytest.approx(552.0, rel=0.01)


class Two(Playback):
    """A second board, whose counter is ten times as far on."""

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        factor = 10 if handle == "GPU-5678" else 1
        return super().nvmlDeviceGetTotalEnergyConsumption(handle) * factor


def test_every_board_has_its_own_figure() -> None:
    played = Two(even(*[30.0] * 12))
    used = NvmlMeter(played, [UUID, "GPU-5678"], played)
    found = reading(played, used, 0.0, 1.15)
    assert isinstance(found, Reading)
    assert [each.domain.name for each in found.powers] == [UUID, "GPU-5678"]
    assert [each.power_w for each in found.powers] == pytest.approx([300.0, 3000.0], rel=0.03)


def test_a_board_that_comes_into_use_later() -> None:
    played = Two(even(*[30.0] * 30))
    used = meter(played)
    used.calibrate(None)
    assert used.calibrated == (BOARD,)
    used.cover([UUID, "GPU-5678"])
    assert [domain.name for domain in used.covers] == [UUID, "GPU-5678"]
    assert used.calibrated == (BOARD,)
    assert used.idle_power_w is None
