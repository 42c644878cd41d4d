"""Which of several choices are not beaten in every respect."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, ...]


def front(points: Sequence[Point]) -> list[bool]:
    """For each point, less being better in every coordinate, whether no other is as good in all of
    them and better in one. Of equal points only the first is on the front."""
    return [
        not any(
            _beats(other, point, before=other_number < number)
            for other_number, other in enumerate(points)
            if other_number != number
        )
        for number, point in enumerate(points)
    ]


def _beats(other: Point, point: Point, before: bool) -> bool:
    pairs = list(zip(other, point, strict=True))
    return all(x <= y for x, y in pairs) and (before or any(x < y for x, y in pairs))
