"""The error rate is spent once, over all looks."""

from __future__ import annotations

import pytest

from magneton.analysis.spending import error_of_look


def test_all_looks_together_spend_it() -> None:
    parts = [error_of_look(look, 3, 0.05) for look in range(3)]
    # 0.05 * ln(1 + 1.71828 / 3) = 0.02264, 0.05 * ln(1 + 1.71828 * 2 / 3) = 0.03817
    assert parts == pytest.approx([0.02264, 0.01553, 0.01183], abs=1e-5)
    assert sum(parts) == pytest.approx(0.05)


def test_a_single_look_has_all() -> None:
    assert error_of_look(0, 1, 0.05) == pytest.approx(0.05)
