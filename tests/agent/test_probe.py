"""Visiting places of functions within a step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from magneton_agent.calls import CallLog
from magneton_agent.probe import probe
from magneton_agent.schema.messages import Probe, Site, Visit

from .steps import complete


def scaled(x: float, scale: float = 2.0) -> Any:
    if scale > 6:
        scale = scale + 1
        return x * scale
    for _ in range(2):
        x = x + scale
    return x


FIRST = scaled.__code__.co_firstlineno


def site(after: int) -> Site:
    """A site in ``scaled``, ``after`` lines below its first."""
    return Site(__file__, "scaled", FIRST, FIRST + after)


def visited(
    step: Callable[[], object], *sites: Site, log: CallLog | None = None
) -> tuple[tuple[Visit, ...], ...]:
    return complete(probe(log or CallLog(), Probe(sites)), step).sites


def lines(visit: Visit) -> list[int]:
    return [line - FIRST for line in visit.lines]


def test_names_at_a_site_and_arguments_as_they_came() -> None:
    log = CallLog()
    ((visit,),) = visited(lambda: scaled(1.0, 7.0), site(3), log=log)
    moment = log.moments[visit.moment]
    assert moment.names == {"x": 1.0, "scale": 8.0}
    assert moment.entered == {"x": 1.0, "scale": 7.0}


def test_the_lines_that_were_run_before() -> None:
    ((left,), (right,)) = visited(lambda: (scaled(1.0, 7.0), scaled(1.0)), site(3), site(6))
    assert lines(left) == [1, 2, 3]
    assert lines(right) == [1, 4, 5, 4, 5, 4, 6]


def test_every_call_that_comes_to_a_site_is_visited_once() -> None:
    log = CallLog()
    (visits,) = visited(lambda: (scaled(1.0), scaled(2.0)), site(5), log=log)
    assert [log.moments[each.moment].entered["x"] for each in visits] == [1.0, 2.0]


def test_a_site_that_is_not_reached() -> None:
    assert visited(lambda: scaled(1.0), site(2)) == ((),)
    assert visited(lambda: scaled(1.0), Site("/none.py", "scaled", 1, 2)) == ((),)


def test_who_called() -> None:
    log = CallLog()

    def outer() -> object:
        return scaled(3.0)

    ((visit,),) = visited(outer, site(1), log=log)
    caller = log.moments[visit.moment].caller
    assert caller is not None
    assert log.moments[caller].code is outer.__code__


def test_the_tracer_of_the_program_is_put_back_after_an_exception() -> None:
    def tracer(*_: object) -> None: ...

    def step() -> None:
        raise ValueError("no")

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(ValueError, match="no"):
            visited(step, site(2))
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
