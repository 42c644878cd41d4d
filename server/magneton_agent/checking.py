"""Runs the first step and says whether it can be compared: with itself, and with the other side."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import torch

from . import outputs
from .masks import MaskedStep
from .measuring import synchronise
from .packages import imported_packages
from .schema.messages import Check, Checked, OutputCheck
from .sketch import readable
from .step import Steps
from .target import seed_everything

_Mark = tuple[int, str]
_TRAINED = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
Held = Callable[[], dict[str, torch.Tensor]]
Kind = Literal["outputs", "parameters", "none"]


def check(request: Check, held: Held, seed: int, cuda: bool, repeatable: bool) -> Steps[Checked]:
    """Run one step, or two where the step can be repeated and writes no parameter.

    ``held`` gives the tensors that the step reaches, by name.
    """
    seed_everything(seed)
    before = {name: _mark(tensor) for name, tensor in held().items()}
    start = time.perf_counter()
    masked = MaskedStep(request.masks)
    first = yield masked.run
    synchronise(cuda)
    step_s = time.perf_counter() - start
    written = _written(before, held())
    kind, found = _stand_in(first, written)
    outputs.save(request.folder, found)
    masked.save()
    against: tuple[OutputCheck, ...] = ()
    if request.compare_with is not None and kind != "none":
        against = outputs.compare(outputs.load(request.compare_with), found)
    repeat: tuple[OutputCheck, ...] = ()
    if request.twice and repeatable and not written and kind == "outputs":
        reference = outputs.load(request.folder)
        seed_everything(seed)
        repeat = outputs.compare(reference, list(outputs.leaves((yield masked.run))))
    names = tuple(leaf.name for leaf in found)
    return Checked(
        kind=kind,
        names=names,
        parameters_written=len(written),
        repeat=repeat,
        against=against,
        step_s=step_s,
        masks=masked.count,
        draws_left=masked.left,
        packages=imported_packages(),
    )


def _written(before: dict[str, _Mark], held: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name: tensor
        for name, tensor in held.items()
        if name in before and before[name] != _mark(tensor)
    }


def _mark(tensor: torch.Tensor) -> _Mark:
    """What a write changes. Made in inference mode a tensor does not count its writes, and fused
    optimizers do not tell of theirs: what can be trained is also added up."""
    version = 0 if tensor.is_inference() else tensor._version
    trainable = tensor.requires_grad and tensor.is_leaf and tensor.dtype in _TRAINED
    own = type(tensor) in (torch.Tensor, torch.nn.Parameter)
    if not (trainable and own and readable(tensor)):
        return version, ""
    return version, repr(float(tensor.detach().sum(dtype=torch.float64)))  # text: NaN equals NaN


def _stand_in(result: object, written: dict[str, torch.Tensor]) -> tuple[Kind, list[outputs.Leaf]]:
    """What stands for the step: what it returned, else the parameters that it wrote."""
    if found := list(outputs.leaves(result)):
        return "outputs", found
    if written:
        return "parameters", [outputs.Leaf(name, tensor) for name, tensor in written.items()]
    return "none", []
