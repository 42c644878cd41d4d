"""Outputs compared without torch, against the agent's own comparison with it."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from magneton.engine.trace import outputs
from magneton.engine.trace.outputs import compare_outputs
from magneton_agent.outputs import Leaf, compare, leaves, save
from magneton_agent.schema.messages import OutputCheck

DTYPES = [
    *("bool", "uint8", "int8", "int16", "int32", "int64"),
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
]
INF, NAN = math.inf, math.nan


def close(error: float | None) -> object:
    return None if error is None else pytest.approx(error, rel=1e-6, abs=1e-15)


def compared(folder: Path, reference: object, found: object) -> tuple[OutputCheck, ...]:
    """Both compared from files; the agent must say the same."""
    sides: list[tuple[Path, list[Leaf]]] = []
    for name, structure in (("a", reference), ("b", found)):
        (folder / name).mkdir(exist_ok=True)
        sides.append((folder / name, list(leaves(structure))))
        save(str(sides[-1][0]), sides[-1][1])
    checks = compare_outputs(sides[0][0], sides[1][0])
    expected = compare(sides[0][1], sides[1][1])
    assert [(x.name, x.equal, x.difference) for x in checks] == [
        (x.name, x.equal, x.difference) for x in expected
    ]
    errors = [each.max_relative_error for each in expected]
    for check, error in zip(checks, errors, strict=True):
        assert check.max_relative_error == close(error)
    return checks


@pytest.mark.parametrize("other", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_as_the_agent_does(dtype: str, other: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    x = (torch.randn(7, 5) * 3).to(getattr(torch, dtype))
    y = x.to(getattr(torch, other)) if not x.is_complex() else x * 1.001
    compared(tmp_path, {"x": x, "y": x.T}, {"x": y, "y": y.T})


def test_two_roundings_of_bfloat16_are_equal(tmp_path: Path) -> None:
    one, near, far = (torch.tensor([1 + i * 2**-7], dtype=torch.bfloat16) for i in (0, 2, 3))
    assert [each.equal for each in compared(tmp_path, [one, one], [near, far])] == [True, False]


@pytest.mark.parametrize(
    ("a", "b", "equal", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], True, 0.0),
        ([100.0, 1.0], [100.0, 2.0], False, 1 / math.sqrt(10001 / 2)),
        ([NAN, 1.0], [NAN, 1.0], True, 0.0),
        ([INF, 1.0], [INF, 1.0], True, 0.0),
        ([INF, 1.0], [-INF, 1.0], False, None),
        ([NAN, 1.0], [0.0, 1.0], False, None),
        ([0.0, 1.0], [INF, 1.0], False, None),
        ([0.0, 0.0], [0.0, 1e-9], False, 1.0),
        ([], [], True, 0.0),
    ],
)
def test_special_values(
    a: list[float], b: list[float], equal: bool, error: float | None, tmp_path: Path
) -> None:
    (check,) = compared(tmp_path, torch.tensor(a), torch.tensor(b))
    assert check.equal is equal
    assert check.max_relative_error == close(error)


@given(
    st.lists(st.floats(width=32), min_size=3, max_size=12),
    st.lists(st.floats(min_value=-(2**-6), max_value=2**-6, width=32), min_size=12, max_size=12),
)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_any_floats_as_the_agent_does(numbers: list[float], changes: list[float]) -> None:
    a = torch.tensor(numbers)
    with tempfile.TemporaryDirectory() as folder:
        compared(Path(folder), a, a * (1 + torch.tensor(changes[: len(numbers)])))


def test_the_worst_element_of_any_chunk_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "_CHUNK", 4)
    torch.manual_seed(0)
    a = torch.rand(64) + 0.5
    for position in (0, 5, 31, 63):
        b = a * (1 + 1e-4 * torch.rand(64))
        b[position] = a[position] * 1.5
        (check,) = compared(tmp_path, a, b)
        assert check.max_relative_error == pytest.approx(1 / 3, rel=0.2)


def test_a_large_element_is_judged_by_its_own_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "_CHUNK", 4)
    a, b = torch.ones(8), torch.ones(8)
    b[1], a[5], b[5] = 1.1, 2.0, 2.15  # 0.085 of the rms, 0.07 of 2.15
    (check,) = compared(tmp_path, a, b)
    assert check.max_relative_error == pytest.approx(0.1 / math.sqrt(11 / 8), rel=1e-6)


def test_shapes_and_numbers_of_outputs(tmp_path: Path) -> None:
    found = compared(tmp_path, (torch.ones(2, 3), 1.0, True), (torch.ones(3, 2), 1.0))
    assert [each.difference for each in found] == [
        "output: shape (2, 3) against (3, 2)".replace("output", "output[0]"),
        None,
        "output[2] has no counterpart: 3 outputs against 2",
    ]


def test_types_that_only_hardware_reads_are_compared_by_their_bytes(tmp_path: Path) -> None:
    x, y = (torch.tensor([1.0, n]).to(torch.float8_e4m3fn) for n in (2.0, 3.0))
    for name, tensor in (("a", x), ("b", x), ("c", y)):
        (tmp_path / name).mkdir()
        save(str(tmp_path / name), [Leaf("output", tensor)])
    (same,) = compare_outputs(tmp_path / "a", tmp_path / "b")
    assert same == OutputCheck("output", True, 0.0, None)
    (other,) = compare_outputs(tmp_path / "a", tmp_path / "c")
    assert other.equal is False
    assert other.difference == (
        "output: float8_e4m3fn against float8_e4m3fn is compared byte by byte, and differs"
    )
