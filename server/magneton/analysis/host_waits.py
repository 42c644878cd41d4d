"""Operators at which the host waits until the device has done all that it was given."""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.recording import Operator, Recording

# Their result, or its size, is a number that Python needs at once.
_READ = frozenset(
    f"aten::{name}"
    for name in (
        *("_local_scalar_dense", "item", "is_nonzero", "equal", "nonzero", "masked_select"),
        *("_unique2", "unique_dim", "unique_consecutive", "unique_dim_consecutive"),
    )
)
_COPY, _TO_HOST = "aten::_to_copy", "device(type='cpu')"


def host_waits(recording: Recording, operators: Iterable[int]) -> tuple[Operator, ...]:
    """Those of ``operators`` that wait for a device; none where the step uses none."""
    if not any(operator.kernels for operator in recording.operators):
        return ()
    return tuple(each for each in map(recording.operators.__getitem__, operators) if _waits(each))


def _waits(operator: Operator) -> bool:
    if operator.name == _COPY:
        arguments = operator.arguments
        to_host = arguments.get("device") == _TO_HOST
        return to_host and arguments.get("non_blocking") == "False"
    return operator.name in _READ
