"""Keeping what a step returned, and comparing it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

import magneton_agent
from magneton_agent.outputs import Leaf, compare, error_of, leaves, load, save
from magneton_agent.schema.messages import OutputCheck

DTYPES = {
    "float64": [1.5, -2.0],
    "float32": [1.5, -2.0],
    "float16": [1.5, -2.0],
    "bfloat16": [1.5, -2.0],
    "complex64": [1 + 2j, -3j],
    "int64": [2**60 + 1, -5],
    "uint8": [0, 255],
    "bool": [True, False],
}


def leaf(*numbers: complex, name: str = "output", dtype: torch.dtype | None = None) -> Leaf:
    return Leaf(name, torch.tensor(numbers, dtype=dtype))


def one(reference: Leaf, found: Leaf) -> OutputCheck:
    (check,) = compare([reference], [found])
    return check


def test_tensors_and_numbers_by_their_place() -> None:
    @dataclass
    class Answer:
        loss: torch.Tensor
        note: str

    structure = [
        torch.ones(2, requires_grad=True),
        OrderedDict(logits=(torch.zeros(1), 3), more=None),
        Answer(torch.tensor(4.0), "text"),
        Answer,
        True,
    ]
    found = list(leaves(structure))
    assert [each.name for each in found] == [
        "output[0]",
        "output[1]['logits'][0]",
        "output[1]['logits'][1]",
        "output[2].loss",
        "output[4]",
    ]
    assert [each.value.tolist() for each in found] == [[1.0, 1.0], [0.0], 3, 4.0, True]
    assert not found[0].value.requires_grad


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        (True, torch.bool),
        (2**62, torch.int64),
        (2**100, torch.float64),
        (0.1, torch.float64),
        (1e300, torch.float64),
        (0.1j, torch.complex128),
    ],
)
def test_numbers_keep_their_value(number: complex, dtype: torch.dtype) -> None:
    (found,) = leaves(number)
    assert found.value.dtype == dtype
    assert found.value.item() == number


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_was_saved_is_loaded_bit_by_bit(tmp_path: Path, dtype: str) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    tensor = torch.tensor([DTYPES[dtype]] * 3, dtype=kind)
    save(str(tmp_path), [Leaf("first", tensor.t()), Leaf("second", tensor[0, 0])])
    first, second = load(str(tmp_path))
    assert (first.name, second.name) == ("first", "second")
    assert (first.value.dtype, first.value.shape, second.value.shape) == (kind, (2, 3), ())
    assert torch.equal(first.value, tensor.t())
    assert torch.equal(second.value, tensor[0, 0])


def test_empty_sparse_and_conjugate_tensors_can_be_kept(tmp_path: Path) -> None:
    kept = [
        Leaf("empty", torch.empty(0, 3)),
        Leaf("sparse", torch.eye(2).to_sparse()),
        Leaf("conjugate", torch.tensor([1j]).conj()),
        Leaf("nothing but NaN", torch.tensor([math.nan])),
    ]
    save(str(tmp_path), kept)
    empty, sparse, conjugate, nan = (each.value for each in load(str(tmp_path)))
    assert empty.shape == (0, 3)
    assert sparse.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert conjugate.tolist() == [-1j]
    assert nan.isnan().all()
    assert all(check.equal for check in compare(load(str(tmp_path)), kept))


def test_what_was_loaded_outlives_its_files(tmp_path: Path) -> None:
    save(str(tmp_path), [leaf(1.0, 2.0)])
    (found,) = load(str(tmp_path))
    for file in tmp_path.iterdir():
        file.unlink()
    assert found.value.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.complex64])
def test_within_one_percent_is_equal(dtype: torch.dtype) -> None:
    check = one(leaf(1.0, 100.0, dtype=dtype), leaf(1.0, 100.5, dtype=dtype))
    assert (check.name, check.equal, check.difference) == ("output", True, None)
    assert check.max_relative_error == pytest.approx(0.5 / 100.5)


def rounded(error: float, worst: float, dtype: torch.dtype) -> OutputCheck:
    """1,000 ones against others, all but two of which are ``error`` off, and one ``worst``."""
    found = torch.full((1000,), 1 + error)
    found[0], found[1] = 1.0, 1 + worst
    return one(Leaf("output", torch.ones(1000, dtype=dtype)), Leaf("output", found.to(dtype)))


@pytest.mark.parametrize(
    ("dtype", "error", "worst", "equal"),
    [
        (torch.bfloat16, 2**-7, 14 * 2**-7, True),  # numbers from 1 on are 2**-7 apart
        (torch.bfloat16, 3 * 2**-7, 0.0, False),  # too far in the mean
        (torch.bfloat16, 0.0, 20 * 2**-7, False),  # too far in one element
        (torch.float16, 2 * 2**-7, 0.0, False),
    ],
)
def test_bfloat16_may_be_rounded_at_other_places(
    dtype: torch.dtype, error: float, worst: float, equal: bool
) -> None:
    assert rounded(error, worst, dtype).equal == equal


def test_one_rounded_side_is_enough() -> None:
    x = torch.ones(4)
    y = torch.full((4,), 1 + 2 * 2**-7)
    assert one(Leaf("x", x), Leaf("x", y.bfloat16())).equal
    assert one(Leaf("x", x.bfloat16()), Leaf("x", y)).equal
    assert not one(Leaf("x", x), Leaf("x", y)).equal


def test_beyond_one_percent_differs() -> None:
    check = one(leaf(0.0, 4.0), leaf(0.0, 3.0))
    text = "output: elements differ by up to 0.25 of their size"
    assert check == OutputCheck("output", False, 0.25, text)


def test_an_element_near_zero_is_judged_by_the_tensors_scale() -> None:
    # The rms is sqrt((100^2 + 0) / 2) = 70.7, so 0.1 is 0.0014 of it.
    check = one(leaf(100.0, 1e-9), leaf(100.0, 0.1))
    assert check.equal
    assert check.max_relative_error == pytest.approx(0.1 / math.sqrt(5000.0), rel=1e-6)


def test_nothing_but_zeros() -> None:
    assert one(leaf(0.0, 0.0), leaf(0.0, 0.0)) == OutputCheck("output", True, 0.0, None)
    assert not one(leaf(0.0, 0.0), leaf(0.0, 1e-6)).equal


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_or_infinity_on_one_side(bad: float) -> None:
    for pair in ((leaf(1.0, bad), leaf(1.0, 2.0)), (leaf(1.0, 2.0), leaf(1.0, bad))):
        assert one(*pair) == OutputCheck(
            "output", False, None, "output: NaN or infinity on one side only"
        )
    assert one(leaf(1.0, bad), leaf(1.0, bad)) == OutputCheck("output", True, 0.0, None)


def test_infinities_of_either_sign_differ() -> None:
    assert not one(leaf(math.inf, 1.0), leaf(-math.inf, 1.0)).equal


def test_nan_in_a_complex_tensor() -> None:
    nan = complex(math.nan, 0.0)
    assert not one(leaf(1j, nan), leaf(1j, 1j)).equal
    assert one(leaf(1j, nan), leaf(1j, nan)).equal


def test_shapes() -> None:
    check = one(Leaf("x", torch.ones(2, 3)), Leaf("x", torch.ones(3, 2)))
    assert check == OutputCheck("x", False, None, "x: shape (2, 3) against (3, 2)")


def test_types_may_differ() -> None:
    assert one(leaf(1.0, 2.0, dtype=torch.bfloat16), leaf(1.0, 2.0, dtype=torch.float64)).equal
    assert one(leaf(1, 2), leaf(1.0, 2.0)).equal
    assert not one(leaf(True, False), leaf(1, 1)).equal


def test_empty_outputs_are_equal() -> None:
    empty = Leaf("x", torch.empty(0))
    assert one(empty, empty) == OutputCheck("x", True, 0.0, None)


def test_an_output_without_a_counterpart() -> None:
    a, b = leaf(1.0, name="a"), leaf(2.0, name="b")
    expected = OutputCheck("b", False, None, "b has no counterpart: 2 outputs against 1")
    assert compare([a, b], [a])[1] == expected
    assert compare([a], [a, b])[1].difference == "b has no counterpart: 1 outputs against 2"
    assert compare([], []) == ()


def test_large_tensors_are_compared_to_the_last_element() -> None:
    a = torch.ones((1 << 22) + 1)
    b = a.clone()
    b[-1] = 2.0
    assert error_of(a, b).largest == 0.5
    assert error_of(a, a.clone()).largest == 0.0


def test_numpy_is_not_needed(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['numpy'] = None\n"
        f"sys.path.append({str(Path(magneton_agent.__file__).parents[1])!r})\n"
        "import torch\n"
        "from magneton_agent import outputs\n"
        "kept = [outputs.Leaf(str(i), torch.ones(2, 3, dtype=kind)) for i, kind in enumerate(\n"
        "    (torch.float32, torch.bfloat16, torch.complex64, torch.bool, torch.int64))]\n"
        f"outputs.save({str(tmp_path)!r}, kept)\n"
        f"print([each.equal for each in outputs.compare(outputs.load({str(tmp_path)!r}), kept)])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("[True, True, True, True, True]\n", "")
    index = json.loads((tmp_path / "outputs.json").read_text())
    assert index[1] == {"name": "1", "shape": [2, 3], "dtype": "bfloat16"}


def test_an_integer_beyond_all_types_is_left_out() -> None:
    found = list(leaves([2**63, 10**400, -(10**400), 3]))
    assert [(leaf.name, leaf.value.item()) for leaf in found] == [
        ("output[0]", 2.0**63),
        ("output[3]", 3),
    ]


def test_entries_of_a_mapping_are_compared_by_their_keys(tmp_path: Path) -> None:
    one, two = torch.ones(2), torch.zeros(3)
    save(str(tmp_path), list(leaves({"one": one, "two": two})))
    checks = compare(load(str(tmp_path)), list(leaves({"two": two, "one": one})))
    assert [(each.name, each.equal) for each in checks] == [
        ("output['one']", True),
        ("output['two']", True),
    ]
    # Of other names the position tells.
    checks = compare(load(str(tmp_path)), list(leaves((one, two))))
    assert [each.equal for each in checks] == [True, True]


def test_zeros_without_memory(tmp_path: Path) -> None:
    kept = [Leaf("a", torch._efficientzerotensor((2, 3)))]
    save(str(tmp_path), kept)
    ones, zeros = ([Leaf("a", each((2, 3)))] for each in (torch.ones, torch.zeros))
    (same,) = compare(load(str(tmp_path)), zeros)
    (other,) = compare(load(str(tmp_path)), ones)
    assert (same.equal, other.equal) == (True, False)
