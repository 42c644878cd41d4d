"""Dataclasses to JSON and back, every field checked.

What arrives from another process is data, not truth: :func:`from_json` raises
:class:`SchemaError` with the field's path instead of building a half-valid object.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Json = Any  # JSON as the standard library models it: nested dict, list, str, float, int, bool, None
Reader = Callable[[Json, str], Any]


class SchemaError(ValueError):
    """A JSON document does not have the type that was asked for."""


def to_json(value: object) -> Json:
    """``value`` (dataclasses, tuples, dicts, scalars) as plain JSON data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name.rstrip("_"): to_json(getattr(value, field.name))
            for field in _written_fields(_any(type(value)))
        }
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


def from_json(cls: type[T], data: Json) -> T:
    """``data`` as an instance of the dataclass ``cls``.

    Raises:
        SchemaError: a field is missing, unknown or of another type.
    """
    return typing.cast(T, _reader(_any(cls))(data, cls.__name__))


def _any(kind: Any) -> Any:
    """``kind`` without its type: typeshed does not know that classes are hashable here."""
    return kind


@functools.cache
def _written_fields(cls: Any) -> tuple[dataclasses.Field[Any], ...]:
    # The schema's name opens the document, so that a reader of its first bytes knows what it is.
    return tuple(sorted(dataclasses.fields(cls), key=lambda field: field.name != "schema"))


@functools.cache
def _reader(kind: Any) -> Reader:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast(type, kind))
    if origin is tuple:
        return _tuple_reader(arguments)
    if origin is dict:
        return _dict_reader(_reader(arguments[1]))
    if origin is typing.Literal:
        return _literal_reader(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(arguments)
    return _scalar_reader(kind)


def _dataclass_reader(cls: type) -> Reader:
    hints = typing.get_type_hints(cls)
    fields = {field.name.rstrip("_"): field for field in dataclasses.fields(cls)}
    required = {
        name
        for name, field in fields.items()
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    readers: dict[str, Reader] = {}  # filled on first use: types may refer to each other

    def read(data: Json, path: str) -> Any:
        if not isinstance(data, dict):
            raise SchemaError(f"{path}: expected an object, found {type(data).__name__}")
        if not readers:
            readers.update({name: _reader(hints[field.name]) for name, field in fields.items()})
        if missing := required - data.keys():
            raise SchemaError(f"{path}: missing {', '.join(sorted(missing))}")
        if unknown := data.keys() - fields.keys():
            raise SchemaError(f"{path}: unknown {', '.join(sorted(unknown))}")
        return cls(
            **{
                fields[name].name: readers[name](item, f"{path}.{name}")
                for name, item in data.items()
            }
        )

    return read


def _tuple_reader(arguments: tuple[Any, ...]) -> Reader:
    if len(arguments) != 2 or arguments[1] is not Ellipsis:
        raise TypeError(f"the codec reads only tuple[X, ...], not tuple{list(arguments)}")
    item_reader = _reader(arguments[0])

    def read(data: Json, path: str) -> Any:
        if not isinstance(data, list):
            raise SchemaError(f"{path}: expected an array, found {type(data).__name__}")
        return tuple(item_reader(item, f"{path}[{i}]") for i, item in enumerate(data))

    return read


def _dict_reader(item_reader: Reader) -> Reader:
    def read(data: Json, path: str) -> Any:
        if not isinstance(data, dict):
            raise SchemaError(f"{path}: expected an object, found {type(data).__name__}")
        return {key: item_reader(item, f"{path}.{key}") for key, item in data.items()}

    return read


def _literal_reader(allowed: tuple[Any, ...]) -> Reader:
    def read(data: Json, path: str) -> Any:
        if not isinstance(data, str) or data not in allowed:
            raise SchemaError(f"{path}: {data!r} is not one of {', '.join(map(repr, allowed))}")
        return data

    return read


def _union_reader(arguments: tuple[Any, ...]) -> Reader:
    def read(data: Json, path: str) -> Any:
        problems = []
        for kind in arguments:
            if kind is type(None):
                if data is None:
                    return None
                continue
            try:
                return _reader(kind)(data, path)
            except SchemaError as error:
                problems.append(str(error))
        raise SchemaError("; or ".join(problems) or f"{path}: expected null")

    return read


def _scalar_reader(kind: Any) -> Reader:
    if kind not in (str, int, float, bool):
        raise TypeError(f"the codec does not know {kind!r}")

    def read(data: Json, path: str) -> Any:
        # JSON has one number type, and bool is an int in Python: neither may slip through.
        if kind is float and type(data) is int:
            try:
                return float(data)
            except OverflowError as error:
                raise SchemaError(f"{path}: a number of that size is not known") from error
        if type(data) is not kind:
            raise SchemaError(f"{path}: expected {kind.__name__}, found {type(data).__name__}")
        return data

    return read
