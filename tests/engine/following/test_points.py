"""Which of the places on a way is the one to change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.engine.following.hops import Hop
from magneton.engine.following.points import Point, user_end
from magneton_agent.schema.location import Frame

USER, LIBRARY = "/w/a.py", "/lib/x.py"


def point(name: str, path: str = USER, tensor: bool = False, alike: bool = False) -> Point:
    frame = Frame(path, "build", 1, 4, 0, 4, 8)
    return Point(Hop(), name, frame, "1", "1" if alike else "2", tensor, alike)


@pytest.mark.parametrize(
    ("points", "name"),
    [
        ([point("inner"), point("outer")], "outer"),
        ([point("inner"), point("library", LIBRARY)], "inner"),
        ([point("library", LIBRARY)], "library"),
        ([point("mode"), point("x", tensor=True)], "mode"),
        ([point("mode"), point("self", alike=True)], "mode"),
        ([point("x", tensor=True), point("self", alike=True)], "x"),
    ],
)
def test_the_last_that_a_developer_can_change(points: list[Point], name: str) -> None:
    found = user_end(points, lambda frame: frame.path == USER)
    assert found is not None
    assert found.name == name


def test_what_both_programs_have_decides_nothing() -> None:
    assert user_end([point("self", alike=True)], lambda frame: True) is None
    assert user_end([], lambda frame: True) is None


def test_where_the_other_side_gives_its_value_is_told_of_the_users_code_alone() -> None:
    library, user = (point("way", path).place for path in (LIBRARY, USER))
    told = replace(point("way"), there=(library, user))
    assert user_end([told], lambda frame: frame.path == USER) == replace(told, there=(user,))
