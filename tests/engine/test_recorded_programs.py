"""Real programs up to their recording: what is said of randomness, masks and compiled code."""

from __future__ import annotations

import textwrap
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from magneton.engine import assemble, randomness
from magneton.engine.prepare import Prepared, prepare
from magneton.engine.request import CompareRequest, Options, Progress, SideRequest
from magneton.engine.sides import load_sides
from magneton.source.positions import Locator
from tests.engine.command import PYTHON

pytestmark = pytest.mark.asyncio

DROPPING = """\
import torch
from torch.nn import functional as F


def build(late=False):
    layers = [torch.nn.Linear(16, 24), torch.nn.Linear(16, 32)]
    x = torch.randn(8, 16)

    def step():
        found = {}
        for layer in layers[::-1] if late else layers:
            found[layer.out_features] = F.dropout(layer(x), 0.5)
        return found[24], found[32]

    return step


def build_late():
    return build(late=True)
"""
COMPILED = """\
import torch


def build(compiled=True):
    net = torch.nn.Linear(4, 4)
    run = torch.compile(net, backend="{backend}") if compiled else net
    x = torch.randn(2, 4)

    def step():
        with torch.no_grad():
            return run(x).relu()

    return step


def build_plain():
    return build(compiled=False)
"""


def ignore(progress: Progress) -> None:
    pass


async def prepared(
    workspace: Path, source: str, a: str, b: str, record_masks: bool = False
) -> tuple[Prepared, tuple[str, ...]]:
    """Two functions of one program up to their recording, and what is said of their draws."""
    (workspace / "program.py").write_text(textwrap.dedent(source))
    sides = [SideRequest(f"program.py:{name}", PYTHON) for name in (a, b)]
    options = Options(timeout_s=120.0, record_masks=record_masks)
    request = CompareRequest(str(workspace), sides[0], sides[1], options)
    async with AsyncExitStack() as stack:
        runners = await load_sides(stack, request, {})
        found = await prepare(runners, ignore, record_masks)
    sites = [assemble.Sites(each, Locator(workspace)) for each in found.recordings]
    return found, randomness.warnings(found, sites)


async def test_equal_streams_match(tmp_path: Path) -> None:
    found, drawn = await prepared(tmp_path, DROPPING, "build", "build")
    assert found.outputs.equal is True
    assert (found.warnings, drawn) == ((), ())


async def test_of_other_streams_the_reason_is_said(tmp_path: Path) -> None:
    found, drawn = await prepared(tmp_path, DROPPING, "build", "build_late")
    assert found.outputs.equal is False
    place = "aten::bernoulli_ at program.py:12"
    assert drawn == (
        f"random numbers are drawn by side a with {place} and by side b with {place}; the two "
        "sides drew other numbers, and what is computed from them cannot match: draw in the same "
        "order, put dropout to rest (eval), or use --record-masks",
    )


async def test_draws_that_cannot_be_replayed_are_named(tmp_path: Path) -> None:
    source = """
        import torch

        x = torch.linspace(-4.0, 1.0, 40)


        def build():
            return lambda: torch.nn.functional.rrelu(x, training=True)


        def build_late():
            torch.manual_seed(7)
            return lambda: torch.nn.functional.rrelu(x, training=True) + torch.rand(40)
    """
    found, _ = await prepared(tmp_path, source, "build", "build_late", record_masks=True)
    assert found.warnings == (
        "side b computed with 0 of side a's 0 random results (--record-masks); its own it drew "
        "all the same",
        "random numbers of aten::rrelu_with_noise in side a could not be replayed: they are drawn "
        "inside of a larger operator, and what is computed from them cannot match",
        "random numbers of aten::rrelu_with_noise, aten::rand in side b could not be replayed: "
        "they are drawn inside of a larger operator or as side a has none, and what is computed "
        "from them cannot match",
    )


async def test_with_masks_other_streams_match(tmp_path: Path) -> None:
    found, drawn = await prepared(tmp_path, DROPPING, "build", "build_late", record_masks=True)
    assert found.outputs.equal is True
    assert found.outputs.max_relative_error == 0.0
    assert found.warnings == (
        "side b computed with 2 of side a's 2 random results (--record-masks); its own it drew "
        "all the same",
    )
    assert drawn == ()
    # The recordings hold the same masks, in another order.
    masks = [
        {recording.values[each.outputs[0]].sketch for each in recording.operators if each.random}
        for recording in found.recordings
    ]
    assert masks[0] == masks[1]
    assert len(masks[0]) == 2


@pytest.mark.parametrize("backend", ["eager", "inductor"])
async def test_compiled_code_is_recorded_as_the_eager_program(tmp_path: Path, backend: str) -> None:
    source = COMPILED.replace("{backend}", backend)
    found, _ = await prepared(tmp_path, source, "build", "build_plain")
    assert found.outputs.equal is True
    assert found.warnings == (
        "side a runs build.<locals>.step under torch.compile: operators are the eager program's, "
        "time and energy the compiled step's",
    )
    names = [[each.name for each in recording.operators] for recording in found.recordings]
    assert names[0] == names[1] == ["aten::t", "aten::addmm", "aten::relu"]
