"""What is said of repeated work."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.facts import Followed, Passed
from magneton.analysis.diagnosis.repeated import Line, Repeated, explain, explain_decided
from tests.analysis.steps import frame

COS = Line(
    frame("table", 7), "angles.cos()", ("aten::cos",), 12, tuple(f"Net.{i}" for i in range(12))
)
ARANGE = Line(None, None, ("aten::arange",), 12, ())
FACTS = Repeated(
    line=COS,
    lines=(ARANGE, COS),
    times=12,
    sets=1,
    caller=None,
    places=(frame("table", 7),),
    starts_from=frozenset(),
)


def test_how_often_it_ran_and_how_often_is_enough() -> None:
    found = explain(FACTS)
    assert (found.category, found.kind, found.name) == ("redundant", "redundant", "angles.cos()")
    assert (found.wasteful_value, found.efficient_value) == ("12 times", "once")
    assert found.message == (
        "`angles.cos()` is computed 12 times from the same values; once is enough"
    )
    assert [(note.text, note.frame) for note in found.evidence] == [
        ("it ran 12 times: aten::arange", None),
        ("`angles.cos()` ran 12 times in Net.0 to Net.11 (12 modules): aten::cos", COS.frame),
    ]


def test_several_sets_of_values() -> None:
    found = explain(replace(FACTS, line=replace(COS, modules=("Net.0", "Net.1")), times=4, sets=2))
    assert (found.wasteful_value, found.efficient_value) == ("4 times", "twice")
    assert found.message == (
        "`angles.cos()` is computed 4 times from 2 sets of values; once for each is enough"
    )


def test_what_a_library_does_is_said_to_lie_within_the_users_call() -> None:
    found = explain(replace(FACTS, caller="model(x)"))
    assert found.message.startswith("within `model(x)`, `angles.cos()` is computed 12 times")


def test_an_expression_without_source_is_named_by_its_operators() -> None:
    assert explain(replace(FACTS, line=ARANGE)).name == "aten::arange"


def test_where_to_move_it() -> None:
    advice = "compute it once, before the loop, and pass it on as an argument"
    assert explain(FACTS).remedy == (
        "it depends on no tensor: compute it once, before the loop or in the constructor, and "
        "pass it on as an argument"
    )
    parameters = replace(FACTS, starts_from=frozenset({"parameter"}))
    assert explain(parameters).remedy == (
        "it depends on parameters and buffers alone: compute it once a step, before the loop, "
        "and pass it on as an argument"
    )
    assert explain(replace(FACTS, starts_from=frozenset({"parameter", "input"}))).remedy == advice
    assert explain(replace(FACTS, starts_from=frozenset({"operator"}))).remedy == advice
    twice = replace(FACTS, places=(frame("f", 3), frame("f", 9)))
    assert explain(twice).remedy == "keep the result of line 3 and use it again"
    assert explain(replace(twice, lines=(COS,))).evidence[0].text == (
        "`angles.cos()` ran 12 times on line 7 in Net.0 to Net.11 (12 modules): aten::cos"
    )


def test_what_decides_that_one_side_repeats_it() -> None:
    place = frame("build", 3)
    why = Followed(
        function=frame("table", 7),
        kind="argument",
        name="keep",
        wasteful_value="False",
        efficient_value="True",
        place=place,
        given=False,
        owner="Net",
        way=(Passed("keep", "False", "True", place),),
    )
    found = explain_decided(FACTS, why, "b")
    assert (found.category, found.kind, found.name) == ("redundant", "argument", "keep")
    assert (found.wasteful_value, found.efficient_value, found.frame) == ("False", "True", place)
    assert found.message == (
        "`angles.cos()` is computed 12 times from the same values; once is enough: `keep`, left at "
        "its default, is False; with True it is computed less often"
    )
    assert found.remedy == "pass keep=True to Net"
    assert [note.text for note in found.evidence][2:] == [
        "both sides run table and go on differently from there",
        "`keep` is False on side b, True on side a",
    ]
