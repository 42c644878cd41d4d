"""A program without and with a change, in real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.analysis.regions import Cut, RegionPair
from magneton.engine import trial as module
from magneton.engine.change import Change
from magneton.engine.request import Options, SideRequest
from magneton.engine.trial import Trial, Trials, Untried, counterparts
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Check, Checked, Record
from tests.analysis.steps import operator, recording
from tests.engine.command import PYTHON
from tests.engine.fake_runners import FakeRunner

pytestmark = [pytest.mark.quiet, pytest.mark.asyncio]

FLASH = "torch.backends.cuda.flash_sdp_enabled()"
SLOW_ATTENTION = """\
import torch
from torch.nn.functional import scaled_dot_product_attention


def build():
    torch.backends.cuda.enable_flash_sdp(False)
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 1, 2, 768, 32).unbind()
    w = torch.randn(32, 32) / 6
    return lambda: scaled_dot_product_attention(q @ w, k, v)
"""
ROUNDS = """\
import os
import torch


def build():
    rounds = int(os.environ.get("ROUNDS", "1"))
    x = torch.ones(4)

    def step():
        y = x
        for _ in range(rounds):
            y = y + x
        return y

    return step
"""
TRAINING = """\
import torch


def build():
    model = torch.nn.Linear(64, 64)
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    x = torch.randn(8, 64)

    def step():
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()

    return step
"""
CHECKED = Checked("outputs", ("output",), 0, (), (), step_s=0.01)
RECORDING = recording([operator("mul")])
BUDGET = Options(device="cpu", time_budget_s=0.3)


def trials(folder: Path, source: str, options: Options = BUDGET, name: str = "build") -> Trials:
    (folder / "program.py").write_text(source)
    target = f"program.py:{name}" if name else "program.py"
    return Trials("a", SideRequest(target, PYTHON), str(folder), options)


async def test_other_operators_are_found_again_and_cost_less(tmp_path: Path) -> None:
    async with trials(tmp_path, SLOW_ATTENTION) as tried:
        trial = await tried.try_change(Change({FLASH: "True"}))
    assert isinstance(trial, Trial)
    before, after = trial.recordings
    assert [before.settings[FLASH], after.settings[FLASH]] == ["False", "True"]
    softmax = next(each.id for each in before.operators if each.name == "aten::_safe_softmax")
    part = trial.part([softmax])
    assert part is not None
    names = [after.operators[i].name for i in part.after]
    assert "aten::_scaled_dot_product_flash_attention_for_cpu" in names
    assert "aten::bmm" in [before.operators[i].name for i in part.before]
    assert trial.outputs.equal is True
    assert part.judged.energy_ratio.low > 1.2  # as measured: above 2
    assert (part.judged.wasteful, part.judged.group.a) == ("a", part.before)


async def test_every_change_meets_the_program_as_it_was_at_first(tmp_path: Path) -> None:
    async with trials(tmp_path, TRAINING) as tried:
        # The process without a change has gone on from its first step by the second trial.
        for precision in ("'high'", "'highest'"):
            change = Change({"torch.get_float32_matmul_precision()": precision})
            trial = await tried.try_change(change)
            assert isinstance(trial, Trial)
            assert (trial.outputs.compared, trial.outputs.equal) == ("parameters", True)
            assert trial.cut is None
            part = trial.part([3])
            assert part is not None
            assert part.after == (3,)


async def test_the_environment_or_the_source_is_another_one(tmp_path: Path) -> None:
    source = {str(tmp_path / "program.py"): ROUNDS.replace('"1"', '"3"')}
    async with trials(tmp_path, ROUNDS) as tried:
        for change, rounds in (
            (Change({"os.environ['ROUNDS']": "'2'"}), 2),
            (Change(sources=source), 3),
        ):
            trial = await tried.try_change(change)
            assert isinstance(trial, Trial)
            assert trial.outputs.equal is False
            assert [len(each.operators) for each in trial.recordings] == [1, rounds]
    assert (tmp_path / "program.py").read_text() == ROUNDS


async def test_a_change_that_breaks_the_program(tmp_path: Path) -> None:
    async with trials(tmp_path, ROUNDS) as tried:
        found = await tried.try_change(Change({"os.environ['ROUNDS']": "'many'"}))
    assert isinstance(found, Untried)
    assert found.reason.startswith("side a: loading build raised ValueError: invalid literal")


async def test_a_program_that_fails_as_it_is_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[FakeRunner] = []

    class Failing(FakeRunner):
        async def __aenter__(self) -> Failing:
            running.append(self)
            return self

        async def __aexit__(self, *_: object) -> None:
            running.remove(self)

    def fail(request: Check) -> Checked:
        raise MagnetonError("it has no memory left", "", "")

    monkeypatch.setattr(module, "Runner", lambda *_, **__: Failing({Check: fail}))
    async with trials(tmp_path, ROUNDS) as tried:
        assert await tried.try_change(Change()) == Untried("it has no memory left")
        assert running == []


async def test_afresh_both_processes_are_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    running: list[str] = []

    class Counted(FakeRunner):
        def __init__(self, change: Change) -> None:
            self.what = "changed" if change.settings else "unchanged"
            super().__init__({Check: self.check, Record: lambda request: RECORDING})

        def check(self, request: Check) -> Checked:
            if self.what == "changed":
                raise MagnetonError("it has no memory left", "", "")
            return CHECKED

        async def __aenter__(self) -> Counted:
            started.append(self.what)
            running.append(self.what)
            return self

        async def __aexit__(self, *_: object) -> None:
            running.remove(self.what)

    monkeypatch.setattr(module, "Runner", lambda *_, change, **__: Counted(change))
    async with trials(tmp_path, ROUNDS) as tried:
        for afresh in (False, False, True):
            outcome = await tried.try_change(Change({FLASH: "True"}), afresh=afresh)
            assert outcome == Untried("it has no memory left")
            assert running == ["unchanged"]
    assert started.count("changed") == 3
    assert started.count("unchanged") == 2
    assert running == []


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("", BUDGET, "every step of it is a run of a whole script"),
        (
            "build",
            Options(device="cpu", nproc=2),
            "changes are not tried where a side runs as several ranks",
        ),
    ],
)
async def test_why_there_is_no_trial(
    tmp_path: Path, name: str, options: Options, reason: str
) -> None:
    async with trials(tmp_path, TRAINING, options, name) as tried:
        assert await tried.try_change(Change()) == Untried(reason)


async def test_operators_lead_to_the_regions_that_hold_them() -> None:
    found = Cut(
        (
            RegionPair((0, 1), (0,), "forward", (), ()),
            RegionPair((2,), (1, 2), "forward", (), ()),
            RegionPair((4,), (3,), "forward", (), ()),
        ),
        unmatched_a=(3,),
        unmatched_b=(),
    )
    assert counterparts(found, [1, 4]) == ((0, 1, 4), (0, 3))
    assert counterparts(found, [1, 3, 4]) is None  # nobody knows what operator 3 has become
    assert counterparts(None, [2, 1]) == ((1, 2), (1, 2))
