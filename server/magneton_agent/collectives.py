"""Collectives of several ranks, finished where they are issued.

A collective is submitted and waited for later, often in native code that no operator shows. While
a step is looked at operator by operator it ends within its own operator: its values can then be
read, and the time that a rank waits for the others is the operator's. What one rank sends to
another is left alone: waiting here for what that rank does later would never end.
"""

from __future__ import annotations

from typing import Any

import torch

from .operands import flat_tensors


def finished(func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call the collective ``func``, wait until this rank has its part of it, return its result.

    On a GPU the current stream waits, not the host.
    """
    result = func(*args, **kwargs)
    work = result[-1] if isinstance(result, tuple | list) and result else result
    if isinstance(work, torch.ScriptObject):
        # Nothing is in it where the call has waited itself; its own ``wait`` would end the process.
        submitted = torch._C._distributed_c10d.Work.unbox(work)
        if submitted is not None:
            submitted.wait()
        return result
    waiting = getattr(getattr(torch.ops, func.namespace), "wait_tensor", None)
    if waiting is not None:  # functional: the tensors are what is waited for
        for tensor in flat_tensors((result,)):
            waiting(tensor)
    return result
