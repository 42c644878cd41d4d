from __future__ import annotations

import numpy as np
import pytest
import torch
from benchmarks.matching.baseline import answered, invariants, spectra
from benchmarks.matching.pairs.perceptron import in_place
from benchmarks.matching.truth import known


def test_invariants_are_those_of_every_unfolding() -> None:
    matrix = torch.tensor([[3.0, 0.0], [0.0, 4.0]])
    assert [each.tolist() for each in spectra(matrix)] == [[4.0, 3.0], [4.0, 3.0]]
    cube = torch.arange(24.0).reshape(2, 3, 4)
    assert [len(each) for each in spectra(cube)] == [2, 3, 4]
    turned = spectra(cube.permute(2, 0, 1))
    assert np.allclose(turned[0], spectra(cube)[2])
    assert spectra(torch.tensor([3.0, -4.0]))[0].tolist() == [5.0]


@pytest.mark.parametrize("sorted_out", [False, True])
def test_a_chain_of_dominators_is_cut_at_every_block(sorted_out: bool) -> None:
    programs = in_place()
    a, b = (known(program) for program in programs)
    of_a, of_b = (invariants(program) for program in programs)
    _, answer = answered(a, b, of_a, of_b, sorted_out=sorted_out)
    sizes = sorted((len(region.a), len(region.b)) for region in answer.regions)
    # The first layer and the head; four blocks, each from its norm to its residual.
    assert sizes == [(1, 1), (1, 1), (5, 5), (5, 5), (5, 5), (5, 5)]
