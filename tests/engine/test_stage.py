"""A stretch of a job's progress."""

from __future__ import annotations

import pytest

from magneton.engine.request import Progress
from magneton.engine.stage import UNHEARD, Stage


def test_parts_lie_within_the_stage_and_lead_their_messages() -> None:
    said: list[Progress] = []
    stage = Stage(said.append, "diagnose", 0.8, 1.0)
    stage.at(0.5, "half of it")
    part = stage.part(1, 2, "second: ")
    part.at(0.0, "begun")
    part.part(1, 4, "last: ").at(1.0, "done")
    assert [each.message for each in said] == ["half of it", "second: begun", "second: last: done"]
    assert [each.fraction for each in said] == pytest.approx([0.9, 0.9, 0.95])
    assert {each.phase for each in said} == {"diagnose"}


def test_nobody_need_listen(capfd: pytest.CaptureFixture[str]) -> None:
    UNHEARD.part(0, 3).at(0.0, "anything")
    assert capfd.readouterr() == ("", "")
