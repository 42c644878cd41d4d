"""The commands' arguments: what is refused."""

from __future__ import annotations

import pytest
from pygls.exceptions import JsonRpcInvalidParams

from magneton.lsp.arguments import Measure, RunOptions, WhatIf, read


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("timeBudget", 0, "above 0"),
        ("timeBudget", -5, "above 0"),
        ("timeout", -1, "above 0"),
        ("threshold", 0, "between 0 and 1"),
        ("threshold", 1, "between 0 and 1"),
        ("timeThreshold", -0.1, "between 0 and 1"),
        ("smallestShare", -0.1, "between 0 and 1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(name: str, value: float, wanted: str) -> None:
    with pytest.raises(JsonRpcInvalidParams) as refused:
        read(Measure, [{"a": "a.py:build", "options": {name: value}}])
    assert refused.value.message == (
        f"the command's argument is not usable: {name} is {value:g}; give a number {wanted}"
    )


def test_numbers_in_range_are_kept() -> None:
    options = {"timeBudget": 0.5, "timeout": 2, "threshold": 0.2, "timeThreshold": 0.3}
    found = read(Measure, [{"a": "a.py:build", "options": options}])
    assert found.options == RunOptions(
        time_budget=0.5, timeout=2.0, threshold=0.2, time_threshold=0.3
    )


def test_knobs_are_a_list_of_texts() -> None:
    assert read(WhatIf, [{"a": "a.py:build", "knobs": ["n=1,2"]}]).knobs == ("n=1,2",)
    assert read(WhatIf, [{"a": "a.py:build"}]).knobs == ()
    for wrong in ("n=1,2", [1], {"n": [1, 2]}):
        with pytest.raises(JsonRpcInvalidParams, match="the command's argument is not usable"):
            read(WhatIf, [{"a": "a.py:build", "knobs": wrong}])
