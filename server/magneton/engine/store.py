"""Results on disk: written whole or not at all, checked on the way in and out.

A workspace keeps its newest result in ``.magneton/last.json`` and its newest comparison request
in ``.magneton/last-request.json``.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, TypeVar

from magneton_agent.schema import codec
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.reading import MOST_RESULT_BYTES, read_regular
from magneton_agent.schema.result import Comparison

from .files import write_atomically
from .request import CompareRequest
from .validation import RESULT_TYPES, InvalidResultError, check_conservation, check_schema

Result = Comparison | Measurement
N = TypeVar("N", int, float)

_FOLDER = ".magneton"
_LARGEST = 1e100
_RESULT, _REQUEST = "last.json", "last-request.json"


def write_result(path: Path, result: Result) -> None:
    """Write ``result`` to ``path``.

    Raises:
        InvalidResultError: ``result`` is not valid; nothing is written.
        MagnetonError: the file could not be written; an older one is intact.
    """
    write_atomically(path, encode(result))


@contextlib.contextmanager
def faults_told() -> Iterator[None]:
    """Within it a result that is not valid is told as an error: a fault of ours must not cost what
    was measured.

    Raises:
        MagnetonError: in the place of an InvalidResultError, or of a number that JSON has not.
    """
    try:
        yield
    except ValueError as error:
        raise MagnetonError(
            "the result cannot be stored",
            f"it contradicts itself: {error}",
            "what was measured stands as it is shown; please report it as a fault of Magneton",
            EXIT_SIDE_FAILED,
        ) from error


def encode(result: Result) -> str:
    """``result`` as JSON text, checked.

    Raises:
        InvalidResultError: it breaks its schema or its parts do not add up.
    """
    data = codec.to_json(result)
    check_schema(result.schema, data)
    check_conservation(result)
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def load_result(path: Path) -> Result:
    """The result in ``path``.

    Raises:
        MagnetonError: there is no such file, or it is no result that this version reads.
    """
    data = _read_json(path)
    schema = data.get("schema") if isinstance(data, dict) else None
    kind = RESULT_TYPES.get(schema) if isinstance(schema, str) else None
    if kind is None:
        _refuse_schema(path, schema)
    try:
        check_schema(kind.schema, data)
        return codec.from_json(kind, data)
    except (InvalidResultError, codec.SchemaError) as error:
        raise _damaged(path, f"it does not follow {schema}: {error}") from error


def result_path(workspace: Path) -> Path:
    """Where the newest result of ``workspace`` lives."""
    return workspace / _FOLDER / _RESULT


def workspace_of(path: Path) -> Path | None:
    """The workspace whose newest result ``path`` is, None for a result kept elsewhere."""
    folder = path.absolute().parent
    return folder.parent if folder.name == _FOLDER else None


def save_result(workspace: Path, result: Result) -> Path:
    """Make ``result`` the workspace's newest; returns its file. Raises as `write_result`."""
    path = _prepare_folder(workspace) / _RESULT
    write_atomically(path, encode(result), follow=False)
    return path


def load_last(workspace: Path) -> Result | None:
    """The workspace's newest result, None where there is none. Raises as `load_result`."""
    path = result_path(workspace)
    return load_result(path) if path.exists() else None


def save_request(workspace: Path, request: CompareRequest) -> None:
    """Remember the newest comparison request.

    Raises:
        MagnetonError: the file could not be written.
    """
    text = json.dumps(codec.to_json(request), indent=2, ensure_ascii=False) + "\n"
    write_atomically(_prepare_folder(workspace) / _REQUEST, text, follow=False)


def load_request(workspace: Path) -> CompareRequest | None:
    """The workspace's newest comparison request, None where there is none.

    Raises:
        MagnetonError: the file is damaged.
    """
    path = workspace / _FOLDER / _REQUEST
    if not path.exists():
        return None
    try:
        return codec.from_json(CompareRequest, _read_json(path))
    except codec.SchemaError as error:
        raise _damaged(path, str(error)) from error


def _prepare_folder(workspace: Path) -> Path:
    """The folder of results. Links in it, and it as one, are not followed: they come with a
    repository, and may lead anywhere."""
    folder = workspace / _FOLDER
    if folder.is_symlink():
        raise MagnetonError(
            f"nothing was stored in {folder}",
            "it is a symbolic link, which a repository may have brought",
            "Remove the link; Magneton makes a folder of that name.",
        )
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise MagnetonError(
            f"{folder} could not be created",
            (error.strerror or str(error)).lower(),
            "Run in a folder that you may write to.",
        ) from error
    if not (folder / ".gitignore").exists():
        write_atomically(folder / ".gitignore", "*\n", follow=False)
    return folder


def _read_json(path: Path) -> codec.Json:
    try:
        return json.loads(
            read_regular(path, MOST_RESULT_BYTES),
            parse_constant=_refuse_constant,
            parse_float=lambda text: _measurable(float(text)),
            parse_int=lambda text: _measurable(int(text)),
        )
    except OSError as error:
        raise MagnetonError(
            f"{path} could not be read",
            (error.strerror or str(error)).lower(),
            "Name a result file, as written by 'magneton compare --json FILE'.",
        ) from error
    except codec.SchemaError as error:
        raise _damaged(path, str(error)) from error
    except (ValueError, RecursionError) as error:  # JSON or UTF-8 decoding
        raise _damaged(path, f"it is not whole JSON: {error}") from error


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _measurable(number: N) -> N:
    """``number``, with which whatever shows it can reckon: 1e999 is infinite."""
    if not abs(number) <= _LARGEST:
        raise codec.SchemaError(f"it holds a number larger than {_LARGEST:g}")
    return number


def _refuse_schema(path: Path, schema: object) -> NoReturn:
    names = "|".join(re.escape(name.rpartition("/")[0]) for name in RESULT_TYPES)
    if isinstance(schema, str) and re.fullmatch(rf"({names})/\d+", schema):
        raise MagnetonError(
            f"{path} cannot be read by this version of Magneton",
            f"its format is {schema}; this version reads {', '.join(RESULT_TYPES)}",
            "Update Magneton, or run the comparison again with this version.",
        )
    raise _damaged(path, "it does not say that it is a Magneton result")


def _damaged(path: Path, cause: str) -> MagnetonError:
    return MagnetonError(
        f"{path} is not a result that can be read",
        cause,
        "Name a file that 'magneton compare --json FILE' wrote. If it is one, run the comparison "
        "again: it was written whole, and changed or cut after that.",
    )
