"""One operator with the tensors that it takes and gives, made by hand."""

from __future__ import annotations

from magneton_agent.schema.recording import Operator, Recording, Value

Shape = tuple[int, ...]


def tensor(
    number: int,
    shape: Shape,
    dtype: str = "float32",
    strides: Shape | None = None,
    storage: int | None = None,
    version: int = 0,
) -> Value:
    """A tensor of ``shape``, contiguous unless told, in memory of its own unless told."""
    packed: list[int] = []
    step = 1
    for size in reversed(shape):
        packed.insert(0, step)
        step *= size
    return Value(
        id=number,
        group=number,
        shape=shape,
        strides=tuple(packed) if strides is None else strides,
        dtype=dtype,
        kind="float",
        origin="operator",
        name=None,
        sketch=None,
        storage=number if storage is None else storage,
        version=version,
    )


def step(
    name: str,
    inputs: list[Value],
    outputs: list[Value],
    settings: dict[str, str] | None = None,
    **arguments: str,
) -> Recording:
    """A step of one operator; values are numbered from 0, ``inputs`` first."""
    values = (*inputs, *outputs)
    assert [each.id for each in values] == list(range(len(values)))
    operator = Operator(
        id=0,
        name=f"aten::{name}",
        inputs=tuple(each.id for each in inputs),
        outputs=tuple(each.id for each in outputs),
        arguments=arguments,
        phase="forward",
        module="",
        stack=0,
        movement=False,
        forward=None,
    )
    return Recording((operator,), values, (), ((),), settings or {}, (), ())
