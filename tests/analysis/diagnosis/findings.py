"""Hand-made facts of a finding: side a is the wasteful one unless told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from magneton.analysis.diagnosis.facts import Facts, Followed, Passed, SideFacts
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
    default = Facts(wasteful or side("a"), efficient or side("b"), shared=True)
    return replace(default, **changes)


def followed(**changes: Any) -> Followed:
    default = Followed(
        function=FORWARD,
        kind="argument",
        name="act",
        wasteful_value="'slow'",
        efficient_value="'fast'",
        place=CALL,
        given=True,
        owner="Config",
        way=(Passed("self.act", "Slow", "Fast", INIT), Passed("act", "'slow'", "'fast'", CALL)),
    )
    return replace(default, **changes)
