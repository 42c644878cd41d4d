"""What the table of the cases says of a result, and what it ends with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from magneton_agent.schema.result import Candidate, Evidence, Finding
from tests.builders import cause, comparison, finding, location

from .__main__ import Done, status, totals
from .judge import Outcome, judge
from .run import _heard
from .timing import Diagnosed, summary
from .variants import Variant

EXPECTED: dict[str, Any] = {
    "verdict": ["performance"],
    "wasteful_side": "a",
    "cause": {"name": "order", "wasteful_value": "'slow'", "efficient_value": "'fast'"},
    "line": "order='slow'",
    "decoys": ["softmax"],
}


def variant(folder: Path, case: str = "planted-x", **expected: Any) -> Variant:
    (folder / "a.py").write_text("import torch\n\nbuild(order='slow')\n")
    (folder / "b.py").write_text("import torch\n\nbuild()\n")
    return Variant(case, "plain", folder, "a.py", "b.py", "build", EXPECTED | expected)


def because(**changes: Any) -> Finding:
    default = {
        "name": "order",
        "wasteful_value": "'slow'",
        "efficient_value": "'fast'",
        "location": location("a.py", 3, 6),
        "confirmed": True,
    }
    return finding(cause=cause(**default | changes), call_path=())


def judged(folder: Path, *findings: Finding) -> Outcome:
    return judge(variant(folder), comparison(findings=findings))


def test_the_expected_cause_is_right_confirmed_or_not(tmp_path: Path) -> None:
    for confirmed in (True, False):
        outcome = judged(tmp_path, because(confirmed=confirmed))
        assert (outcome.problems, outcome.wrong) == ((), ())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": "size"}, "wrong and confirmed: size (name 'size')"),
        (
            {"wasteful_value": "'fast'", "efficient_value": "'slow'"},
            "wrong and confirmed: order (wasteful_value \"'fast'\", efficient_value \"'slow'\")",
        ),
        ({"location": location("a.py", 1)}, "wrong and confirmed: order (not on a.py:3)"),
        ({"location": location("b.py", 3)}, "wrong and confirmed: order (not on a.py:3)"),
    ],
)
def test_another_cause_is_wrong_and_worse_where_confirmed(
    tmp_path: Path, change: dict[str, Any], text: str
) -> None:
    outcome = judged(tmp_path, because(**change))
    assert (outcome.wrong, outcome.problems[0]) == ((text,), text)
    merely = judged(tmp_path, because(**change, confirmed=False))
    assert merely.wrong == ()
    assert merely.problems != ()


def test_a_range_within_the_line_and_an_options_dashes_are_not_wrong(tmp_path: Path) -> None:
    assert judged(tmp_path, because(location=location("a.py", 3, 0))).wrong == ()
    assert judged(tmp_path, because(name="--order")).wrong == ()


def test_a_second_findings_cause_is_looked_at_too(tmp_path: Path) -> None:
    outcome = judged(tmp_path, because(), because(name="size"))
    assert outcome.wrong == ("wrong and confirmed: size (name 'size')",)


def test_a_confirmed_cause_of_equal_programs_is_wrong(tmp_path: Path) -> None:
    pair = Variant("equal-x", "plain", tmp_path, "a.py", "b.py", "build", {**EXPECTED})
    del pair.expected["cause"]
    outcome = judge(pair, comparison(findings=(because(),)))
    assert outcome.wrong == ("wrong and confirmed: order (nothing is to be found)",)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, True),
        ({"name": "--order"}, True),  # as the command line has it
        ({"name": "label"}, False),
        ({"location": None}, False),
    ],
)
def test_variable_and_line_count_whatever_else_was_found(
    tmp_path: Path, changes: dict[str, object], named: bool
) -> None:
    made = because()
    assert made.cause is not None
    first = replace(made, cause=replace(made.cause, **changes))  # type: ignore[arg-type]
    found = judge(variant(tmp_path), comparison(findings=(first, finding(cause=None))))
    assert (found.named, bool(found.problems)) == (named, True)


@pytest.mark.parametrize(("kind", "named"), [("operators", False), ("value", True)])
def test_an_operator_with_a_decoys_name_is_not_blamed(
    tmp_path: Path, kind: str, named: bool
) -> None:
    note = Evidence(kind, "side a runs aten::softmax", None)
    made = finding(cause=because().cause, call_path=(), evidence=(note,))
    assert ("names the decoy softmax" in judged(tmp_path, made).problems) == named


@pytest.mark.parametrize(
    ("because_of", "named"),
    [("with 4 instead of 1, nothing changes", False), ("it counts too: with 4 instead of 1", True)],
)
def test_a_decoy_that_was_ruled_out_is_not_blamed(
    tmp_path: Path, because_of: str, named: bool
) -> None:
    made = replace(because(), candidates=(Candidate("softmax threads", because_of),))
    assert ("names the decoy softmax" in judged(tmp_path, made).problems) == named


def done(folder: Path, case: str, took_s: float | None, *wrong: str, bad: str = "") -> Done:
    problems = (*wrong, *((bad,) if bad else ()))
    named = not wrong and not bad.startswith("marks")
    outcome = Outcome("performance", "", "", "", "", problems, wrong, named)
    return Done(variant(folder, case), outcome, 9.0, took_s)


@pytest.mark.parametrize(
    ("case", "wrong", "bad", "expected"),
    [
        ("planted-x", (), "", 0),
        ("planted-x", (), "2 findings instead of 1", 1),
        ("held-x", (), "2 findings instead of 1", 0),
        ("held-x", ("wrong and confirmed: size",), "", 1),
        ("equal-x", (), "verdict waste instead of equal", 1),
    ],
)
def test_the_status(
    tmp_path: Path, case: str, wrong: tuple[str, ...], bad: str, expected: int
) -> None:
    assert status([done(tmp_path, case, 1.0, *wrong, bad=bad)]) == expected


def test_what_stands_below_the_table(tmp_path: Path) -> None:
    runs = [
        done(tmp_path, "planted-x", 12.0),
        done(tmp_path, "held-x", 41.0, "wrong and confirmed: size"),
        done(tmp_path, "held-y", 31.0, bad="marks None"),
        done(tmp_path, "held-z", 3.0, bad="2 findings instead of 1"),
        done(tmp_path, "equal-x", None),
    ]
    assert list(totals(runs)) == [
        "planted: 1 of 1 as expected, 1 by variable and line",
        "held: 0 of 3 as expected, 1 by variable and line",
        "equal: 1 of 1 as expected",
        "diagnosis: 87 s in 4 of 5 runs, median 22 s, longest 41 s; 2 missed the aim of 30 s: "
        "held-x (41 s), held-y (31 s)",
        "wrong and confirmed: held-x",
        "3 not as expected",
    ]


def test_diagnosis_within_the_aim_and_none_at_all() -> None:
    assert summary([Diagnosed("x", 30.0)]) == (
        "diagnosis: 30 s in 1 of 1 runs, median 30 s, longest 30 s; all within the aim of 30 s"
    )
    assert summary([Diagnosed("x", None)]) == "diagnosis: none was needed"


def test_diagnosis_begins_with_its_first_line_of_progress() -> None:
    said, begun_s = _heard(["load: both\n", "match: values\n"])
    assert (said, begun_s) == ("load: both\nmatch: values\n", None)
    assert _heard(["load: both\n", "diagnose: timing it\n"])[1] is not None


def test_a_name_that_the_author_calls_as_fair_is_right(tmp_path: Path) -> None:
    found = comparison(findings=(because(name="way"),))
    assert judge(variant(tmp_path, also=["way"]), found).problems == ()
    assert judge(variant(tmp_path, also=["way"]), found).named
    assert judge(variant(tmp_path, also=["path"]), found).problems != ()


def test_a_decoy_is_a_word_that_is_said(tmp_path: Path) -> None:
    for decoy in ("name", "ord", "orders"):
        assert judge(variant(tmp_path, decoys=[decoy]), comparison(findings=(because(),))).named
        outcome = judge(variant(tmp_path, decoys=[decoy]), comparison(findings=(because(),)))
        assert outcome.problems == ()
    outcome = judge(variant(tmp_path, decoys=["order"]), comparison(findings=(because(),)))
    assert outcome.problems == ("names the decoy order",)


def test_what_both_programs_do_needlessly_is_left_out(tmp_path: Path) -> None:
    often = {"kind": "redundant", "name": "f(x)", "location": None, "confirmed": False}
    twins = [
        replace(because(**often), category="redundant", wasteful_side=side) for side in ("a", "b")
    ]
    assert judged(tmp_path, *twins, because()).problems == ()
    assert judged(tmp_path, twins[0], because()).problems == ("2 findings instead of 1",)


def test_a_cause_that_must_be_confirmed(tmp_path: Path) -> None:
    expected = {"name": "order", "confirmed": True}
    confirmed, merely = (
        judge(variant(tmp_path, cause=expected), comparison(findings=(because(confirmed=each),)))
        for each in (True, False)
    )
    assert confirmed.problems == ()
    assert merely.problems == ("cause.confirmed is False instead of True",)
