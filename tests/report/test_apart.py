"""Named parts and ranks in the reports."""

from __future__ import annotations

from pathlib import Path

from magneton.report import html, text
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import Comparison, PhaseRow, RankRow, RankSide, Sides
from tests.builders import comparison, measurement, quantity, side

BUSY = RankSide(quantity(2.0), quantity(0.5), quantity(0.001), quantity(0.002), quantity(0.1))
WAITS = RankSide(quantity(1.0), quantity(0.5), quantity(0.19), quantity(0.42), quantity(0.05))
UNKNOWN = RankSide(quantity(1.0), quantity(0.5), Absent("why"), Absent("why"))
PHASES = (
    PhaseRow("prefill", quantity(0.6), quantity(0.02), 120),
    PhaseRow("decode", quantity(1.2), quantity(0.06), 9500),
)


def lines(result: Comparison | Measurement) -> list[str]:
    return [" ".join(line.split()) for line in text.render(result, Path()).split("\n")]


def test_ranks_are_rows_and_who_waits_is_said() -> None:
    rows = (RankRow(0, BUSY, UNKNOWN), RankRow(1, WAITS, BUSY))
    sides = Sides(side(ranks_energy_j=quantity(3.0)), side())
    found = lines(comparison(ranks=rows, sides=sides))
    start = found.index(
        "rank side energy of a step time of a step waiting energy of waiting residual"
    )
    assert found[start + 1 : start + 6] == [
        "0 a 2.00 J 500 ms 1.00 ms 2.00 mJ 100 mJ",
        "0 b 1.00 J 500 ms absent absent absent",
        "1 a 1.00 J 500 ms 190 ms 420 mJ 50.0 mJ",
        "1 b 2.00 J 500 ms 1.00 ms 2.00 mJ 100 mJ",
        "all a 3.00 J",
    ]
    assert "side a: rank 1 waits 38 % of its step for other ranks: 420 mJ" in found
    assert not [line for line in found if line.startswith("side a: rank 0 waits")]


def test_a_rank_whose_energy_is_from_elsewhere_than_its_steps_says_so() -> None:
    measured = side(energy_j=quantity(3.0, source="measured"))
    found = lines(measurement(side=measured, ranks=(RankRow(0, BUSY), RankRow(1, WAITS))))
    start = found.index("rank energy of a step time of a step waiting energy of waiting residual")
    assert found[start + 1 : start + 3] == [
        "0 2.00 J (modelled) 500 ms 1.00 ms 2.00 mJ 100 mJ",
        "1 1.00 J (modelled) 500 ms 190 ms 420 mJ 50.0 mJ",
    ]


def test_named_parts_are_rows() -> None:
    found = lines(measurement(side=side(phases=PHASES)))
    start = found.index("phase energy time operators")
    assert found[start + 1 : start + 3] == [
        "prefill 600 mJ (594 to 606) 20.0 ms 120",
        "decode 1.20 J (1.19 to 1.21) 60.0 ms 9500",
    ]


def test_the_page_has_both() -> None:
    page = html.render(measurement(side=side(phases=PHASES), ranks=(RankRow(1, WAITS),)), Path())
    assert "<h2>Named phases</h2>" in page
    assert "<td>decode</td>" in page
    assert "<h2>Ranks</h2>" in page
    assert "<p>rank 1 waits 38 % of its step for other ranks: 420 mJ</p>" in page
    assert "side" not in page.partition("<body")[2].partition("<h2>Conditions")[0]


def test_results_without_them_do_not_mention_them() -> None:
    found = "\n".join(lines(comparison()))
    assert "rank" not in found
    assert "phase" not in found
