"""What runs below one place, or on top of everything, is one finding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from magneton.analysis.diagnosis import calls
from magneton_agent.schema.location import Frame
from tests.analysis.diagnosis.findings import FORWARD, facts, followed
from tests.engine.pairs import Pair, X, because, both, saved, told

HERE = Path(__file__)


# Below the place where both sides part.


def slowly(x: Tensor) -> Tensor:
    y = 1 / (1 + torch.exp(-x))
    return torch.sqrt(y * y)


def quickly(x: Tensor) -> Tensor:
    return torch.abs(torch.sigmoid(x))


def called(pair: Pair, function: str, path: str = str(HERE)) -> Frame:
    """The first place of that function that side a's step runs through; the tests' runner has
    frames of its own."""
    return next(
        each
        for each in pair.recordings[0].frames
        if each.path == path and each.function.endswith(function)
    )


def test_what_runs_below_the_place_where_both_part_comes_from_there() -> None:
    pair = Pair(lambda: slowly(X) + 1.0, lambda: quickly(X) + 1.0)
    first, second = both(pair)
    expression = calls.explain(facts())
    known = facts(followed=followed(name="way", function=called(pair, "<lambda>")))
    way = because("way")
    assert len(pair.one([told(second), told(first)])) == 2
    for found in (None, expression):
        (one,) = pair.one([told(second, found), told(first, way, known=known)])
        assert one.message == "`way` is 'high'"
    # Elsewhere, or with a cause of its own, it is another one.
    other = facts(followed=followed(name="way", function=FORWARD))
    assert len(pair.one([told(second), told(first, way, known=other)])) == 2
    assert len(pair.one([told(second, because()), told(first, way, known=known)])) == 2


# The same on top of everything.


def checked(x: Tensor) -> Tensor:
    torch.isnan(x).any()
    return x


def test_one_check_of_many_operators_is_one_finding() -> None:
    def checking() -> Tensor:
        y = X
        for each in (torch.exp, torch.sin):
            y = each(checked(y))
        return y

    pair = Pair(checking, lambda: torch.sin(torch.exp(X)))
    costly, other = (told(case) for case in both(pair))
    (found,) = pair.one([other, costly])
    assert (found.cause, found.count, saved([found])) == (None, 2, [16.0])
    (text,) = (each.text for each in found.evidence if each.kind == "path")
    assert text.endswith(" has the same added")
    # A known cause may be of what they are added to.
    assert len(pair.one([other, replace(costly, explanation=because("act"))])) == 2


def test_two_checks_on_two_lines_are_two() -> None:
    def checking() -> Tensor:
        y = torch.exp(checked(X))
        return torch.sin(checked(y))

    pair = Pair(checking, lambda: torch.sin(torch.exp(X)))
    assert len(pair.one([told(case) for case in both(pair)])) == 2


def test_on_two_lines_two_expressions_stay_two_findings() -> None:
    pair = Pair(lambda: slowly(X) + 1.0, lambda: quickly(X) + 1.0)
    first, second = (told(case, None, (called(pair, "<lambda>"),)) for case in both(pair))
    assert len(pair.one([first, second])) == 2


LIBRARY = """
import torch


def slowly(x):
    y = 1 / (1 + torch.exp(-x))
    return torch.sqrt(y * y)


def quickly(x):
    return torch.abs(torch.sigmoid(x))


def run(x, way):
    return way(x)
"""


def test_what_one_call_of_a_library_runs_is_one_finding_without_a_cause_too() -> None:
    names: dict[str, Any] = {}
    exec(compile(LIBRARY, "/lib/ways.py", "exec"), names)
    run = names["run"]
    pair = Pair(lambda: run(X, names["slowly"]) + 1.0, lambda: run(X, names["quickly"]) + 1.0)
    parting = called(pair, "run", "/lib/ways.py")
    costly, other = both(pair)
    (found,) = pair.one([told(case, None, (parting,)) for case in (other, costly)])
    assert (found.cause, found.count) == (None, 2)
    assert found.regions[0] == f"r{costly.judged.group.regions[0]}"
    (text,) = (each.text for each in found.evidence if each.kind == "path")
    assert text.endswith(" runs below run (line 15) too")
    # Of a pass that both run alike nothing is known.
    assert len(pair.one([told(costly), told(other)])) == 2
