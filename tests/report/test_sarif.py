"""SARIF: the fields that scanners read, the ranges, and what does not belong in a log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from magneton.report import sarif
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import Comparison, Edit, Finding, Fix
from tests import builders


def _run(result: Comparison | Measurement) -> Any:
    log = json.loads(sarif.render(result))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    return log["runs"][0]


def _only(finding: Finding) -> Any:
    results = _run(builders.comparison(findings=(finding,)))["results"]
    assert len(results) == 1
    return results[0]


def test_the_run_says_who_made_it_and_how_columns_count() -> None:
    run = _run(builders.comparison())
    assert run["tool"]["driver"]["name"] == "Magneton"
    assert run["tool"]["driver"]["semanticVersion"] == "0.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "magneton-waste",
        "magneton-performance",
        "magneton-trade-off",
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"][0]["endTimeUtc"] == "2025-01-02T03:04:05Z"


def test_a_finding_is_a_result_on_its_deciding_range() -> None:
    result = _only(builders.finding())
    assert (result["ruleId"], result["level"]) == ("magneton-performance", "warning")
    assert result["message"]["text"].splitlines() == [
        "the activation is written out in small operators",
        "saves 400 mJ (396 to 404), modelled: 20.0 % (19.8 to 20.2) of side a's step",
        "Remedy: pass activation='fused'",
    ]
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1, "startColumn": 9, "endLine": 1, "endColumn": 25},
            }
        }
    ]
    assert result["properties"]["saving_j"]["source"] == "modelled"
    assert result["properties"]["confirmed"] is False


def test_the_way_there_and_the_other_side_are_related() -> None:
    related = _only(builders.finding())["relatedLocations"]
    places = [each["physicalLocation"]["artifactLocation"] for each in related]
    assert places == [
        {"uri": "a.py", "uriBaseId": "%SRCROOT%"},
        {"uri": "file:///opt/lib/activations.py"},
        {"uri": "b.py", "uriBaseId": "%SRCROOT%"},
    ]
    assert [each["id"] for each in related] == [1, 2, 3]
    assert related[2]["message"]["text"] == "side b does the same here"


def test_a_trade_off_is_a_note() -> None:
    result = _only(builders.finding(class_="trade-off"))
    assert (result["ruleId"], result["level"]) == ("magneton-trade-off", "note")


def test_a_path_is_written_as_a_uri() -> None:
    cause = builders.cause(location=builders.location("ünits/my file.py", 1, 0))
    artifact = _only(builders.finding(cause=cause))["locations"][0]["physicalLocation"]
    assert artifact["artifactLocation"]["uri"] == "%C3%BCnits/my%20file.py"


def test_the_fingerprint_outlives_moved_lines_and_other_figures() -> None:
    before = builders.finding()
    moved = builders.finding(
        cause=builders.cause(location=builders.location("a.py", 40, 8)),
        saving_j=builders.quantity(0.3),
    )
    other = builders.finding(cause=builders.cause(name="dropout"))
    prints = [_only(each)["partialFingerprints"]["magneton/v1"] for each in (before, moved, other)]
    assert prints[0] == prints[1] != prints[2]


def test_places_of_another_revision_are_told_in_words() -> None:
    old = replace(builders.location("a.py", 3, 4), revision="main")
    finding = builders.finding(cause=None, location=old, counterpart=None, call_path=())
    result = _only(finding)
    assert result["locations"] == []
    assert "relatedLocations" not in result
    assert result["message"]["text"].splitlines()[-1] == "At a.py@main:3:5"


def test_a_fix_is_a_replacement() -> None:
    edit = Edit(builders.location("a.py", 1, 23, end_column=23), ", activation='fused'")
    fix = Fix("Pass activation='fused'", (edit,), True, builders.quantity(0.4))
    assert _only(builders.finding(fix=fix))["fixes"] == [
        {
            "description": {"text": "Pass activation='fused'"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "a.py", "uriBaseId": "%SRCROOT%"},
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": 1,
                                "startColumn": 24,
                                "endLine": 1,
                                "endColumn": 24,
                            },
                            "insertedContent": {"text": ", activation='fused'"},
                        }
                    ],
                }
            ],
        }
    ]


def test_an_absent_saving_is_no_number() -> None:
    finding = builders.finding(saving_j=Absent("no sensor"), saving_ratio=Absent("no sensor"))
    result = _only(finding)
    assert "saving_j" not in result["properties"]
    assert "absent, because no sensor" in result["message"]["text"]


def test_a_measurement_and_an_empty_result() -> None:
    found = _run(builders.measurement(findings=(builders.repeated(),)))
    assert [each["ruleId"] for each in found["results"]] == ["magneton-performance"]
    assert _run(builders.measurement())["results"] == []


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    place = builders.location("caf\udce9\ud83d.py", 1)
    cause = builders.cause(location=place, name="\udce9")
    fix = Fix("\ud83d", (Edit(place, "\ud83d\n  x"),), True, builders.quantity(1.0))
    found = builders.finding(cause=cause, remedy="use \ud83d\x1b[2J", location=place, fix=fix)
    text = sarif.render(builders.comparison(findings=(found,)))
    assert text.encode()
    result = json.loads(text)["runs"][0]["results"][0]
    assert result["message"]["text"].endswith("Remedy: use �")
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "caf%EF%BF%BD%EF%BF%BD.py"
    replacement = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement["insertedContent"]["text"] == "?\n  x"
