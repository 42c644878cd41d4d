"""What each rank is asked: as many steps as all others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from magneton.engine.ranks.replies import Ranks
from magneton_agent.schema.messages import (
    Check,
    Checked,
    Inspect,
    Measure,
    Measured,
    Record,
    Replay,
    ReplayItem,
    Sample,
    Time,
    names_digest,
)
from tests.analysis.steps import operator, recording

CHECKED = Checked("outputs", ("output 0",), 0, (), (), step_s=0.1)


def test_a_window_becomes_the_steps_that_fill_it_at_the_slowest_rank() -> None:
    ranks = Ranks(2)
    ranks.keep(Check("a", None), [CHECKED, replace(CHECKED, step_s=0.2)])
    # 1.35 * 1.0 s of steps of 0.2 s = 6.75 steps
    assert ranks.requests(Measure(1, 1.0)) == [Measure(7, 0.0)] * 2
    ranks.keep(Measure(1, 1.0), [Measured((Sample(6, 0.5, 0.1, None),), ()), Measured((), ())])
    assert ranks.requests(Measure(1, 1.0)) == [Measure(3, 0.0)] * 2


def test_before_the_first_step_a_window_is_one_step() -> None:
    assert Ranks(2).requests(Measure(1, 1.0)) == [Measure(1, 0.0)] * 2


def test_each_rank_keeps_its_outputs_apart_and_decides_nothing_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    found = Ranks(2).requests(Check(str(tmp_path / "b"), str(tmp_path / "a")))
    assert found == [
        Check(f"{tmp_path}/b/rank-0", f"{tmp_path}/a/rank-0", twice=False),
        Check(f"{tmp_path}/b/rank-1", f"{tmp_path}/a/rank-1", twice=False),
    ]
    assert (tmp_path / "b" / "rank-1").is_dir()


def test_each_rank_times_its_own_operators() -> None:
    ranks = Ranks(2)
    ranks.keep(Record(), [recording([operator("mm")]), recording([operator("mul")])])
    mine = names_digest(["aten::mm"])
    assert ranks.requests(Time(3, mine)) == [Time(3, mine), Time(3, names_digest(["aten::mul"]))]


def test_only_the_rank_that_is_shown_replays_and_the_others_run_the_step_beside_it() -> None:
    replay = Replay((ReplayItem(0, "aten::mm", 1.0),))
    assert Ranks(2, shown=1).requests(replay) == [Replay(()), replay]


def test_what_runs_no_step_is_asked_of_one_rank() -> None:
    question = Inspect("value", 0, "x")
    assert Ranks(2, shown=1).requests(question) == [None, question]


def test_a_step_to_warm_up_is_not_one_of_the_windows() -> None:
    ranks = Ranks(1)
    window, warming = (Measured((Sample(1, s, 0.1, None),), ()) for s in (0.2, 0.9))
    ranks.keep(Measure(1, 0.0), [warming])
    ranks.keep(Measure(1, 1.0), [window])
    assert ranks.replies[0].samples == list(window.samples)
