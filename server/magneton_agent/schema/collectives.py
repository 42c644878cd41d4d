"""Which operators exchange data with other ranks, told by their names."""

from __future__ import annotations

_NAMESPACES = ("c10d::", "_c10d_functional::", "c10d_functional::")
# They touch this rank's tensors only.
_LOCAL = frozenset(("check_for_nan", "_wrap_tensor_autograd"))
# One rank sends what another receives: nothing that all ranks of a group do together.
_ONE_SIDED = frozenset(("send", "recv_", "recv_any_source_", "isend", "irecv", "batch_p2p_ops"))


def exchanges(operator: str) -> bool:
    """Whether ``operator`` (``c10d::allreduce_``) is one of those that exchange data."""
    return operator.startswith(_NAMESPACES) and operator.rpartition("::")[2] not in _LOCAL


def is_collective(operator: str) -> bool:
    """Whether ``operator`` is submitted by all ranks of a group together."""
    return exchanges(operator) and operator.rpartition("::")[2] not in _ONE_SIDED
