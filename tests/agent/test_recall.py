"""Questions about what was seen."""

from __future__ import annotations

import contextvars
import enum
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from magneton_agent.calls import CallLog, TensorFacts
from magneton_agent.looking_up import CannotLookUp, look_up
from magneton_agent.recall import Recaller
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Inspect, Inspected

from .steps import complete


class Plan:
    kind = "plain"

    def __init__(self, exact: bool) -> None:
        self.exact = exact

    @property
    def mode(self) -> str:
        return "slow" if self.exact else "fast"


class Mode(enum.Enum):
    SLOW = 1


def chosen(plan: Plan, scale: int = 2) -> str:
    scale = scale * 2
    return plan.mode


def run() -> str:
    plan = Plan(True)
    return chosen(plan, scale=3)


class Seen:
    """One run of ``run`` and what can be asked of it."""

    def __init__(self, program: Callable[[], object] = run) -> None:
        self.log = CallLog()
        with self.log.watching():
            program()
        self.recaller = Recaller(self.log)

    def moment(self, function: Callable[..., object]) -> int:
        codes = [each.code for each in self.log.moments]
        return codes.index(function.__code__)

    def ask(self, question: Any, subject: int = 0, name: str = "", place: Any = None) -> Inspected:
        return self.recaller.answer(Inspect(question, subject, name, place))

    def text(self, question: Any, subject: int, name: str) -> str | None:
        found = self.ask(question, subject, name).value
        return found.value if found is not None else None

    def token(self, subject: int, name: str) -> int:
        found = self.ask("value", subject, name).value
        assert found is not None
        assert found.token is not None
        return found.token


def range_of(text: str) -> tuple[int, int, int]:
    """Line, first and last column of ``text`` in this file, where it stands first."""
    source = Path(__file__).read_text("utf-8")
    line = source[: source.index(text)].count("\n") + 1
    column = source.split("\n")[line - 1].index(text)
    return line, column, column + len(text)


def place(text: str, function: str = "run", first_line: int = 1) -> Frame:
    line, column, end = range_of(text)
    return Frame(__file__, function, first_line, line, column, line, end)


def test_values_when_a_call_was_entered_and_when_it_was_left() -> None:
    seen = Seen()
    call = seen.moment(chosen)
    assert seen.text("entered", call, "scale") == "3"
    assert seen.text("value", call, "scale") == "6"
    assert seen.text("value", call, "plan.exact") == "True"
    assert seen.text("value", call, "__name__") == repr(__name__)
    assert seen.ask("value", call, "missing").value is None


def test_where_a_function_is_and_from_where_it_was_called() -> None:
    seen = Seen()
    told = seen.ask("moment", seen.moment(chosen))
    assert told.moments == (seen.moment(run),)
    assert [each.function for each in told.places] == ["chosen", "run"]
    assert told.places[0].first_line == chosen.__code__.co_firstlineno
    site = told.places[1]
    assert (site.line, site.column, site.end_column) == range_of("chosen(plan, scale=3)")


def test_what_a_call_made_and_what_that_returned() -> None:
    seen = Seen()
    told = seen.ask("called", seen.moment(run), place=place("chosen(plan, scale=3)"))
    assert told.moments == (seen.moment(chosen),)
    assert told.value is not None
    assert told.value.value == "'slow'"
    nothing = seen.ask("called", seen.moment(run), place=place("Plan(False)"))
    assert (nothing.moments, nothing.value) == ((), None)


def test_how_an_object_keeps_an_attribute() -> None:
    seen = Seen()
    token = seen.token(seen.moment(run), "plan")
    assert seen.ask("attribute", token, "exact").kept == "instance"
    kind = seen.ask("attribute", token, "kind")
    assert (kind.kept, [each.function for each in kind.places]) == ("class", ["Plan"])
    assert seen.ask("attribute", token, "missing").kept is None
    getter = seen.ask("attribute", token, "mode")
    assert (getter.kept, getter.places[0].function) == ("getter", "Plan.mode")
    assert seen.text("value", getter.moments[0], "self.exact") == "True"


