"""A recording in columns, one a field: docs/trace.md names them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from magneton_agent.schema.messages import NamedSketch
from magneton_agent.schema.recording import (
    Kernel,
    NonFinite,
    Operator,
    Origin,
    Phase,
    Recording,
    Sketch,
    Value,
    ValueKind,
)

from .columns import NONE, ColumnError, ColumnReader, ColumnWriter, Table
from .places import Places

_NONFINITE = ("nan", "positive_infinity", "negative_infinity")
_SUMS = ("total", "absolute", "square", "cube", "fourth", "low", "high")


@dataclass(frozen=True)
class Settings:
    """What of a recording is not in columns."""

    settings: dict[str, str]
    variants: tuple[dict[str, str], ...]
    outputs: tuple[int, ...]
    compiled: tuple[str, ...]


def settings_of(recording: Recording) -> Settings:
    return Settings(recording.settings, recording.variants, recording.outputs, recording.compiled)


class _Lists:
    """Lists that many rows share, each written once."""

    def __init__(self) -> None:
        self.shapes, self.arguments = Table[tuple[int, ...]](), Table[tuple[int, ...]]()
        self.kernels = Table[Kernel]()
        self.sketches: list[Sketch] = []

    def sketch(self, sketch: Sketch | None) -> int:
        if sketch is None:
            return NONE
        self.sketches.append(sketch)
        return len(self.sketches) - 1


def write_recording(
    columns: ColumnWriter, recording: Recording, parameters: Sequence[NamedSketch]
) -> None:
    """``recording`` without its frames, and the tensors that the step reaches."""
    lists = _Lists()
    _write_operators(columns, recording.operators, lists)
    _write_values(columns, recording.values, lists)
    columns.lists("stacks", recording.stacks)
    columns.texts("parameters.name", (each.name for each in parameters))
    columns.integers("parameters.shape", (lists.shapes.index(each.shape) for each in parameters))
    columns.integers("parameters.sketch", (lists.sketch(each.sketch) for each in parameters))
    columns.lists("shapes", lists.shapes.items)
    columns.lists("arguments", lists.arguments.items)
    kernels = lists.kernels.items
    columns.texts("kernels.name", (each.name for each in kernels))
    columns.floats("kernels.duration_s", (each.duration_s for each in kernels))
    columns.integers("sketches.elements", (each.elements for each in lists.sketches))
    columns.integers("sketches.finite", (each.finite for each in lists.sketches))
    for name in _NONFINITE:
        counts = [getattr(each.nonfinite, name, 0) for each in lists.sketches]
        columns.integers(f"sketches.{name}", counts)
    for name in _SUMS:
        columns.floats(f"sketches.{name}", [getattr(each, name) for each in lists.sketches])


def _write_operators(columns: ColumnWriter, operators: Sequence[Operator], lists: _Lists) -> None:
    string = columns.strings.index
    pairs = (
        tuple(string(text) for pair in each.arguments.items() for text in pair)
        for each in operators
    )
    columns.texts("operators.name", (each.name for each in operators))
    columns.lists("operators.inputs", [each.inputs for each in operators])
    columns.lists("operators.outputs", [each.outputs for each in operators])
    columns.integers("operators.arguments", map(lists.arguments.index, pairs))
    columns.texts("operators.phase", (each.phase for each in operators))
    columns.texts("operators.named_phase", (each.named_phase for each in operators))
    columns.texts("operators.module", (each.module for each in operators))
    columns.integers("operators.stack", (each.stack for each in operators))
    columns.integers("operators.movement", (each.movement for each in operators))
    columns.integers(
        "operators.forward", (NONE if each.forward is None else each.forward for each in operators)
    )
    columns.integers("operators.random", (each.random for each in operators))
    columns.integers("operators.settings", (each.settings for each in operators))
    kernel = lists.kernels.index
    columns.lists("operators.kernels", [[*map(kernel, each.kernels)] for each in operators])


def _write_values(columns: ColumnWriter, values: Sequence[Value], lists: _Lists) -> None:
    columns.integers("values.group", (each.group for each in values))
    columns.integers("values.shape", (lists.shapes.index(each.shape) for each in values))
    columns.integers("values.strides", (lists.shapes.index(each.strides) for each in values))
    columns.texts("values.dtype", (each.dtype for each in values))
    columns.texts("values.kind", (each.kind for each in values))
    columns.texts("values.origin", (each.origin for each in values))
    columns.texts("values.name", (each.name for each in values))
    columns.integers("values.sketch", (lists.sketch(each.sketch) for each in values))
    columns.integers("values.storage", (each.storage for each in values))
    columns.integers("values.version", (each.version for each in values))


class RecordingReader:
    """Reads what :func:`write_recording` wrote.

    Raises:
        ColumnError: a column breaks the format.
    """

    def __init__(self, columns: ColumnReader) -> None:
        self._columns = columns
        self._shapes = columns.lists("shapes")
        self._sketches = _sketches(columns)

    def recording(self, settings: Settings, places: Places) -> Recording:
        """The recording; its frames are those of ``places``."""
        values = self._values()
        stacks = self._columns.lists("stacks", below=len(places.frames))
        operators = self._operators(len(values), len(stacks), len(settings.variants))
        if settings.outputs and not 0 <= min(settings.outputs) <= max(settings.outputs) < len(
            values
        ):
            raise ColumnError("the step's outputs are not among its values")
        return Recording(
            operators=operators,
            values=values,
            frames=places.frames,
            stacks=stacks,
            settings=settings.settings,
            outputs=settings.outputs,
            compiled=settings.compiled,
            variants=settings.variants,
        )

    def parameters(self) -> tuple[NamedSketch, ...]:
        """The tensors that the step reaches."""
        names = self._columns.texts("parameters.name")
        shapes = self._columns.integers("parameters.shape", len(names), below=len(self._shapes))
        sketches = self._columns.integers(
            "parameters.sketch", len(names), below=len(self._sketches)
        )
        return tuple(
            NamedSketch(name, self._shapes[shape], self._sketches[sketch])
            for name, shape, sketch in zip(names, shapes, sketches, strict=True)
        )

    def _operators(self, values: int, stacks: int, variants: int) -> tuple[Operator, ...]:
        columns = self._columns
        names = columns.texts("operators.name")
        size = len(names)
        arguments, kernels = self._arguments(), self._kernels()
        given = columns.integers("operators.arguments", size, below=len(arguments))
        forward = columns.integers("operators.forward", size, below=size, least=NONE)
        launched = columns.lists("operators.kernels", size, below=len(kernels))
        # On a CPU there are none, and nothing to look up.
        runs = (tuple(map(kernels.__getitem__, each)) for each in launched) if kernels else launched
        return tuple(
            map(
                Operator,
                range(size),
                names,
                columns.lists("operators.inputs", size, below=values),
                columns.lists("operators.outputs", size, below=values),
                map(arguments.__getitem__, given),
                columns.texts("operators.phase", size, get_args(Phase)),
                columns.texts("operators.module", size),
                columns.integers("operators.stack", size, below=stacks),
                columns.flags("operators.movement", size),
                (None if each == NONE else each for each in forward),
                columns.flags("operators.random", size),
                columns.integers("operators.settings", size, below=variants),
                runs,
                columns.texts("operators.named_phase", size),
            )
        )

    def _kernels(self) -> list[Kernel]:
        names = self._columns.texts("kernels.name")
        return list(map(Kernel, names, self._columns.seconds("kernels.duration_s", len(names))))

    def _arguments(self) -> list[dict[str, str]]:
        found = []
        for pairs in self._columns.text_lists("arguments"):
            if len(pairs) % 2:
                raise ColumnError("arguments holds a name without a value")
            found.append(dict(zip(pairs[::2], pairs[1::2], strict=True)))
        return found

    def _values(self) -> tuple[Value, ...]:
        columns = self._columns
        groups = columns.integers("values.group")
        size, shapes = len(groups), self._shapes
        if any(group > number for number, group in enumerate(groups)):
            raise ColumnError("values.group names a later value")
        sketches = (*self._sketches, None)  # the index -1 is the last
        sketched = columns.integers("values.sketch", size, below=len(self._sketches), least=NONE)
        return tuple(
            map(
                Value,
                range(size),
                groups,
                map(shapes.__getitem__, columns.integers("values.shape", size, len(shapes))),
                map(shapes.__getitem__, columns.integers("values.strides", size, len(shapes))),
                columns.texts("values.dtype", size),
                columns.texts("values.kind", size, get_args(ValueKind)),
                columns.texts("values.origin", size, get_args(Origin)),
                columns.texts_or_none("values.name", size),
                map(sketches.__getitem__, sketched),
                columns.integers("values.storage", size),
                columns.integers("values.version", size),
            )
        )


def _sketches(columns: ColumnReader) -> tuple[Sketch, ...]:
    elements = columns.integers("sketches.elements")
    size = len(elements)
    sums = [columns.floats(f"sketches.{name}", size) for name in _SUMS]
    finite = columns.flags("sketches.finite", size)
    counts = zip(*(columns.integers(f"sketches.{name}", size) for name in _NONFINITE), strict=True)
    nonfinite = [NonFinite(*each) if any(each) else None for each in counts]
    return tuple(map(Sketch, elements, *sums, finite, nonfinite))
