"""How what two programs give otherwise is told."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.result import CauseKind

LEFT = "left at its default"
NOT_GIVEN = "not given"
MODES = ("no_grad", "inference_mode", "enable_grad", "set_grad_enabled")
"""Settings, which are tried as such: a recording in another mode holds other operators."""


@dataclass(frozen=True)
class Words:
    """What is called ``name``, and its value in both programs."""

    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str
