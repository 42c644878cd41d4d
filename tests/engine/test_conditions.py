"""What the figures were taken under."""

from __future__ import annotations

from dataclasses import replace

from magneton.engine.conditions import alone_warnings, board_warnings, conditions_of
from magneton_agent.schema.meters import BoardState, Domain, DomainPower, MeterFacts
from magneton_agent.schema.result import BoardConditions, MeterConditions
from tests.analysis.steps import loaded

BOARD = Domain("GPU-1", "board")
BEFORE = BoardState("GPU-1", "Board X", 40, 1980, 3201, throttled=(), others=(), unknown=("fan",))
LATER = replace(BEFORE, temperature_c=61, sm_mhz=1500, throttled=("power cap",), unknown=())
LAST = replace(LATER, temperature_c=65, sm_mhz=1400, others=("7 (x)",))


def test_meters_and_boards() -> None:
    facts = MeterFacts("nvml", (BOARD,), 0.1, 0.003, None, 0.01, (DomainPower(BOARD, 80.0, 0.01),))
    found = conditions_of(
        loaded(meters=(facts,), boards=(BEFORE,)),
        {"torch": "2.13.0"},
        {"threads": "1"},
        [LATER, LAST],
        ["beware"],
    )
    assert found.packages == {"torch": "2.13.0"}
    assert (found.settings, found.warnings) == ({"threads": "1"}, ("beware",))
    assert found.meters == (MeterConditions("nvml", (BOARD,), 0.1, 0.003, None, 0.01),)
    assert found.boards == (
        BoardConditions(
            uuid="GPU-1",
            name="Board X",
            temperature_before_c=40,
            temperature_after_c=65,
            sm_before_mhz=1980,
            sm_after_mhz=1400,
            memory_mhz=3201,
            throttled=("power cap",),
            others=("7 (x)",),
            unknown=("fan",),
        ),
    )


def test_nothing_to_warn_of() -> None:
    assert board_warnings([BEFORE, replace(BEFORE, counter_w=500.0, instant_w=524.0)]) == []


def test_other_processes_and_held_down_clocks() -> None:
    assert board_warnings([BEFORE, LATER, LAST]) == [
        "Board X was also used by 7 (x): the counter covers the whole board, so that their energy "
        "is in these figures",
        "the clocks of Board X were held down (power cap): its time and power wander, and another "
        "board or a colder one would give other figures",
        "Board X was at 40 to 65 °C while it was measured: a warmer board draws more for the same "
        "work; measure for longer, or warm it up first",
    ]


def test_others_that_cannot_be_told() -> None:
    hidden = replace(BEFORE, others_known=False)
    assert board_warnings([BEFORE, hidden]) == [
        "whether anything else used Board X cannot be told, as the driver does not list the "
        "processes of this container: the counter covers the whole board, and would hold its "
        "energy too; nvidia-smi on the host shows it"
    ]
    (told,) = board_warnings([hidden, replace(BEFORE, others=("7 (x)",))])
    assert told.startswith("Board X was also used by 7 (x)")


def test_what_came_while_operators_were_run_alone() -> None:
    busy = replace(BEFORE, sm_mhz=900, throttled=("power cap",), others=("7 (x)",))
    assert alone_warnings([BEFORE, busy], [BEFORE]) == [
        "while operators were run alone Board X was also used by 7 (x): their energy is in the "
        "replayed figures",
        "while operators were run alone the clocks of Board X were held down (power cap), which "
        "they were not in whole steps: operators took longer, and other power, than in the step",
    ]
    assert alone_warnings([busy], [BEFORE, busy]) == []  # that has been told
    assert alone_warnings([], [busy]) == []


def test_clocks_that_move_for_no_reason_that_is_told() -> None:
    slower = replace(BEFORE, sm_mhz=1800)
    assert board_warnings([BEFORE, slower]) == [
        "the clock of Board X moved between 1800 and 1980 MHz: its time and power moved with it; "
        "fix it (nvidia-smi --lock-gpu-clocks) or measure for longer"
    ]
    assert (
        board_warnings([BEFORE, replace(BEFORE, sm_mhz=1900), replace(BEFORE, sm_mhz=None)]) == []
    )


def test_a_board_that_warms_up() -> None:
    assert board_warnings([BEFORE, replace(BEFORE, temperature_c=49)]) == []
    (said,) = board_warnings([BEFORE, replace(BEFORE, temperature_c=50)])
    assert said.startswith("Board X was at 40 to 50 °C while it was measured")


def test_sensors_that_disagree_by_more_than_5_percent() -> None:
    windows = [
        replace(BEFORE, counter_w=counter_w, instant_w=instant_w)
        for counter_w, instant_w in ((500.0, 530.0), (500.0, None), (510.0, 540.0), (500.0, 530.0))
    ]
    assert board_warnings(windows) == [
        "the sensors of Board X disagree: 500.0 W by its energy counter, which the figures are "
        "from, 530.0 W by its instant power"
    ]
