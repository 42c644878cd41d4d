"""Cuts two recorded steps into regions that compute the same."""

from __future__ import annotations

from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs

from ..analysis.flow import flow_of
from ..analysis.matching import match_flows
from ..analysis.regions import Cut, cut_flows
from . import collector


def cut_recordings(a: Recording, b: Recording, outputs: Outputs) -> Cut:
    """The regions of ``a`` and ``b``, whose ``outputs`` were compared."""
    same = outputs.compared == "outputs" and outputs.equal is True
    with collector.paused():
        flows = (flow_of(a), flow_of(b))
        return cut_flows(*flows, match_flows(*flows, same_outputs=same))
