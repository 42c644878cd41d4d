"""The published schemas agree with the dataclasses; a side's parts add up."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any

import pytest

from magneton.engine.validation import (
    RESULT_TYPES,
    InvalidResultError,
    check_schema,
    conservation_error,
    schema_text,
)
from magneton_agent.schema import codec
from magneton_agent.schema.quantity import Absent
from tests import builders

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@pytest.mark.parametrize("schema", RESULT_TYPES)
def test_the_published_schema_agrees_with_the_dataclasses(schema: str) -> None:
    published = json.loads(schema_text(schema))
    assert published["title"] == schema
    definitions: dict[str, Any] = {}
    expected = _object_schema(RESULT_TYPES[schema], schema, definitions)
    found = {name: _bare(item) for name, item in published["definitions"].items()}
    assert found == definitions
    for keyword, value in expected.items():
        assert _bare(published[keyword]) == value


def test_results_follow_their_schemas() -> None:
    check_schema("magneton.comparison/1", codec.to_json(builders.comparison()))
    check_schema("magneton.measurement/1", codec.to_json(builders.measurement()))
    check_schema("magneton.what-if/1", codec.to_json(builders.what_if()))


def test_an_unknown_field_is_refused() -> None:
    data = codec.to_json(builders.comparison())
    data["sides"]["a"]["carbon_g"] = 3
    with pytest.raises(InvalidResultError, match=r"data\.sides\.a must not contain .*carbon_g"):
        check_schema("magneton.comparison/1", data)


def test_an_absent_figure_is_no_number() -> None:
    data = codec.to_json(builders.comparison())
    data["sides"]["a"]["energy_j"] = 0
    with pytest.raises(InvalidResultError, match="energy_j"):
        check_schema("magneton.comparison/1", data)


def test_parts_that_add_up() -> None:
    assert conservation_error(builders.side()) < 1e-12


def test_a_missing_joule_shows() -> None:
    # 1.6 + 0.2 + 0.12 + 0.58 = 2.5 against 2.0
    assert conservation_error(builders.side(residual_j=builders.quantity(0.58))) == (
        pytest.approx(0.25)
    )


def test_absent_parts_are_no_parts() -> None:
    # 1.6 + 0.12 + 0.28 = 2.0
    side = builders.side(idle_j=Absent("no sensor"), residual_j=builders.quantity(0.28))
    assert conservation_error(side) < 1e-12


def test_without_energy_there_is_nothing_to_add_up_to() -> None:
    assert conservation_error(builders.side(energy_j=Absent("no sensor"))) == 0.0


def _bare(schema: Any) -> Any:
    """``schema`` without its descriptions and the wrapper that a described reference needs."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "description" in schema and isinstance(schema["description"], str):
        schema = {key: item for key, item in schema.items() if key != "description"}
    if schema.keys() == {"allOf"}:
        return _bare(schema["allOf"][0])
    return {key: _bare(item) for key, item in schema.items()}


def _object_schema(cls: Any, schema: str, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in sorted(dataclasses.fields(cls), key=lambda field: field.name != "schema"):
        name = field.name.rstrip("_")
        properties[name] = (
            {"const": schema} if name == "schema" else _schema(hints[field.name], definitions)
        )
        if name == "schema" or field.default is dataclasses.MISSING:
            required.append(name)
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _reference(kind, definitions)
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (typing.Union, types.UnionType):
        return _union_schema([_schema(argument, definitions) for argument in arguments])
    return {"type": _SCALARS[kind]}


def _reference(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = cls.__name__[0].lower() + cls.__name__[1:]
    if name not in definitions:
        definitions[name] = _object_schema(cls, "", definitions)
    return {"$ref": f"#/definitions/{name}"}


def _union_schema(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if len(parts) == 2 and parts[1] == {"type": "null"} and "type" in parts[0]:
        return {**parts[0], "type": [parts[0]["type"], "null"]}
    return {"anyOf": parts}
