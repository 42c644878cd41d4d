"""What becomes of a run whose second look fails: what was measured stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from magneton.analysis.classify import Judged, judge
from magneton.analysis.flow import flow_of
from magneton.analysis.grouping import group_alike
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.engine.assemble import Sites
from magneton.engine.needless import needless
from magneton.engine.prepare import Prepared
from magneton.engine.ranks.others import OtherRanks
from magneton.engine.redundant import suspect
from magneton.engine.replaying import OperatorEnergies
from magneton.engine.request import CompareRequest, MeasureRequest, Options, SideRequest
from magneton.engine.second_look import (
    Alone,
    Looked,
    Subject,
    View,
    look_again,
    look_again_alone,
)
from magneton.engine.unchanged import FilesChanged
from magneton.source.positions import Locator
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs
from tests.agent.recordings import recorded
from tests.engine.explained import seconds
from tests.engine.fake_agents import interpreter

GONE = SideRequest("gone.py:build", "python")  # it was there when it ran first
PREPARED = Prepared((), (), Outputs("outputs", True, 0.0), ())
WARNING = (
    "what seemed wasteful is unresolved: the second look at it, in fresh processes, failed: "
    "'gone.py:build': there is no such file ("
)


def looked_again(
    folder: Path, slow: Callable[[], Tensor], fast: Callable[[], Tensor]
) -> tuple[tuple[Judged, ...], Looked]:
    """What a first look found of ``slow`` against ``fast``, which takes half the time, and the
    second, for which both programs are gone."""
    a, b = recorded(slow), recorded(fast)
    flows = (flow_of(a), flow_of(b))
    cut, costs = cut_flows(*flows, match_flows(*flows)), (seconds(a, 2.0), seconds(b))
    groups = group_alike(cut, a, b)
    request = CompareRequest(str(folder), GONE, GONE)
    sites = (Sites(a, Locator(folder)), Sites(b, Locator(folder)))
    view = View(request, {}, PREPARED, cut, groups, sites, OperatorEnergies((), (), (), ()))
    judged = judge(groups, *costs, request.options.thresholds)
    subject, others = Subject(view, costs), OtherRanks((), Options())
    return judged, asyncio.run(look_again(subject, judged, others, lambda progress: None))


def test_what_seemed_wasteful_is_unresolved(tmp_path: Path) -> None:
    x = torch.randn(8, 8)
    judged, looked = looked_again(tmp_path, x.exp, x.T.contiguous().T.exp)
    assert [each.wasteful for each in judged] == ["a"]
    assert [(each.class_, each.wasteful) for each in looked.judged] == [("unresolved", None)]
    assert looked.findings == ()
    (warning,) = looked.warnings
    assert warning.startswith(WARNING)


def suspected_of(recording: Recording, sites: Sites) -> Alone:
    step = seconds(recording)
    return Alone(suspect("a", sites, step, 0.01), needless("a", sites, step, 0.01))


EDITED = """
receive()
LOADED["files"] = {"edited.py": "another digest"}
send("Loaded", LOADED)
receive()
"""


def test_a_file_that_was_edited_before_it_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "edited.py").write_text("def build(): pass\n")
    recording = recorded(lambda: torch.ones(8).sin() + torch.ones(8).sin())
    sites = Sites(recording, Locator(tmp_path), files={"edited.py": "as it was measured"})
    suspected = suspected_of(recording, sites)
    side = SideRequest("edited.py:build", interpreter(tmp_path, EDITED))
    request = MeasureRequest(str(tmp_path), side)
    with pytest.raises(FilesChanged, match=r"^edited\.py changed while it was measured$"):
        asyncio.run(look_again_alone(request, PREPARED, suspected, lambda progress: None))


def test_so_it_is_of_one_program(tmp_path: Path) -> None:
    x = torch.randn(8)
    recording = recorded(lambda: x.sin() + x.sin())
    suspected = suspected_of(recording, Sites(recording, Locator(tmp_path)))
    assert len(suspected.suspect.repetitions) == 1
    request = MeasureRequest(str(tmp_path), GONE)
    looked = asyncio.run(look_again_alone(request, PREPARED, suspected, lambda progress: None))
    assert looked.findings == ()
    (warning,) = looked.warnings
    assert warning.startswith(WARNING)