def test_parameters_of_modules_are_their_own() -> None:
    layer = torch.nn.Linear(2, 2)

    def use() -> object:
        held = layer
        return held.weight

    seen = Seen(use)
    token = seen.token(seen.moment(use), "held")
    assert seen.ask("attribute", token, "weight").kept == "instance"


def test_who_built_an_object() -> None:
    seen = Seen()
    found = seen.ask("value", seen.moment(run), "plan").value
    assert found is not None
    assert found.builders == (seen.moment(Plan.__init__),)
    assert found.defined is not None
    assert (found.defined.path, found.defined.function) == (__file__, "Plan")


def test_the_classes_of_an_object() -> None:
    class Derived(Plan): ...

    def make() -> Plan:
        made = Derived(False)
        assert made
        return made

    seen = Seen(make)
    told = seen.ask("classes", seen.token(seen.moment(make), "made"))
    assert [each.function.rpartition(".")[2] for each in told.places] == ["Derived", "Plan"]


def test_the_call_that_defined_a_function() -> None:
    def maker(scale: int) -> Callable[[], int]:
        return lambda: scale

    def use() -> object:
        return [maker(2)(), maker(3)()]

    seen = Seen(use)
    calls = [i for i, each in enumerate(seen.log.moments) if each.code.co_name == "<lambda>"]
    makers = [i for i, each in enumerate(seen.log.moments) if each.code is maker.__code__]
    told = [seen.ask("enclosing", each, "scale").moments for each in calls]
    assert told == [(makers[0],), (makers[1],)]


def test_a_comprehension_is_defined_where_it_is_called() -> None:
    def use() -> object:
        factor = 3
        return [factor * each for each in range(2)]

    seen = Seen(use)
    (inner,) = [i for i, each in enumerate(seen.log.moments) if each.code.co_name == "<listcomp>"]
    assert seen.ask("enclosing", inner, "factor").moments == (seen.moment(use),)


def test_the_names_of_a_module() -> None:
    seen = Seen()
    (moment,) = seen.ask("module", place=Frame(__file__, "<module>", 1, 1, 0, 1, 0)).moments
    assert seen.text("value", moment, "Plan.kind") == "'plain'"
    (other,) = seen.ask("module", seen.moment(run), ".steps").moments
    found = seen.ask("value", other, "complete").value
    assert found is not None
    assert found.type == f"{complete.__module__}.complete"
    assert seen.ask("module", seen.moment(run), "nothing.of.that.name").moments == ()


def test_the_calls_of_a_function() -> None:
    seen = Seen()
    first = chosen.__code__.co_firstlineno
    told = seen.ask("running", place=place("scale = scale * 2", "chosen", first))
    assert told.moments == (seen.moment(chosen),)


def test_texts_and_paths_at_hand(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("")

    def read(name: str, folder: Path) -> None:
        with (folder / name).open() as file:
            assert file

    seen = Seen(lambda: read("x.json", tmp_path))
    told = seen.text("texts", seen.moment(read), "")
    assert told == repr(("x.json", str(tmp_path), "x.json", str(tmp_path), f"{tmp_path}/x.json"))


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ("é", "'é'"),
        (2.5, "2.5"),
        (None, "None"),
        (True, "True"),
        (torch.bfloat16, "torch.bfloat16"),
        (torch.device("cpu"), "device(type='cpu')"),
        (torch.Size([2, 3]), "(2, 3)"),
        (TensorFacts(torch.int8, torch.Size((2,)), (1,)), "torch.int8 [2] strides [1]"),
    ],
)
def test_scalars_have_a_value(held: object, value: str) -> None:
    described = Recaller(CallLog()).describe(held)
    assert (described.value, described.token, described.builders) == (value, None, ())


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ((1, "a"), "(1, 'a')"),
        ([2.0], "[2.0]"),
        (slice(-1, None), "slice(-1, None, None)"),
        (Mode.SLOW, "<Mode.SLOW: 1>"),
        ([Mode, Mode], "2 items"),
        ({}, None),
    ],
)
def test_flat_containers_have_a_value_too(held: object, value: str | None) -> None:
    assert Recaller(CallLog()).describe(held).value == value


