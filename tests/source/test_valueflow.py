"""Ways through the value-flow graph."""

from __future__ import annotations

from magneton.source.valueflow import ValueFlow


def test_the_shortest_way_counts() -> None:
    flow = ValueFlow("self.act")
    flow.add("self.act", ["table", "config.act"])
    flow.add("table", ["config"])
    flow.add("config.act", ["act"])
    flow.add("config", ["act"])
    flow.add("act", ["table"])  # values may lead back to each other
    assert flow.way("table") == ["self.act", "table"]
    assert len(flow.way("act")) == 3
    assert flow.way("self.act") == ["self.act"]
