"""Two recorded steps in which every operator takes as long as a test says, explained."""

from __future__ import annotations

import asyncio
from pathlib import Path

from magneton.analysis.classify import judge
from magneton.analysis.cost import SideCost
from magneton.analysis.flow import flow_of
from magneton.analysis.grouping import group_alike
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.engine.assemble import Sites, regions_of
from magneton.engine.cases import cases_of
from magneton.engine.confirming import Confirmer
from magneton.engine.findings import Explained, findings_of
from magneton.engine.request import Options, SideRequest
from magneton.engine.side import Side
from magneton.engine.trace.side import TraceSide
from magneton.source.positions import Locator
from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Region, SideName
from tests.analysis.steps import blocks, cost
from tests.engine.trace.traces import read_back, trace

HERE = Path(__file__)


def explained(
    folder: Path,
    recordings: tuple[Recording, Recording],
    costs: tuple[SideCost, SideCost],
    confirmer: Confirmer,
) -> tuple[Explained, tuple[Region, ...]]:
    """What is found of two steps whose programs cannot be asked, and the regions."""
    a, b = recordings
    flows = (flow_of(a), flow_of(b))
    cut = cut_flows(*flows, match_flows(*flows))
    sites = (Sites(a, Locator(HERE.parent)), Sites(b, Locator(HERE.parent)))
    judged = judge(group_alike(cut, a, b), *costs, Thresholds())
    request = SideRequest("a.magneton-trace", "python")
    over: dict[SideName, Side] = {
        name: TraceSide(name, request, Options(), read_back(folder, trace()), False)
        for name in ("a", "b")
    }
    step_j: dict[SideName, Quantity] = {"a": costs[0].energy_j, "b": costs[1].energy_j}
    cases = cases_of(judged, cut, sites, costs)
    found = asyncio.run(findings_of(cases, over, step_j, confirmer, cut.regions))
    return found, regions_of(cut, judged, *sites, costs)


def seconds(recording: Recording, each_s: float = 1.0) -> SideCost:
    """Every operator takes ``each_s`` at a watt."""
    count = len(recording.operators)
    timed = blocks(*[(each_s,) * count] * 6)
    return cost(timed, (1.0,) * count, energy_j=each_s * count)
