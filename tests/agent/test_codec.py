"""JSON that does not fit is said, whatever is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from magneton_agent.schema.codec import SchemaError, from_json


@dataclass(frozen=True)
class _Figure:
    value: float


def test_an_integer_too_large_for_a_float_is_refused() -> None:
    assert from_json(_Figure, {"value": 3}) == _Figure(3.0)
    with pytest.raises(SchemaError, match=r"_Figure\.value: a number of that size"):
        from_json(_Figure, {"value": 10**400})
