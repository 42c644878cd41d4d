"""What a step is looked at computes no more than it does by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.linalg import svdvals as singular

from tests.agent.recordings import recorded

X = torch.arange(36.0).reshape(6, 6)
SYMMETRIC = X + X.T
WIDE = torch.arange(12.0).reshape(3, 4)
VECTORS = ("compute_v", "compute_uv")


def vectors(step: Callable[[], object]) -> list[str]:
    """Of every decomposition in ``step``, whether it computes vectors."""
    found = []
    for operator in recorded(step).operators:
        if operator.name in ("aten::_linalg_eigh", "aten::_linalg_svd"):
            given = [operator.arguments.get(name, "True") for name in VECTORS]
            found.append(min(given))  # False, where one says so
    return found


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (lambda: torch.linalg.eigvalsh(SYMMETRIC), ["False"]),
        (lambda: torch.linalg.eigvalsh(SYMMETRIC, UPLO="U"), ["False"]),
        (lambda: singular(WIDE), ["False"]),
        (lambda: torch.linalg.cond(SYMMETRIC), ["False"]),
        (lambda: torch.linalg.eigh(SYMMETRIC), ["True"]),
        (lambda: torch.linalg.svd(torch.linalg.svdvals(WIDE)[:, None] * WIDE), ["False", "True"]),
    ],
)
def test_vectors_are_computed_where_they_are_asked_for(
    step: Callable[[], object], expected: list[str]
) -> None:
    assert vectors(step) == expected


def test_results_stay_those_of_the_step() -> None:
    results: list[Tensor] = []
    recorded(lambda: results.append(torch.linalg.eigvalsh(SYMMETRIC)))
    recorded(lambda: results.append(torch.linalg.svd(WIDE).U))
    assert torch.equal(results[0], torch.linalg.eigvalsh(SYMMETRIC))
    assert torch.equal(results[1], torch.linalg.svd(WIDE).U)


def test_gradients_need_vectors() -> None:
    matrix = SYMMETRIC.clone().requires_grad_()

    def step() -> Tensor:
        torch.linalg.eigvalsh(matrix).sum().backward()
        assert matrix.grad is not None
        return matrix.grad

    assert vectors(step) == ["True"]
    with torch.no_grad():
        assert vectors(lambda: torch.linalg.eigvalsh(matrix)) == ["False"]


def test_a_function_of_that_name_is_none() -> None:
    class Own:
        @staticmethod
        def eigvalsh(matrix: Tensor) -> Tensor:
            vectors: Tensor = torch.linalg.eigh(matrix).eigenvectors
            return vectors

    eigvalsh = torch.linalg.eigh
    assert vectors(lambda: Own.eigvalsh(SYMMETRIC)) == ["True"]
    assert vectors(lambda: eigvalsh(SYMMETRIC)) == ["True"]
