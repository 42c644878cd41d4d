"""Ranks add up, and what they share is counted once."""

from __future__ import annotations

import pytest

from magneton.analysis.all_ranks import windows_together_j
from magneton_agent.schema.messages import Sample
from magneton_agent.schema.meters import Domain, DomainEnergy
from tests.analysis.steps import loaded


def read(**energies_j: float) -> Sample:
    energies = tuple(
        DomainEnergy(Domain(name, "package" if name == "package" else "board"), each)
        for name, each in energies_j.items()
    )
    return Sample(1, 0.1, 0.05, sum(energies_j.values()), energies)


def test_boards_of_their_own_add_up_and_shared_packages_count_once() -> None:
    ranks = [[read(first=40.0, package=6.0)], [read(second=20.0, package=8.0)]]
    assert windows_together_j(loaded(meter="nvml+rapl"), ranks) == [67.0]  # 40 + 20 + 7 J


def test_a_board_that_ranks_share_counts_once() -> None:
    assert windows_together_j(loaded(meter="nvml"), [[read(one=40.0)], [read(one=42.0)]]) == [41.0]


def test_windows_that_a_rank_has_missed_have_no_sum() -> None:
    missed = Sample(1, 0.1, 0.05, None)
    ranks = [[read(first=1.0), read(first=2.0)], [missed, read(second=4.0)]]
    assert windows_together_j(loaded(meter="nvml"), ranks) == [None, 6.0]


def test_the_machine_idles_once() -> None:
    ranks = [[Sample(1, 0.1, 0.08, None)], [Sample(1, 0.1, 0.04, None)]]
    # 2 CPUs * 0.74 W * 0.1 s + 2.76 W * 0.12 s
    assert windows_together_j(loaded(cpus=2), ranks) == pytest.approx([0.148 + 0.3312])


def test_an_external_meter_reads_all_of_the_machine() -> None:
    ranks = [[read(meter=9.0)], [Sample(1, 0.1, 0.04, None)]]
    assert windows_together_j(loaded(meter="csv"), ranks) == [9.0]
