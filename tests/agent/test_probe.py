"""Looking at values inside a step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from magneton_agent.construction import ConstructionLog
from magneton_agent.probe import CannotLookUp, Prober, look_up
from magneton_agent.schema.messages import Inspect, Probe, Site, SiteValues

from .steps import complete

LIMIT = 6


class Block(nn.Module):
    def __init__(self, activation: Callable[..., Any], approximate: str = "none") -> None:
        super().__init__()
        self.activation, self.approximate = activation, approximate
        self.sizes = {"hidden": [3, 5]}

    def forward(self, x: torch.Tensor, scale: float = 2.0) -> Any:
        if scale > LIMIT:
            y = self.activation(x)
            return y * scale
        scale = 0.0
        return x * scale


FORWARD = Block.forward.__code__


def site(after: int, *expressions: str) -> Site:
    """A site in ``Block.forward``, ``after`` lines below its first."""
    first = FORWARD.co_firstlineno
    return Site(__file__, "Block.forward", first, first + after, expressions)


def visited(step: Callable[[], object], *sites: Site) -> tuple[SiteValues, ...]:
    return complete(Prober(ConstructionLog()).probe(Probe(sites)), step).sites


def test_values_and_arguments_at_a_site() -> None:
    block, x = Block(torch.tanh, "tanh"), torch.ones(2)
    (found,) = visited(
        lambda: block(x, 7.0),
        site(2, "self.approximate", "self.sizes['hidden'][1]", "LIMIT", "self.activation", "x"),
    )
    assert found.reached
    assert [(each.expression, each.value) for each in found.values] == [
        ("self.approximate", "'tanh'"),
        ("self.sizes['hidden'][1]", "5"),
        ("LIMIT", "6"),
        ("self.activation", None),
        ("x", None),
    ]
    assert found.values[3].type.endswith("tanh")
    assert found.values[4].type == "torch.Tensor"
    assert [(each.name, each.value.value) for each in found.arguments] == [
        ("self", None),
        ("x", None),
        ("scale", "7.0"),
    ]


def test_arguments_are_those_of_the_call_that_reached_the_site() -> None:
    block, x = Block(torch.tanh), torch.ones(2)
    (found,) = visited(lambda: (block(x, 1.0), block(x, 8.0), block(x, 9.0)), site(3, "scale"))
    assert [each.value for each in found.values] == ["8.0"]
    assert found.arguments[2].value.value == "8.0"


def test_arguments_are_those_that_it_was_entered_with() -> None:
    block, x = Block(torch.tanh), torch.ones(2)
    (found,) = visited(lambda: block(x, 1.5), site(5, "scale"))
    assert [each.value for each in found.values] == ["0.0"]
    assert found.arguments[2].value.value == "1.5"


def test_a_site_that_is_not_reached() -> None:
    block, x = Block(torch.tanh), torch.ones(2)
    assert visited(lambda: block(x, 1.0), site(2, "scale")) == (SiteValues(False, (), ()),)
    elsewhere = Site("/none.py", "Block.forward", 1, 2, ("x",))
    assert visited(lambda: block(x), elsewhere) == (SiteValues(False, (), ()),)


def test_what_cannot_be_looked_up_is_left_out() -> None:
    block, x = Block(torch.tanh), torch.ones(2)
    (found,) = visited(lambda: block(x, 7.0), site(2, "missing", "self.activation(x)", "scale"))
    assert [each.expression for each in found.values] == ["scale"]


def test_objects_say_where_they_are_defined_and_built() -> None:
    log = ConstructionLog()
    with log.watching():
        block = Block(torch.tanh)
    described = Prober(log).describe("block", block)
    assert described.type == f"{__name__}.Block"
    assert described.defined is not None
    assert (described.defined.path, described.defined.function) == (__file__, "Block")
    assert described.defined.line <= FORWARD.co_firstlineno <= described.defined.end_line
    assert described.built[0].function == "test_objects_say_where_they_are_defined_and_built"


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ("é", "'é'"),
        (2.5, "2.5"),
        (None, "None"),
        (True, "True"),
        (torch.bfloat16, "torch.bfloat16"),
        (torch.device("cpu"), "device(type='cpu')"),
        (torch.Size([2, 3]), "torch.Size([2, 3])"),
    ],
)
def test_scalars_have_a_value(held: object, value: str) -> None:
    described = Prober(ConstructionLog()).describe("x", held)
    assert (described.value, described.token, described.built) == (value, None, ())


def test_functions_and_classes_are_named_themselves() -> None:
    prober = Prober(ConstructionLog())
    assert prober.describe("f", visited).type == f"{__name__}.visited"
    assert prober.describe("f", Block).type == f"{__name__}.Block"
    assert prober.describe("f", Block(torch.tanh).forward).type == f"{__name__}.Block.forward"


def test_inspecting_the_arguments_of_a_constructor() -> None:
    log = ConstructionLog()
    prober = Prober(log)
    with log.watching():
        block = Block(torch.tanh, "tanh")
    token = prober.describe("block", block).token
    assert token is not None

    def inspected(function: str, expression: str) -> tuple[str | None, str | None]:
        found = prober.inspect(Inspect(token, function, expression))
        return (found.value.value if found.value is not None else None, found.reason)

    assert inspected("Block.__init__", "approximate") == ("'tanh'", None)
    assert inspected("Block.__init__", "self.sizes['hidden'][0]") == ("3", None)
    assert inspected("Other.__init__", "approximate") == (
        *(None, "Other.__init__ was not seen building the object"),
    )
    assert inspected("Block.__init__", "missing") == (None, "missing: KeyError: 'missing'")


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


def test_the_tracer_of_the_program_is_put_back_after_an_exception() -> None:
    def tracer(*_: object) -> None: ...

    def step() -> None:
        raise ValueError("no")

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(ValueError, match="no"):
            visited(step, site(2, "x"))
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
