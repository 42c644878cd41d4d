"""Operators at which the host waits for its device."""

from __future__ import annotations

import pytest

from magneton.analysis.host_waits import host_waits
from magneton_agent.schema.recording import Kernel, Operator
from tests.analysis.steps import operator, recording

ON_GPU = operator("mm", kernels=(Kernel("gemm", 1e-6),))


def copying(device: str, non_blocking: str) -> Operator:
    return operator("_to_copy", arguments={"device": device, "non_blocking": non_blocking})


@pytest.mark.parametrize(
    ("made", "waits"),
    [
        (operator("_local_scalar_dense"), True),
        (operator("nonzero"), True),
        (operator("mul"), False),
        (copying("device(type='cpu')", "False"), True),
        (copying("device(type='cpu')", "True"), False),
        (copying("device(type='cuda', index=0)", "False"), False),
        (copying("None", "False"), False),
    ],
)
def test_what_waits(made: Operator, waits: bool) -> None:
    found = host_waits(recording([ON_GPU, made]), [0, 1])
    assert [each.id for each in found] == ([1] if waits else [])


def test_without_a_device_nothing_is_waited_for() -> None:
    step = recording([operator("mm"), operator("_local_scalar_dense")])
    assert host_waits(step, [0, 1]) == ()


def test_only_the_operators_that_are_asked_for() -> None:
    assert host_waits(recording([ON_GPU, operator("nonzero")]), [0]) == ()
