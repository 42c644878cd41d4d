"""Which bytes are found in the cache."""

from __future__ import annotations

from magneton.analysis.work.amount import Traffic, Work
from magneton.analysis.work.levels import Bytes, levels


def work(reads: dict[int, int], writes: dict[int, int]) -> Work:
    return Work(
        "vector",
        "fp32",
        0.0,
        counted=True,
        reads=tuple(Traffic(*each) for each in reads.items()),
        writes=tuple(Traffic(*each) for each in writes.items()),
    )


def test_what_was_just_written_is_read_from_the_cache() -> None:
    steps = [work({0: 40}, {1: 40}), work({1: 40}, {2: 10})]
    # Memory 0 was pushed out by the end of the step before: 40 + 40 + 10 + 40 > 100.
    assert levels(steps, 100) == (Bytes(80.0, 0.0), Bytes(50.0, 0.0))
    assert levels(steps, 80) == (Bytes(40.0, 40.0), Bytes(50.0, 0.0))


def test_what_is_larger_than_the_cache_passes_through_both_ways() -> None:
    assert levels([work({0: 200}, {1: 200})], 100) == (Bytes(0.0, 400.0),)


def test_weights_that_do_not_fit_beside_each_other_come_from_memory_in_every_step() -> None:
    steps = [work({0: 60}, {}), work({1: 60}, {})]
    assert levels(steps, 100) == (Bytes(0.0, 60.0), Bytes(0.0, 60.0))
    assert levels(steps, 120) == (Bytes(60.0, 0.0), Bytes(60.0, 0.0))
