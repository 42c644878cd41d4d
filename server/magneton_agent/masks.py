"""Random results of one side, kept so that the other side can compute with the same ones.

Dropout draws from the generator in the program's order: two programs that do the same in another
order drop other elements, and nothing after that is equal. Kept as raw bytes (`outputs.py`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from . import outputs
from .arguments import draws_random_numbers, scalar_arguments
from .operands import facts_of, flat_tensors
from .schema.messages import Masks

_DROPOUT = "aten::native_dropout"
_BERNOULLI = "aten::bernoulli_"
# They read tensors, but what they give are draws: of the distributions that the tensors describe.
_SAMPLING = frozenset(
    f"aten::{name}" for name in ("bernoulli", "binomial", "multinomial", "normal", "poisson")
)
T = TypeVar("T")
Key = tuple[str, tuple[int, ...], torch.dtype]
Overload = torch._ops.OpOverload
Named = dict[str, Any]


class MaskedStep:
    """Runs steps of one request, keeping what they draw or replaying what was kept.

    The generator is left as it would have been: the program's own draw is made all the same.
    ``count`` says how many random results were kept or replayed in the step that ran last, ``left``
    names the operators that drew others.
    """

    def __init__(self, masks: Masks | None) -> None:
        self._masks = masks
        self._kept: list[outputs.Leaf] = []
        self.count = 0
        self.left: tuple[str, ...] = ()

    def run(self, step: Callable[[], T]) -> T:
        """What ``step`` returns."""
        if self._masks is None:
            return step()
        with _mode(self._masks) as mode:
            result = step()
        self.count, self.left = mode.count, tuple(mode.left)
        if isinstance(mode, _Keeping):
            self._kept = mode.kept
        return result

    def save(self) -> None:
        """Write what was kept.

        Raises:
            OSError: there is no room for it.
        """
        if self._masks is not None and not self._masks.replay:
            outputs.save(self._masks.folder, self._kept)


def _mode(masks: Masks) -> _Keeping | _Replaying:
    return _Replaying(outputs.load(masks.folder)) if masks.replay else _Keeping()


class _RandomMode(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's constructor has no types
        self.count, self._pid = 0, os.getpid()
        self.left: dict[str, None] = {}  # in order

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        facts = facts_of(func)
        if not facts.draws or os.getpid() != self._pid:
            return result
        if draws_random_numbers(facts, scalar_arguments(facts, args, kwargs)):
            if _is_draw(func, args):
                self.drawn(func, args, kwargs, result)
            else:
                self.left[facts.name] = None
        return result

    def drawn(self, func: Overload, args: tuple[Any, ...], kwargs: Named, result: Any) -> None:
        """Handle what ``func`` drew."""
        raise NotImplementedError


class _Keeping(_RandomMode):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[outputs.Leaf] = []

    def drawn(self, func: Overload, args: tuple[Any, ...], kwargs: Named, result: Any) -> None:
        rate = _keeping_rate(func, args, kwargs)
        for tensor in _masks_of(func, result):
            held = tensor.detach().cpu().clone()
            name, held = (facts_of(func).name, held) if rate is None else (rate, held.bool())
            self.kept.append(outputs.Leaf(name, held))
            self.count += 1


class _Replaying(_RandomMode):
    def __init__(self, kept: Iterable[outputs.Leaf]) -> None:
        super().__init__()
        self._kept: dict[Key, deque[torch.Tensor]] = {}
        for leaf in kept:
            key = (leaf.name, tuple(leaf.value.shape), leaf.value.dtype)
            self._kept.setdefault(key, deque()).append(leaf.value)

    def drawn(self, func: Overload, args: tuple[Any, ...], kwargs: Named, result: Any) -> None:
        name, rate = facts_of(func).name, _keeping_rate(func, args, kwargs)
        for tensor in _masks_of(func, result):
            dtype = tensor.dtype if rate is None else torch.bool
            found = self._kept.get((rate or name, tuple(tensor.shape), dtype))
            if not found:
                self.left[name] = None
                continue
            tensor.copy_(found.popleft())
            self.count += 1
            if name == _DROPOUT:
                kept_share = 1.0 - float(args[1])
                scale = 1.0 / kept_share if kept_share else 0.0
                result[0].copy_(args[0].mul(tensor).mul_(scale))


def _keeping_rate(func: Overload, args: tuple[Any, ...], kwargs: Named) -> str | None:
    """What stands for the name of a draw that keeps elements at one rate, whichever operator makes
    it: dropout is one on a GPU and several on a CPU. None for other draws."""
    name = facts_of(func).name
    if name == _DROPOUT:
        return f"kept {1.0 - float(args[1]):.6f}"
    if name != _BERNOULLI:
        return None
    rate = args[1] if len(args) > 1 else kwargs.get("p", 0.5)
    return None if isinstance(rate, torch.Tensor) else f"kept {float(rate):.6f}"


def _is_draw(func: Overload, args: tuple[Any, ...]) -> bool:
    """Whether what ``func`` gives are random numbers alone: results that mix them with other
    values (attention with dropout in it) cannot be replayed without hiding differences."""
    facts = facts_of(func)
    if facts.name in _SAMPLING or facts.name == _DROPOUT or facts.name.endswith("_like"):
        return True
    written = {position for position, _ in facts.written}
    return not flat_tensors(each for i, each in enumerate(args) if i not in written)


def _masks_of(func: Overload, result: Any) -> list[torch.Tensor]:
    return [result[1]] if facts_of(func).name == _DROPOUT else flat_tensors((result,))
