"""What was tried of one program, energy against time, as a drawing."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.what_if import WhatIf

from . import figures
from .markup import Markup, join, tag

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640.0, 300.0, 10.0, 30.0, 20.0
_ROOM = 1.25  # for the names at the right


@dataclass(frozen=True)
class _Point:
    name: str
    energy_j: Quantity
    duration_s: Quantity
    front: bool


def front_chart(result: WhatIf) -> Markup:
    """One point for the program as it is and for each knob that was tried: those on the front of
    energy, time and output error are filled. Both axes begin at 0."""
    side = result.side
    tried = [("as it is", side.energy_j, side.duration_s, result.front)]
    tried += [(row.name, row.energy_j, row.duration_s, row.front) for row in result.knobs]
    points = [point for each in tried if (point := _point(*each)) is not None]
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


def _point(name: str, energy_j: Figure, duration_s: Figure, front: bool) -> _Point | None:
    if not isinstance(energy_j, Quantity) or not isinstance(duration_s, Quantity):
        return None
    return _Point(name, energy_j, duration_s, front)


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
    return tag(
        "g",
        tag("title", f"{point.name}: {energy}, {time}"),
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="5"),
        _text(point.name, x + 9, y + 4, "start"),
        class_=kind,
    )


def _text(text: str, x: float, y: float, anchor: str) -> Markup:
    return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", **{"text-anchor": anchor})
