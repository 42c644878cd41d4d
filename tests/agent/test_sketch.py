"""Sketches against sums of plain Python numbers."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import pytest
import torch

from magneton_agent.schema.recording import NonFinite, Sketch
from magneton_agent.sketch import CHUNK_CPU, Sketcher, kind_of


def sketch(tensor: torch.Tensor) -> Sketch | None:
    return Sketcher().sketch(tensor)


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def assert_sums(found: Sketch | None, numbers: list[float], tolerance: float = 2e-6) -> None:
    """Every sum is that of ``numbers``, up to rounding in units of the sum of magnitudes."""
    assert found is not None
    assert (found.elements, found.finite) == (len(numbers), True)
    assert (found.low, found.high) == (min(numbers), max(numbers))
    sums = (found.total, found.square, found.cube, found.fourth)
    for power, value in enumerate(sums, start=1):
        magnitude = math.fsum(abs(x) ** power for x in numbers)
        assert abs(value - math.fsum(x**power for x in numbers)) <= tolerance * magnitude
    magnitude = math.fsum(map(abs, numbers))
    assert abs(found.absolute - magnitude) <= tolerance * magnitude


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_powers_of_small_numbers_are_exact(dtype: torch.dtype) -> None:
    # 1/2 - 3/2 + 2, 1/2 + 3/2 + 2, 1/4 + 9/4 + 4, 1/8 - 27/8 + 8, 1/16 + 81/16 + 16
    expected = Sketch(3, 1.0, 4.0, 6.5, 4.75, 21.125, -1.5, 2.0, finite=True)
    assert sketch(torch.tensor([0.5, -1.5, 2.0], dtype=dtype)) == expected


def test_integers() -> None:
    large = 2**40
    found = sketch(torch.tensor([large, -1]))
    assert found == Sketch(
        2, large - 1, large + 1, 2.0**80 + 1, 2.0**120 - 1, 2.0**160 + 1, -1.0, large, finite=True
    )
    assert sketch(torch.tensor([1, 255], dtype=torch.uint8)) == Sketch(
        2, 256.0, 256.0, 65026.0, 16581376.0, 4228250626.0, 1.0, 255.0, finite=True
    )


def test_booleans_count_as_0_and_1() -> None:
    found = sketch(torch.tensor([True, False, True]))
    assert found == Sketch(3, 2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 1.0, finite=True)


def test_complex_numbers_count_by_real_and_imaginary_part() -> None:
    numbers = torch.tensor([1 + 2j, -3j])
    # 1, 2, 0, -3: the cubes are 1 + 8 - 27
    assert sketch(numbers) == Sketch(4, 0.0, 6.0, 14.0, -18.0, 98.0, -3.0, 2.0, finite=True)
    # 1, -2, 0, 3
    conjugate = Sketch(4, 2.0, 6.0, 14.0, 20.0, 98.0, -2.0, 3.0, finite=True)
    assert numbers.conj().is_conj()
    assert sketch(numbers.conj()) == conjugate
    # The imaginary part of a conjugate is a view that is negated when read: -2, 3.
    assert numbers.conj().imag.is_neg()
    assert sketch(numbers.conj().imag) == Sketch(
        2, 1.0, 5.0, 13.0, 19.0, 97.0, -2.0, 3.0, finite=True
    )


def test_a_scalar() -> None:
    assert sketch(torch.tensor(-2.0)) == Sketch(
        1, -2.0, 2.0, 4.0, -8.0, 16.0, -2.0, -2.0, finite=True
    )


def test_more_elements_than_a_chunk() -> None:
    tensor = normal(2 * CHUNK_CPU + 17)
    assert_sums(sketch(tensor), tensor.tolist())


@pytest.mark.parametrize("elements", [CHUNK_CPU - 1, CHUNK_CPU, CHUNK_CPU + 1])
def test_the_boundary_of_a_chunk(elements: int) -> None:
    found = sketch(torch.full((elements,), 2.0))
    assert found == Sketch(
        *(elements, 2.0 * elements, 2.0 * elements, 4.0 * elements),
        *(8.0 * elements, 16.0 * elements, 2.0, 2.0),
        finite=True,
    )


LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "transposed": lambda x: x.transpose(0, 2),
    "permuted": lambda x: x.permute(1, 2, 0),
    "a copy in another order": lambda x: x.permute(2, 0, 1).contiguous(),
    "every second of twice as many": lambda x: torch.stack([x, -x], dim=-1)[..., 0],
    "flat": lambda x: x.reshape(-1),
    "every second, flat": lambda x: torch.stack([x.reshape(-1)] * 2, dim=-1).reshape(-1)[::2],
    "reversed": lambda x: x.flip(0),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_does_not_matter(layout: str) -> None:
    tensor = normal(37, 50, 41)
    assert tensor.numel() > CHUNK_CPU
    assert_sums(sketch(LAYOUTS[layout](tensor)), tensor.reshape(-1).tolist())


def test_the_order_of_channels_does_not_matter() -> None:
    tensor = normal(4, 8, 5, 5)
    found = sketch(tensor.to(memory_format=torch.channels_last))
    assert_sums(found, tensor.reshape(-1).tolist())


def test_an_expanded_tensor_counts_every_repetition() -> None:
    # 4 * (1 + 2 - 3), 4 * 6, 4 * 14, 4 * (1 + 8 - 27), 4 * 98
    found = sketch(torch.tensor([1.0, 2.0, -3.0]).expand(2, 2, 3))
    assert found == Sketch(12, 0.0, 24.0, 56.0, -72.0, 392.0, -3.0, 2.0, finite=True)


def test_an_expanded_tensor_is_not_given_memory() -> None:
    n = 1 << 50  # a petabyte as bytes
    found = sketch(torch.full((1,), 2.0).expand(n))
    assert found == Sketch(n, 2.0 * n, 2.0 * n, 4.0 * n, 8.0 * n, 16.0 * n, 2.0, 2.0, finite=True)


@pytest.mark.parametrize("elements", [4, CHUNK_CPU + 1])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_nan_and_infinity_are_counted_and_the_others_summed(
    elements: int, dtype: torch.dtype
) -> None:
    tensor = torch.zeros(elements, dtype=dtype)
    tensor[:3] = torch.tensor([1.0, math.inf, -2.0])
    tensor[-1] = math.nan
    assert sketch(tensor) == Sketch(
        *(elements, -1.0, 3.0, 5.0, -7.0, 17.0, -2.0, 1.0),
        finite=False,
        nonfinite=NonFinite(nan=1, positive_infinity=1, negative_infinity=0),
    )


@pytest.mark.parametrize("elements", [5, CHUNK_CPU + 1])
def test_nothing_but_infinities(elements: int) -> None:
    found = sketch(torch.full((elements,), -math.inf))
    zeros = (0.0,) * 7
    assert found == Sketch(elements, *zeros, finite=False, nonfinite=NonFinite(0, 0, elements))


def test_infinities_of_an_expanded_tensor_count_every_repetition() -> None:
    found = sketch(torch.tensor([1.0, -math.inf]).expand(3, 2))
    assert found == Sketch(
        *(6, 3.0, 3.0, 3.0, 3.0, 3.0, 1.0, 1.0), finite=False, nonfinite=NonFinite(0, 0, 3)
    )


@pytest.mark.parametrize("elements", [3, CHUNK_CPU + 1])
def test_sums_beyond_every_range_say_nothing(elements: int) -> None:
    found = sketch(torch.full((elements,), 1e200, dtype=torch.float64))
    assert found == Sketch(elements, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, finite=False)


@pytest.mark.parametrize("exponent", [50, -40], ids=["large", "small"])
def test_fourth_powers_beyond_float32_are_exact(exponent: int) -> None:
    x = 2.0**exponent
    found = sketch(torch.tensor([x, -x, x]))
    assert found == Sketch(3, x, 3 * x, 3 * x**2, x**3, 3 * x**4, -x, x, finite=True)


def test_what_cannot_be_read_has_no_sketch() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantised tensors are on their way out of torch
        quantised = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
        lazy = torch.nn.LazyLinear(2).weight
    sparse = torch.eye(2).to_sparse()
    for tensor in (torch.empty(0, 3), sparse, torch.empty(2, device="meta"), quantised, lazy):
        assert sketch(tensor) is None


@pytest.mark.filterwarnings("error")  # torch warns when a buffer of another size is resized
def test_one_sketcher_for_tensors_of_every_size() -> None:
    sketcher = Sketcher()
    for elements in (3, 100, 2):
        found = sketcher.sketch(torch.ones(elements))
        assert found is not None
        assert (found.total, found.fourth) == (elements, elements)


def test_small_tensors_are_sketched_as_they_were_whatever_happens_to_them_later() -> None:
    sketcher, tensor = Sketcher(), torch.ones(40, 50)
    layouts = (tensor, tensor.t(), tensor[:1], tensor[0], tensor[:, :1].expand(40, 50))
    for number in range(300):  # far more than are held at a time
        tensor.fill_(float(number))
        sketcher.sketch_later(layouts[number % 5], number)
    tensor.fill_(-1.0)
    found = sketcher.finish()
    assert [each and (each.low, each.total) for each in map(found.get, range(300))] == [
        (float(number), float(number * (50 if number % 5 in (2, 3) else 2000)))
        for number in range(300)
    ]
    assert sketcher.finish() == {}


SMALL: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "as it is": lambda x: x,
    "a parameter": torch.nn.Parameter,
    "from the second row on": lambda x: torch.cat([-x, x])[3:],
    "transposed": lambda x: x.t(),
    "every second": lambda x: torch.stack([x, -x], dim=-1)[..., 0],
    "negated when read": lambda x: torch._neg_view(-x),
    "of a class of its own": lambda x: x.as_subclass(Own),
}


class Own(torch.Tensor):
    """Holds its elements as any other."""


@pytest.mark.parametrize("layout", SMALL)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_how_a_small_tensor_lies_in_memory_does_not_matter(layout: str, dtype: torch.dtype) -> None:
    numbers = [1.0, -2.0, 3.0, 4.0, 5.0, -6.0]
    tensor = torch.tensor(numbers, dtype=dtype).reshape(3, 2)
    assert_sums(sketch(SMALL[layout](tensor)), numbers, tolerance=0.0)


def test_zeros_without_memory() -> None:
    found = sketch(torch._efficientzerotensor((3,)))
    assert found == Sketch(3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, finite=True)


def test_a_tensor_that_requires_gradients_stays_as_it_is() -> None:
    tensor = torch.ones(3, requires_grad=True)
    before = torch._C._autograd._get_sequence_nr()
    found = sketch(tensor * 1.0)
    assert found is not None
    assert found.total == 3.0
    assert torch._C._autograd._get_sequence_nr() == before + 1  # the multiplication's own


def test_kinds() -> None:
    kinds = {
        torch.float32: "float",
        torch.bfloat16: "float",
        torch.complex64: "complex",
        torch.int64: "int",
        torch.uint8: "int",
        torch.bool: "bool",
    }
    assert {dtype: kind_of(dtype) for dtype in kinds} == kinds


def test_a_tensor_whose_memory_was_given_back_has_none() -> None:
    shard = torch.ones(8)
    shard.untyped_storage().resize_(0)
    assert Sketcher().sketch(shard) is None
