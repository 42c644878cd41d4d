"""Least squares with coefficients that cannot be negative."""

from __future__ import annotations

from collections.abc import Sequence

_ROUNDS = 20_000
_SETTLED = 1e-12


def non_negative(rows: Sequence[Sequence[float]], targets: Sequence[float]) -> list[float]:
    """The coefficients >= 0 whose products with ``rows`` come closest to ``targets``.

    Coordinate descent on the normal equations: the problem is convex, so that going down along
    one coordinate after the other ends at its minimum. A column of zeros has coefficient 0.
    """
    columns = list(zip(*rows, strict=True))
    sizes = [sum(x * x for x in column) ** 0.5 for column in columns]
    scaled = [
        [x / size for x in column] if size else [0.0] * len(column)
        for column, size in zip(columns, sizes, strict=True)
    ]
    products = [[_dot(a, b) for b in scaled] for a in scaled]
    wanted = [_dot(column, targets) for column in scaled]
    found = _descend(products, wanted)
    return [x / size if size else 0.0 for x, size in zip(found, sizes, strict=True)]


def _descend(products: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    found = [0.0] * len(wanted)
    limit = _SETTLED * max(map(abs, wanted), default=0.0)
    for _ in range(_ROUNDS):
        moved = 0.0
        for i, row in enumerate(products):
            if not row[i]:
                continue
            better = max(0.0, found[i] + (wanted[i] - _dot(row, found)) / row[i])
            moved, found[i] = max(moved, abs(better - found[i])), better
        if moved <= limit:
            break
    return found


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
