"""Which tensors a step holds: found by walking what its function refers to, without running it."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, MethodType, ModuleType

import torch
from torch import nn

_DEPTH = 6


def reachable_tensors(step: Callable[[], object]) -> dict[str, torch.Tensor]:
    """Dotted name to tensor: parameters and buffers of modules, and tensors held directly.

    A name starts with the variable through which the step reaches the tensor.
    """
    found: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, held in reachable_objects(step):
        if isinstance(held, nn.Module):
            inner = [(f"{name}.{key}", tensor) for key, tensor in _module_tensors(held)]
        else:
            inner = [(name, held)] if isinstance(held, torch.Tensor) else []
        for key, tensor in inner:
            if id(tensor) not in seen:
                seen.add(id(tensor))
                found[key] = tensor
    return found


def reachable_objects(step: Callable[[], object]) -> Iterator[tuple[str, object]]:
    """Dotted name and object of what the step refers to; what is in a module is not told apart."""
    seen: set[int] = set()
    pending: deque[tuple[str, object, int]] = deque([("", step, 0)])
    while pending:
        name, held, depth = pending.popleft()
        if id(held) in seen or depth > _DEPTH:
            continue
        seen.add(id(held))
        yield name, held
        if not isinstance(held, torch.Tensor | nn.Module):
            pending.extend((_joined(name, key), item, depth + 1) for key, item in _children(held))


def _joined(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _module_tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_parameters()
    yield from module.named_buffers()


def _children(held: object) -> Iterator[tuple[str, object]]:
    if isinstance(held, MethodType):
        yield "self", held.__self__
    elif isinstance(held, functools.partial):
        yield "func", held.func
        yield from ((f"argument{position}", item) for position, item in enumerate(held.args))
        yield from held.keywords.items()
    elif isinstance(held, FunctionType):
        yield from _function_children(held)
    elif isinstance(held, dict):
        yield from ((str(key), item) for key, item in held.items())
    elif isinstance(held, list | tuple):
        yield from ((str(key), item) for key, item in enumerate(held))
    elif not isinstance(held, type | ModuleType) and type(held).__module__ != "builtins":
        yield from getattr(held, "__dict__", {}).items()


def _function_children(function: FunctionType) -> Iterator[tuple[str, object]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue  # a cell that nothing has been assigned to yet
    for name in sorted(_global_names(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]
    yield from _defaults(function)


def _defaults(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Default values of the function's parameters, by position and by name."""
    for position, value in enumerate(function.__defaults__ or ()):
        yield f"default{position}", value
    yield from (function.__kwdefaults__ or {}).items()


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names