def test_functions_and_classes_are_named_themselves() -> None:
    recaller = Recaller(CallLog())
    assert recaller.describe(run).type == f"{__name__}.run"
    assert recaller.describe(Plan).type == f"{__name__}.Plan"
    assert recaller.describe(functools.partial(run)).type == "functools.partial"
    assert recaller.describe(str.join).type == "builtins.str.join"
    assert recaller.describe("".join).type == "builtins.str.join"
    assert recaller.describe(torch.Tensor.relu).type == "torch._C.TensorBase.relu"


class Minefield:
    """Whoever calls it, or computes with it, is told off."""

    here = 5

    def __call__(self) -> None:
        raise AssertionError("called")

    def __add__(self, other: object) -> None:
        raise AssertionError("computed")

    @property
    def bad(self) -> None:
        raise OSError("no such device")


@pytest.mark.parametrize(
    "expression",
    [
        "mine()",
        "mine + 1",
        "mine.here if mine else 0",
        "[mine for _ in mine]",
        "table[mine]",
        "table[mine()]",
        "(mine := 3)",
        "lambda: mine",
        "mine = 3",
        "missing",
        "mine.missing",
        "table['missing']",
        "mine.bad",
        "",
        "\0",
    ],
)
def test_looking_up_never_calls_nor_computes(expression: str) -> None:
    with pytest.raises(CannotLookUp):
        look_up(expression, {"mine": Minefield(), "table": {}})


def test_looking_up() -> None:
    names = {"mine": Minefield(), "table": {"a": [7]}}
    assert look_up("mine.here", names) == 5
    assert look_up("table['a'][0]", names) == 7


def test_functions_that_look_up() -> None:
    variable = contextvars.ContextVar("variable", default=4)
    names = {
        "variable": variable,
        "table": {"a": 7},
        "os": os,
        "getattr": getattr,
        "mine": Minefield(),
    }
    assert look_up("variable.get()", names) == 4
    assert look_up("table.get('b', 8)", names) == 8
    assert look_up("getattr(mine, 'here')", names) == 5
    assert look_up("os.environ.get('NO_SUCH_VARIABLE', 'x')", names) == "x"


class Flags:
    def __getattr__(self, name: str) -> str:
        text = name.upper()
        setattr(self, name, text)
        return text


def test_what_a_class_looks_up_itself_is_told_though_it_was_kept() -> None:
    flags, seen = Flags(), Seen()
    assert flags.checks == "CHECKS"
    token = seen.recaller.describe(flags).token
    assert token is not None
    told = seen.recaller.answer(Inspect("attribute", token, "checks"))
    assert told.kept == "instance"
    called = seen.log.moments[told.moments[0]]
    assert (called.code, called.entered["name"]) == (Flags.__getattr__.__code__, "checks")
    missing = seen.recaller.answer(Inspect("attribute", token, "others"))
    assert (missing.kept, seen.log.moments[missing.moments[0]].entered["self"]) == ("getter", flags)
    assert "others" not in vars(flags)  # nothing was called


def test_a_members_value_is_told_by_its_name() -> None:
    seen = Seen()
    token = seen.recaller.describe(Mode.SLOW).token
    assert token is not None
    told = seen.recaller.answer(Inspect("attribute", token, "value"))
    assert told.kept == "member"
    assert told.value is not None
    assert told.value.value == "'SLOW'"


def test_texts_are_split_and_nothing_else_is_called() -> None:
    names = {"text": " a,B ", "own": Plan(True)}
    assert look_up("text.strip().lower().split(',')", names) == ["a", "b"]
    with pytest.raises(CannotLookUp):
        look_up("text.join(text)", names)


def test_sets_are_told_in_one_order() -> None:
    seen = Seen()
    assert seen.recaller.describe({"b", "a"}).value == "{'a', 'b'}"
    assert seen.recaller.describe({Plan}).value == "1 items"
