"""How objects were built."""

from __future__ import annotations

import sys

import pytest
from torch import nn

from magneton_agent.construction import ConstructionLog


class Base:
    def __init__(self, size: int, kind: str = "plain") -> None:
        self.size, self.kind = size, kind


class Derived(Base):
    def __init__(self, *sizes: int, **options: object) -> None:
        super().__init__(sizes[0], kind="derived")
        self.options = options


class Closing(Base):
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.later = lambda: (self, size)  # both are cells of a closure


class Failing:
    def __init__(self) -> None:
        raise ValueError("no")


def build() -> Derived:
    return Derived(2, 3, scale=0.5)


def test_every_constructor_of_an_object_outermost_class_first() -> None:
    log = ConstructionLog()
    with log.watching():
        built = build()
    calls = log.calls(built)
    assert [call.code.co_qualname for call in calls] == ["Derived.__init__", "Base.__init__"]
    assert [call.arguments for call in calls] == [
        {"sizes": (2, 3), "options": {"scale": 0.5}},
        {"size": 2, "kind": "derived"},
    ]


def test_where_an_object_was_built() -> None:
    log = ConstructionLog()
    with log.watching():
        built = build()
    frame = log.frames(built)[0]
    assert (frame.path, frame.function) == (__file__, "build")
    assert frame.line == build.__code__.co_firstlineno + 1
    assert (frame.column, frame.end_column) == (11, 11 + len("Derived(2, 3, scale=0.5)"))
    assert log.frames(built)[1].function == "test_where_an_object_was_built"


def test_arguments_that_a_closure_keeps() -> None:
    log = ConstructionLog()
    with log.watching():
        built = Closing(4)
    assert log.calls(built)[0].arguments == {"size": 4}


def test_modules() -> None:
    log = ConstructionLog()
    with log.watching():
        built = nn.Linear(2, 3, bias=False)
    call = log.calls(built)[0]
    assert call.code.co_qualname == "Linear.__init__"
    assert call.arguments == {
        "in_features": 2,
        "out_features": 3,
        "bias": False,
        "device": None,
        "dtype": None,
    }


def test_objects_of_one_address_are_told_apart() -> None:
    log = ConstructionLog()
    with log.watching():
        for size in range(50):
            Base(size)  # were it not kept, its address would be used again
        last = Base(50)
    assert [call.arguments["size"] for call in log.calls(last)] == [50]


def test_what_was_built_before_is_not_known() -> None:
    built = build()
    log = ConstructionLog()
    with log.watching():
        pass
    assert (log.calls(built), log.frames(built)) == ([], ())


def test_the_profiler_of_the_program_is_put_back_after_an_exception() -> None:
    def profiler(*_: object) -> None: ...

    log = ConstructionLog()
    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        with pytest.raises(ValueError, match="no"), log.watching():
            Failing()
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)
