"""Packages that the sides have in other versions, on the way to an operator."""

from __future__ import annotations

import pytest

from magneton.analysis.versions import innermost_differing
from magneton_agent.schema.location import Frame
from magneton_agent.schema.versions import differing_versions

OLD, NEW = {"outer": "1.0", "In-Ner": "1.0", "same": "3"}, {"outer": "2.0", "In-Ner": "1.1"}


def path(folder: str, *files: str) -> list[Frame]:
    return [Frame(f"{folder}/{file}", "call", 1, 1, 0, 1, 9) for file in files]


def test_what_only_one_side_has_does_not_differ() -> None:
    other = {"outer": "2.0", "in_ner": "1.1", "same": "3", "other": "2"}
    assert differing_versions({**OLD, "own": "1"}, other) == {
        "outer": ("1.0", "2.0"),
        "In-Ner": ("1.0", "1.1"),
    }


@pytest.mark.parametrize("folder", ["/env/lib/python3.11/site-packages", "/target"])
def test_the_innermost_package_of_both_calls(folder: str) -> None:
    own = path(folder, "outer/model.py", "in_ner/layers/act.py", "same/__init__.py")
    other = path("/elsewhere/dist-packages", "outer/model.py", "in_ner.py")
    assert innermost_differing(own, other, OLD, NEW) == ("In-Ner", "1.0", "1.1")
    assert innermost_differing(own, other[:1], OLD, NEW) == ("outer", "1.0", "2.0")
    assert innermost_differing(own[2:], other, OLD, NEW) is None


def test_a_folder_above_the_environment_is_no_package() -> None:
    own = path("/home/outer/env/site-packages", "same/x.py")
    assert innermost_differing(own, own, OLD, NEW) is None


def test_equal_versions_explain_nothing() -> None:
    own = path("/env/site-packages", "outer/x.py")
    assert innermost_differing(own, own, OLD, OLD) is None
