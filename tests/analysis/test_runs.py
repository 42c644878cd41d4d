"""How often an expression ran."""

from __future__ import annotations

from typing import Any

from magneton.analysis.runs import outer_module, runs_of
from tests.analysis.steps import operator, recording

Made = tuple[str, dict[str, Any]]


def runs(*made: Made, height: int = 0) -> list[list[int]]:
    operators = recording([operator(name, **changes) for name, changes in made]).operators
    return runs_of(operators, lambda number: height)


def test_a_run_starts_with_what_the_first_one_started_with() -> None:
    loop: list[Made] = [("t", {}), ("addmm", {}), ("relu", {})]
    assert runs(*loop * 3) == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert runs(*loop, ("t", {"stack": 1})) == [[0, 1, 2, 3]]  # from another line


def test_what_only_some_runs_do() -> None:
    assert runs(("t", {}), ("exp", {}), ("t", {}), ("t", {}), ("exp", {})) == [[0, 1], [2], [3, 4]]


def test_a_loop_over_layers_runs_once_a_layer() -> None:
    layers = [("addmm", {"module": f"Net.layers.{number}.linear"}) for number in range(3)]
    assert runs(*layers, height=1) == [[0], [1], [2]]


def test_a_library_that_goes_through_the_parts_of_one_module_is_one_run() -> None:
    layers = [("addmm", {"module": f"Net.layers.{number}"}) for number in range(3)]
    assert runs(*layers, height=1) == [[0, 1, 2]]
    assert runs(*layers * 2, height=1) == [[0, 1, 2], [3, 4, 5]]


def test_backward_operators_belong_to_the_run_of_their_forward_ones() -> None:
    made: list[Made] = [("sin", {}), ("sin", {})]
    made += [("cos", {"phase": "backward", "forward": each}) for each in (1, 0)]
    assert runs(*made) == [[0, 3], [1, 2]]


def test_modules_further_up() -> None:
    inner = operator(module="Net.layers.0")
    paths = [outer_module(inner, up) for up in range(5)]
    assert paths == ["Net.layers.0", "Net.layers", "Net", "", ""]
