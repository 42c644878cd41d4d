"""The first step: what stands for it, and whether it repeats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from magneton_agent import outputs
from magneton_agent.checking import check
from magneton_agent.reach import reachable_tensors
from magneton_agent.schema.messages import Check, Checked
from magneton_agent.step import Exhausted

from .steps import complete, complete_with

Step = Callable[[], object]


def checked(
    folder: Path, step: Step, against: Path | None = None, repeatable: bool = True
) -> Checked:
    request = Check(str(folder), None if against is None else str(against))
    return complete(check(request, lambda: reachable_tensors(step), 0, False, repeatable), step)


def test_a_step_that_repeats(tmp_path: Path) -> None:
    runs: list[int] = []

    def step() -> dict[str, torch.Tensor]:
        runs.append(1)
        return {"noise": torch.rand(3), "one": torch.ones(1)}

    found = checked(tmp_path, step)
    assert (found.kind, found.names) == ("outputs", ("output['noise']", "output['one']"))
    assert (found.parameters_written, found.against) == (0, ())
    assert [(each.equal, each.max_relative_error) for each in found.repeat] == [(True, 0.0)] * 2
    assert len(runs) == 2
    # What is kept is what the first run returned, drawn from the seed.
    torch.manual_seed(0)
    assert torch.equal(outputs.load(str(tmp_path))[0].value, torch.rand(3))


def test_what_the_first_step_imports_is_a_package_that_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    information = tmp_path / "lazy_kit-3.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: lazy-kit\nVersion: 3.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def step() -> torch.Tensor:
        monkeypatch.setitem(sys.modules, "lazy_kit", ModuleType("lazy_kit"))
        return torch.ones(1)

    assert checked(tmp_path, step).packages["lazy-kit"] == "3.1"


def test_a_step_that_draws_from_a_generator_of_its_own_does_not_repeat(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(5)
    found = checked(tmp_path, lambda: (torch.ones(1), torch.rand(3, generator=generator)))
    same, drawn = found.repeat
    assert same.equal
    assert (drawn.name, drawn.equal) == ("output[1]", False)
    assert drawn.difference is not None
    assert drawn.difference.startswith("output[1]: elements differ by up to ")


def test_a_training_step_is_judged_by_its_loss_and_not_repeated(tmp_path: Path) -> None:
    model, x, runs = nn.Linear(2, 1), torch.ones(3, 2), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step() -> torch.Tensor:
        runs.append(1)
        loss: torch.Tensor = model(x).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    found = checked(tmp_path, step)
    assert (found.kind, found.names, found.repeat) == ("outputs", ("output",), ())
    assert found.parameters_written == 2
    assert len(runs) == 1


def test_a_step_that_returns_nothing_is_judged_by_what_it_wrote(tmp_path: Path) -> None:
    weight, other = nn.Parameter(torch.ones(2)), torch.zeros(3)

    @torch.no_grad()
    def step() -> None:
        weight.add_(other.sum() + 2.0)

    found = checked(tmp_path, step)
    assert (found.kind, len(found.names)) == ("parameters", 1)
    assert found.names[0].endswith("weight")
    assert outputs.load(str(tmp_path))[0].value.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("fused", [True, False])
def test_an_optimizer_that_does_not_tell_of_its_writes(tmp_path: Path, fused: bool) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters(), fused=fused)

    def step() -> None:
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()

    found = checked(tmp_path, step)
    assert (found.kind, found.parameters_written) == ("parameters", 2)


def test_what_can_be_trained_and_is_not_a_number_was_not_written(tmp_path: Path) -> None:
    weights = torch.full((3,), torch.nan, requires_grad=True)
    found = checked(tmp_path, lambda: weights.detach().isnan().sum())
    assert (found.kind, found.parameters_written) == ("outputs", 0)


def test_parameters_without_data(tmp_path: Path) -> None:
    # As where several models are run as one: only the shape of the module counts.
    module = nn.Linear(2, 2, device="meta")
    found = checked(tmp_path, lambda: torch.ones(module.out_features))
    assert (found.kind, found.parameters_written) == ("outputs", 0)


def test_parameters_whose_memory_was_given_back(tmp_path: Path) -> None:
    # As sharded training does between the uses of a parameter.
    module = nn.Linear(2, 2)
    module.weight.untyped_storage().resize_(0)
    found = checked(tmp_path, lambda: torch.ones(module.out_features))
    assert (found.kind, found.parameters_written) == ("outputs", 0)


def test_a_step_that_leaves_nothing_behind(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    checked(a, lambda: torch.ones(1))
    found = checked(b, lambda: None, against=a)
    assert (found.kind, found.names, found.parameters_written) == ("none", (), 0)
    assert (found.repeat, found.against) == ((), ())


def test_the_other_side(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    checked(a, lambda: [torch.ones(2), torch.ones(3)])
    found = checked(b, lambda: [torch.ones(2), torch.full((3,), 2.0)], against=a)
    assert [(each.name, each.equal) for each in found.against] == [
        ("output[0]", True),
        ("output[1]", False),
    ]
    assert found.against[1].difference == "output[1]: elements differ by up to 0.5 of their size"


def test_a_scripts_step_is_run_once(tmp_path: Path) -> None:
    def calls() -> Iterator[Step]:
        yield lambda: torch.ones(1)

    request = check(Check(str(tmp_path), None), dict, 0, False, repeatable=False)
    assert complete_with(request, calls()).repeat == ()


def test_a_script_that_never_comes_to_its_step(tmp_path: Path) -> None:
    request = check(Check(str(tmp_path), None), dict, 0, False, repeatable=False)
    with pytest.raises(Exhausted):
        complete_with(request, [])


def test_tensors_made_in_inference_mode(tmp_path: Path) -> None:
    with torch.inference_mode():
        x = torch.ones(2)
    found = checked(tmp_path, lambda: x * 2)
    assert (found.kind, found.parameters_written) == ("outputs", 0)
    assert found.repeat[0].equal
