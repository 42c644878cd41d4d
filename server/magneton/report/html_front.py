"""What was tried of one program, energy against time, as a drawing. What the outputs are off by is
the third thing that counts, and is written beside a point: without it one may look beaten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.what_if import WhatIf

from . import figures
from .knobs import outputs_text
from .markup import Markup, join, tag

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640.0, 300.0, 10.0, 30.0, 20.0
_ROOM = 1.5  # for the names at the right


@dataclass(frozen=True)
class _Point:
    name: str
    outputs: str
    energy_j: Quantity
    duration_s: Quantity
    front: bool


def front_chart(result: WhatIf) -> Markup:
    """One point for the program as it is and for each knob that was tried: those on the front of
    energy, time and output error are filled. Both axes begin at 0."""
    points = list(_points(result))
    if len(points) < 2:
        return Markup("")
    most_j = _ROOM * max(each.energy_j.value for each in points)
    most_s = max(each.duration_s.value for each in points)
    children = [_axes()]
    for each in points:
        x = _LEFT + (_WIDTH - _LEFT) * each.energy_j.value / most_j
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * each.duration_s.value / most_s
        children.append(_drawn(each, x, y))
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return tag("svg", *children, viewBox=box, class_="front", role="img")


def _points(result: WhatIf) -> Iterator[_Point]:
    """Of what has figures; the program's own outputs are what all others are compared with."""
    side = result.side
    tried = [("as it is", "", side.energy_j, side.duration_s, result.front)]
    tried += [
        (row.name, outputs_text(row.outputs), row.energy_j, row.duration_s, row.front)
        for row in result.knobs
    ]
    for name, outputs, energy_j, duration_s, front in tried:
        if isinstance(energy_j, Quantity) and isinstance(duration_s, Quantity):
            yield _Point(name, outputs, energy_j, duration_s, front)


def _axes() -> Markup:
    bottom = _HEIGHT - _BOTTOM
    path = f"M{_LEFT:g} {_TOP / 2:g} V{bottom:g} H{_WIDTH:g}"
    return join(
        tag("path", d=path),
        _text("energy of a step", _WIDTH, _HEIGHT - _BOTTOM / 3, "end"),
        _text("time", _LEFT + 6, _TOP / 2 + 4, "start"),
    )


def _drawn(point: _Point, x: float, y: float) -> Markup:
    energy, time = figures.value(point.energy_j, "J"), figures.value(point.duration_s, "s")
    kind = "on" if point.front else "behind"
    title, label = f"{point.name}: {energy}, {time}", point.name
    if point.outputs:
        title, label = f"{title}, outputs {point.outputs}", f"{label} ({point.outputs})"
    return tag(
        "g",
        tag("title", title),
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="5"),
        _text(label, x + 9, y + 4, "start"),
        class_=kind,
    )


def _text(text: str, x: float, y: float, anchor: str) -> Markup:
    return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", **{"text-anchor": anchor})
