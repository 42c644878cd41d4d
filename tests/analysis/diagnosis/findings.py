"""Hand-made facts of a finding: side a is the wasteful one unless told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from magneton.analysis.diagnosis.facts import ArgumentFact, CalleeFact, Facts, Origin, SideFacts
from tests.analysis.steps import frame, operator

CALL = frame("build", 3)
FORWARD = frame("Block.forward", 40, path="/lib/block.py")
INIT = frame("Block.__init__", 12, path="/lib/block.py")


def side(name: Any = "a", *operators: str, **changes: Any) -> SideFacts:
    """A side that runs ``operators`` with one input each."""
    made = tuple(operator(each) for each in operators or ("mul",))
    default = SideFacts(
        name=name,
        operators=made,
        inputs=(("torch.float32 [4, 4] strides [4, 1]",),) * len(made),
        frame=frame("step", 7, path=f"/w/{name}.py"),
        text=f"run_{name}(x)",
        settings={"tf32": "False", "threads": "4"},
    )
    return replace(default, **changes)


def facts(
    wasteful: SideFacts | None = None, efficient: SideFacts | None = None, **changes: Any
) -> Facts:
    default = Facts(
        wasteful or side("a"), efficient or side("b"), shared=True, callee=None, arguments=()
    )
    return replace(default, **changes)


def callee(**changes: Any) -> CalleeFact:
    default = CalleeFact(
        function=FORWARD,
        expression="self.act",
        wasteful_callee="Slow",
        efficient_callee="Fast",
        set_in=INIT,
        set_from="ACTS[config.act]",
        origin=Origin("act", "'slow'", "'fast'", "Config", CALL, given=False),
    )
    return replace(default, **changes)


def argument(name: str = "keep", distance: int = 0, **changes: Any) -> ArgumentFact:
    default = ArgumentFact(
        function=FORWARD,
        name=name,
        wasteful_value="0",
        efficient_value="1",
        distance=distance,
        call=CALL,
        given=True,
    )
    return replace(default, **changes)
