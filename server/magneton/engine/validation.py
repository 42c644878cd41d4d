"""Is this JSON a result? The published schemas, and the law that a side's parts add up."""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from collections.abc import Callable
from typing import Any

import fastjsonschema

from magneton_agent.schema.measurement import MEASUREMENT_SCHEMA, Measurement
from magneton_agent.schema.quantity import Absent, Quantity
from magneton_agent.schema.result import COMPARISON_SCHEMA, Comparison, Side
from magneton_agent.schema.what_if import WHAT_IF_SCHEMA, WhatIf

RESULT_TYPES: dict[str, type[Comparison] | type[Measurement]] = {
    COMPARISON_SCHEMA: Comparison,
    MEASUREMENT_SCHEMA: Measurement,
    WHAT_IF_SCHEMA: WhatIf,
}
_CONSERVATION_TOLERANCE = 1e-6


class InvalidResultError(ValueError):
    """A result breaks its schema or its conservation law: a fault in Magneton, not of a user."""


def schema_text(schema: str) -> str:
    """The published JSON Schema of ``magneton.comparison/1``, ``magneton.measurement/1`` or
    ``magneton.what-if/1``."""
    name = schema.removeprefix("magneton.").replace("/", "-") + ".json"
    return (importlib.resources.files("magneton") / "schemas" / name).read_text("utf-8")


def check_schema(schema: str, data: Any) -> None:
    """
    Raises:
        InvalidResultError: ``data`` is not what the published ``schema`` says.
    """
    try:
        _validator(schema)(data)
    except fastjsonschema.JsonSchemaValueException as error:
        raise InvalidResultError(error.message) from error


def check_conservation(result: Comparison | Measurement) -> None:
    """
    Raises:
        InvalidResultError: the parts of a side do not add up to its measured energy.
    """
    sides = (
        {"a": result.sides.a, "b": result.sides.b}
        if isinstance(result, Comparison)
        else {"a": result.side}
    )
    for name, side in sides.items():
        error = conservation_error(side)
        if not error <= _CONSERVATION_TOLERANCE:  # also where it is NaN
            raise InvalidResultError(
                f"side {name}: operators + idle + host + residual miss the energy by {error:.3g}"
            )


def conservation_error(side: Side) -> float:
    """|operators + idle + host + residual - energy| relative to the energy; 0 where it is absent.

    Absent parts are no parts of the sum.
    """
    if isinstance(side.energy_j, Absent):
        return 0.0
    parts = (side.operators_j, side.idle_j, side.host_j, side.residual_j)
    energy_j = side.energy_j.value
    sum_j = math.fsum(part.value for part in parts if isinstance(part, Quantity))
    return abs(sum_j - energy_j) / abs(energy_j) if energy_j else abs(sum_j)


@functools.cache
def _validator(schema: str) -> Callable[[Any], Any]:
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json.loads(schema_text(schema)))
    return compiled
