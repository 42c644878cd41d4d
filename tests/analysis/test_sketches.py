from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from magneton.analysis.sketches import (
    CLOSE,
    EXACT,
    REDUCED,
    ROUNDED,
    Features,
    agree,
    bucket,
    features,
    is_distinctive,
    is_varied,
)
from magneton_agent.schema.recording import NonFinite, ValueKind

from .recordings import Numbers, gauss, sketch

ELEMENTS = 2000


def of(numbers: Numbers, kind: ValueKind = "float") -> Features:
    found = features(sketch(numbers), kind)
    assert found is not None
    return found


def test_features_are_per_element() -> None:
    # [1, -3]: mean -1, mean |x| 2, rms sqrt(5), cubes (1 - 27) / 2, fourths (1 + 81) / 2
    found = of([1.0, -3.0])
    assert found[:2] == (2, "float")
    assert found[2:9] == pytest.approx((-1.0, 2.0, 5**0.5, -13.0, 41.0, -3.0, 1.0))
    assert found.nonfinite is None


def test_order_and_rounding_do_not_matter() -> None:
    numbers = gauss(ELEMENTS, seed=1)
    rounded = [x * (1 + 3e-7 * (-1) ** i) for i, x in enumerate(numbers)]
    assert agree(of(numbers), of(sorted(rounded)), CLOSE)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
@pytest.mark.parametrize("change", ["one sign", "both signs", "away from zero"])
def test_a_tenth_of_the_rms_in_one_percent_is_seen(change: str, scale: float) -> None:
    numbers = gauss(ELEMENTS, seed=2, scale=scale)
    source = random.Random(3)
    changed = list(numbers)
    for i in source.sample(range(ELEMENTS), ELEMENTS // 100):
        sign = {
            "one sign": 1.0,
            "both signs": source.choice((-1.0, 1.0)),
            "away from zero": 1.0 if numbers[i] > 0 else -1.0,
        }[change]
        changed[i] += sign * 0.1 * scale
    assert not agree(of(numbers), of(changed), CLOSE)


def test_the_negative_is_another_value() -> None:
    numbers = gauss(ELEMENTS, seed=4)
    assert not agree(of(numbers), of([-x for x in numbers]), CLOSE)


def test_noise_in_a_mean_of_nearly_zero_is_no_difference() -> None:
    numbers = gauss(ELEMENTS, seed=5)
    centred = [x - sum(numbers) / ELEMENTS for x in numbers]
    shifted = [x + 1e-7 for x in centred]
    assert abs(of(shifted).mean) > 1000 * abs(of(centred).mean)
    assert agree(of(centred), of(shifted), CLOSE)


def test_bfloat16_needs_the_wider_tolerance() -> None:
    numbers = gauss(ELEMENTS, seed=6)
    source = random.Random(7)
    noisy = [x * (1 + 0.004 * source.uniform(-1, 1)) for x in numbers]
    assert not agree(of(numbers), of(noisy), CLOSE)
    assert agree(of(numbers), of(noisy), REDUCED)


def test_integers_are_exact() -> None:
    tokens = [float(i * 37 % 50257) for i in range(ELEMENTS)]
    assert agree(of(tokens, "int"), of(tokens[::-1], "int"), EXACT)
    assert not agree(of(tokens, "int"), of([*tokens[:-1], tokens[-1] + 1], "int"), EXACT)


def test_count_and_kind_must_be_equal() -> None:
    ones = [0.0, 1.0] * 8
    assert not agree(of(ones), of(ones, "bool"), REDUCED)
    assert not agree(of(ones), of(ones * 2), REDUCED)


def test_nothing_is_known_of_nan_and_nothing() -> None:
    assert features(sketch([math.nan, math.nan]), "float") is None
    assert features(None, "float") is None
    assert features(replace(sketch([1.0]), finite=False), "float") is None  # its sums overflowed


def test_beside_infinities_and_nan_the_others_are_compared() -> None:
    numbers = [math.inf, -math.inf, -math.inf, math.nan, *gauss(60, seed=9)]
    found, finite = of(numbers), of(numbers[4:])
    assert found[2:9] == pytest.approx(finite[2:9])
    assert (found.elements, found.nonfinite) == (64, NonFinite(1, 1, 2))
    assert not is_varied(found)
    assert agree(found, of(sorted(numbers)), CLOSE)
    assert not agree(found, of([-math.inf, *numbers[1:]]), CLOSE)  # one sign
    assert not agree(found, of([*numbers[:-1], numbers[-1] + 5.0]), CLOSE)


def test_nothing_but_infinities_is_a_constant() -> None:
    found = of([-math.inf] * 9)
    assert found[2:9] == (0.0,) * 7
    assert agree(found, of([-math.inf] * 9), CLOSE)
    assert not agree(found, of([0.0] * 9), CLOSE)


def test_constants_and_tiny_tensors_are_not_distinctive() -> None:
    assert is_distinctive(of(gauss(8, seed=8)))
    assert not is_distinctive(of([0.0] * 64))
    assert not is_distinctive(of(gauss(7, seed=8)))


def test_agreeing_features_lie_in_neighbouring_buckets() -> None:
    numbers = gauss(ELEMENTS, seed=9)
    for step in range(20):
        grown = [x * (1 + step * 2e-7) for x in numbers]
        assert agree(of(numbers), of(grown), CLOSE)
        assert abs(bucket(of(numbers), CLOSE) - bucket(of(grown), CLOSE)) <= 1
    assert bucket(of([0.0] * 9), CLOSE) == 0


def test_masks_are_not_distinctive_whatever_their_count() -> None:
    mask = [float(i % 3 == 0) for i in range(ELEMENTS)]
    assert not is_distinctive(of(mask))
    assert not is_distinctive(of(mask, "bool"))
    assert not is_distinctive(of([-7.5 * x for x in mask]))


def test_one_element_between_makes_a_mask_a_value() -> None:
    mask = [float(i % 3 == 0) for i in range(99)]
    assert is_varied(of([*mask, 0.5]))
    assert is_varied(of([*mask, -1.0]))
    assert not is_varied(of([*mask, 1.0]))


def test_two_numbers_other_than_zero_are_no_mask() -> None:
    assert is_varied(of([1.0, 2.0] * 8))
    assert not is_varied(of([2.0, 2.0] * 8))


def test_one_rounding_an_element_averages_out() -> None:
    numbers = gauss(ELEMENTS, seed=10)
    source = random.Random(11)
    stored = [x * (1 + 2**-9 * source.uniform(-1, 1)) for x in numbers]
    assert agree(of(numbers), of(stored), ROUNDED)
    assert not agree(of(numbers), of(stored), CLOSE)
    assert not agree(of(numbers), of([1.001 * x for x in numbers]), ROUNDED)
    assert agree(of(numbers), of([1.001 * x for x in numbers]), REDUCED)
