"""Collectives of several ranks, finished where they are issued.

A collective is submitted and waited for later, often in native code that no operator shows. While
a step is looked at operator by operator it ends within its own operator: its values can then be
read, and the time that a rank waits for the others is the operator's.
"""

from __future__ import annotations

from typing import Any

import torch

NAMESPACE = "c10d"
# One rank sends what another receives: waiting here for what that rank does later would never end.
_ONE_SIDED = ("c10d::send", "c10d::recv_", "c10d::recv_any_source_")


def is_collective(func: torch._ops.OpOverload) -> bool:
    """Whether ``func`` is submitted by all ranks of a group together."""
    return func.namespace == NAMESPACE and func._schema.name not in _ONE_SIDED


def finished(func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call the collective ``func``, wait until this rank has its part of it, return its result.

    On a GPU the current stream waits, not the host.
    """
    result = func(*args, **kwargs)
    work = result[-1] if isinstance(result, tuple | list) and result else result
    if isinstance(work, torch.ScriptObject) and hasattr(work, "wait"):
        work.wait()
    return result
