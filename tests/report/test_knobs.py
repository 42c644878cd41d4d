"""What one program would take under other settings, for a reader."""

from __future__ import annotations

from pathlib import Path

from magneton.report import html, knobs, text
from magneton_agent.schema.result import Outputs
from tests import builders


def test_a_row_for_what_was_tried() -> None:
    assert knobs.knob_table(builders.what_if()) == [
        ["knob", "saves", "energy, modelled", "time", "outputs", "worth", "front"],
        ["as it is", "", "2.00 J (1.98 to 2.02)", "100 ms (99 to 101)", "", "", ""],
        [
            *("tf32", "25.0 % (24.8 to 25.2)", "1.50 J (1.49 to 1.51)", "50.0 ms (49.5 to 50.5)"),
            *("within 0.0003", "saving", "yes"),
        ],
        [
            *("bf16-autocast", "50.0 % (49.5 to 50.5)", "1.00 J (0.99 to 1.01)"),
            *("50.0 ms (49.5 to 50.5)", "off by 0.03", "trade-off", "yes"),
        ],
    ]


def test_outputs_that_are_the_same_to_the_bit_are_called_so() -> None:
    row = builders.knob_row(outputs=Outputs("outputs", True, 0.0))
    assert knobs.knob_table(builders.what_if(knobs=(row,)))[2][4] == "identical"


def test_what_to_write_and_what_it_costs() -> None:
    assert knobs.advice_texts(builders.what_if()) == [
        "tf32: set('tf32')",
        "bf16-autocast: set('bf16-autocast') (output: elements differ)",
    ]
    assert knobs.untried_texts(builders.what_if()) == [
        "compile was not tried: the step holds no module to compile"
    ]


def test_a_saving_that_may_have_changed_the_results_says_so() -> None:
    unknown = Outputs("none", None, None)
    row = builders.knob_row(class_="trade-off", outputs=unknown)
    assert knobs.advice_texts(builders.what_if(knobs=(row,))) == [
        "tf32: set('tf32') (its outputs were not compared)"
    ]
    row = builders.knob_row(outputs=unknown)  # of another amount of work
    assert knobs.advice_texts(builders.what_if(knobs=(row,))) == ["tf32: set('tf32')"]


def test_the_best_in_a_few_words() -> None:
    assert knobs.best_text(builders.what_if()) == "25.0 % less with tf32"
    only = builders.what_if(knobs=(builders.knob_row(class_="trade-off"),))
    assert knobs.best_text(only) == "no knob saves"


def test_both_reports_hold_the_table(tmp_path: Path) -> None:
    plain, page = (each.render(builders.what_if(), tmp_path) for each in (text, html))
    assert "tf32           25.0 % (24.8 to 25.2)  1.50 J (1.49 to 1.51)" in plain
    assert "compile was not tried: the step holds no module to compile" in plain
    assert "energy by module" in plain
    assert "<td>tf32</td><td>25.0 % (24.8 to 25.2)</td>" in page
    assert "<h2>Under other settings</h2>" in page
