"""What the patterns of a ``match`` statement look at."""

from __future__ import annotations

import ast

import pytest

from magneton.source.patterns import captured, examined


def match(cases: str, subject: str = "x") -> ast.Match:
    lines = "".join(f"    case {each}:\n        pass\n" for each in cases.split(" / "))
    statement = ast.parse(f"match {subject}:\n{lines}").body[0]
    assert isinstance(statement, ast.Match)
    return statement


@pytest.mark.parametrize(
    ("cases", "found"),
    [
        ("'a' / None / 'b'", ["x"]),
        ("{'mode': 'a', 'size': n} / {'mode': 'b'}", ["x['mode']"]),
        ("{'net': {'mode': 'a' | 'b'}}", ["x['net']['mode']"]),
        ("Plan(mode='a', size=n) / Plan()", ["x", "x.mode"]),
        ("[_, 'a', *rest, 'b']", ["x[1]"]),
        ("('a', _) as pair", ["x[0]"]),
        ("n / _", []),
    ],
)
def test_what_cases_are_told_apart_by(cases: str, found: list[str]) -> None:
    assert [ast.unparse(each) for each in examined(match(cases))] == found


def test_of_a_written_tuple_the_items_themselves() -> None:
    assert [ast.unparse(each) for each in examined(match("(1, _)", "kind, size"))] == ["kind"]


def test_what_names_stand_for() -> None:
    found = captured(match("{'mode': mode, **rest} / [first, *_] / 3 as number"))
    assert [(name, ast.unparse(each)) for name, each in found] == [
        ("mode", "x['mode']"),
        ("first", "x[0]"),
        ("number", "x"),
    ]
