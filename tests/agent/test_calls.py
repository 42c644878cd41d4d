"""The calls that a worker remembers."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from magneton_agent.calls import CallLog, Moment, TensorFacts
from magneton_agent.stacks import resolve


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


def constructors(log: CallLog, built: object) -> list[Moment]:
    return [log.moments[number] for number in log.builders(built)]


def test_every_constructor_of_an_object_outermost_class_first() -> None:
    log = CallLog()
    with log.watching():
        built = build()
    calls = constructors(log, built)
    assert [call.code.co_qualname for call in calls] == ["Derived.__init__", "Base.__init__"]
    assert [
        {name: call.entered[name] for name in call.entered if name != "self"} for call in calls
    ] == [
        {"sizes": (2, 3), "options": {"scale": 0.5}},
        {"size": 2, "kind": "derived"},
    ]


def test_where_a_call_was_made_and_what_it_returned() -> None:
    log = CallLog()
    with log.watching():
        built = build()
    call = constructors(log, built)[0]
    assert call.caller is not None
    caller = log.moments[call.caller]
    assert (caller.code, caller.result) == (build.__code__, built)
    assert call.at is not None
    frame = resolve(caller.code, call.at)
    assert frame.line == build.__code__.co_firstlineno + 1
    assert (frame.column, frame.end_column) == (11, 11 + len("Derived(2, 3, scale=0.5)"))


def test_what_a_call_left_in_its_names() -> None:
    def doubled(x: int) -> int:
        y = x
        x = y + y
        return -x

    log = CallLog()
    with log.watching():
        doubled(4)
    call = next(each for each in log.moments if each.code is doubled.__code__)
    assert (call.entered, call.names, call.result) == ({"x": 4}, {"x": 8, "y": 4}, -8)


def test_of_tensors_only_what_they_are_is_kept() -> None:
    def use(x: torch.Tensor, weight: nn.Parameter) -> torch.Tensor:
        return x.T

    x, weight = torch.ones(2, 3, dtype=torch.float64), nn.Parameter(torch.ones(1))
    log = CallLog()
    with log.watching():
        use(x, weight)
    call = next(each for each in log.moments if each.code is use.__code__)
    assert call.entered["x"] == TensorFacts(torch.float64, torch.Size((2, 3)), (3, 1))
    assert call.entered["weight"] is weight
    assert repr(call.result) == "torch.float64 [3, 2] strides [1, 3]"


def test_arguments_that_a_closure_keeps() -> None:
    log = CallLog()
    with log.watching():
        built = Closing(4)
    assert constructors(log, built)[0].entered == {"self": built, "size": 4}


def test_modules() -> None:
    log = CallLog()
    with log.watching():
        built = nn.Linear(2, 3, bias=False)
    call = constructors(log, built)[0]
    assert call.code.co_qualname == "Linear.__init__"
    assert call.entered == {
        "self": built,
        "in_features": 2,
        "out_features": 3,
        "bias": False,
        "device": None,
        "dtype": None,
    }


def test_objects_of_one_address_are_told_apart() -> None:
    log = CallLog()
    with log.watching():
        for size in range(50):
            Base(size)  # were it not kept, its address would be used again
        last = Base(50)
    assert [call.entered["size"] for call in constructors(log, last)] == [50]


def test_a_function_that_is_called_very_often_is_forgotten_but_no_constructor() -> None:
    def often() -> None: ...

    log = CallLog()
    with log.watching():
        for size in range(600):
            often()
            Base(size)
    codes = [each.code for each in log.moments]
    assert codes.count(often.__code__) == 500
    assert codes.count(Base.__init__.__code__) == 600


def test_what_was_built_before_is_not_known() -> None:
    built = build()
    log = CallLog()
    with log.watching():
        pass
    assert log.builders(built) == ()


def test_what_a_library_does_to_be_imported_is_not_kept(tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    library.mkdir()
    text = "def made():\n    return 3\n\nVALUE = made()\n"
    (library / "imported_library.py").write_text(text)
    (tmp_path / "imported_program.py").write_text("import imported_library\n" + text)
    log = CallLog()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(library))
        patch.syspath_prepend(str(tmp_path))
        with log.watching():
            importlib.import_module("imported_program")
        del sys.modules["imported_program"], sys.modules["imported_library"]
    made = [each for each in log.moments if each.code.co_name == "made"]
    assert [Path(each.code.co_filename).name for each in made] == ["imported_program.py"]


def test_the_profiler_of_the_program_is_put_back_after_an_exception() -> None:
    def profiler(*_: object) -> None: ...

    log = CallLog()
    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        with pytest.raises(ValueError, match="no"), log.watching():
            Failing()
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)
