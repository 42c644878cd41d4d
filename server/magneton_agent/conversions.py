"""Changes of what a step holds, or of its device, that try another way of doing the same."""

from __future__ import annotations

import ctypes

import torch
from torch import nn

from .failure import TargetError
from .reach import reachable_objects, reachable_tensors
from .schema.knobs import Conversion
from .step import Step

_BLOCKING_SYNC = 4  # CU_CTX_SCHED_BLOCKING_SYNC


def prepare(conversion: Conversion) -> None:
    """What has to be done before the program uses its device.

    Raises:
        TargetError: the device's driver refuses.
    """
    if conversion == "blocking-wait":
        _wait_blocking()


def convert(conversion: Conversion, step: Step) -> None:
    """Change what ``step`` holds in place.

    Raises:
        TargetError: there is nothing to change.
    """
    match conversion:
        case "channels-last":
            _channels_last(step)
        case "foreach-optimizer":
            _set_in_optimizers(step, "foreach", "fused")
        case "fused-optimizer":
            _set_in_optimizers(step, "fused", "foreach")
        case "compile":
            _compile(step)


def _wait_blocking() -> None:
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise _cannot("there is no CUDA driver") from error
    count = ctypes.c_int()
    driver.cuInit(0)
    driver.cuDeviceGetCount(ctypes.byref(count))
    refused = [
        driver.cuDevicePrimaryCtxSetFlags_v2(device, _BLOCKING_SYNC)
        for device in range(count.value)
    ]
    if not refused or any(refused):
        raise _cannot("the CUDA driver does not let its waiting be chosen")


def _channels_last(step: Step) -> None:
    images = [each for each in reachable_tensors(step).values() if each.dim() == 4]
    if not images:
        raise _cannot("the step holds no tensors of four dimensions")
    # torch.nn.Module.to would convert weights of five dimensions too, and raise
    others = [each for each in images if not each.is_contiguous(memory_format=torch.channels_last)]
    if not others:
        raise _cannot("all tensors of four dimensions that the step holds are channels-last")
    for each in others:
        each.data = each.data.contiguous(memory_format=torch.channels_last)


def _set_in_optimizers(step: Step, wanted: str, instead_of: str) -> None:
    groups = [
        group
        for _, held in reachable_objects(step)
        if isinstance(held, torch.optim.Optimizer)
        for group in held.param_groups
        if wanted in group
    ]
    if not groups:
        raise _cannot(f"the step holds no optimizer that can be {wanted}")
    if all(group[wanted] for group in groups):
        raise _cannot(f"the step's optimizer is {wanted} already")
    for group in groups:
        group[wanted], group[instead_of] = True, False


def _compile(step: Step) -> None:
    modules = [held for _, held in reachable_objects(step) if isinstance(held, nn.Module)]
    for module in modules:
        module.compile()
    if not modules:
        raise _cannot("the step holds no module to compile")


def _cannot(fact: str) -> TargetError:
    return TargetError(fact, "there is nothing to convert", "leave the conversion out")
