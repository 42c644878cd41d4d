"""Leaving out what only moves data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.diagnosis.counted import times
from magneton.source.rewrites.movement import NEVER, rewrite
from magneton.source.rewrites.wish import Rewrite, Wish
from magneton_agent.schema.location import Position

from .wishes import place, text_of, wish

HEAD = "import torch\nx = 1\n"


def asked(main: str, **changes: object) -> Wish:
    needless = {"kind": "redundant", "wasteful_value": "once", "efficient_value": "never"}
    return wish(**needless | {"deciding": place(main)} | changes)


def also(main: str, *texts: str) -> Rewrite | None:
    """The rewrite of what is marked and what ``texts``, in the first line, move too."""
    whole = asked(main)
    assert whole.deciding is not None
    starts = [whole.deciding.module.text.index(text) for text in texts]
    more = tuple(
        replace(
            whole.deciding,
            location=replace(
                whole.deciding.location,
                start=Position(1, start),
                end=Position(1, start + len(text)),
            ),
        )
        for start, text in zip(starts, texts, strict=True)
    )
    return rewrite(replace(whole, moves=more))


@pytest.mark.parametrize(
    ("main", "after"),
    [
        ("y = «x.contiguous()» @ x  # .contiguous()\n", "y = x @ x  # .contiguous()\n"),
        ("y = «x.t().contiguous()».t()\n", "y = x.t().t()\n"),
        ("y = f(«x[0].clone()», 1)\n", "y = f(x[0], 1)\n"),
        ("y = «(x + 1).to(torch.float64)» * 2\n", "y = (x + 1) * 2\n"),
        ("y = («x.to(torch.float64)») * 2\n", "y = (x) * 2\n"),
        ("y = «x.double()»\r\n", "y = x\r\n"),
        ("y = «x.clone(memory_format=torch.contiguous_format)»\n", "y = x\n"),
        ("y = «self.table.type(torch.half)»\n", "y = self.table\n"),
        # As the interpreter marks a call over several lines.
        ("y = (x.t()\n    .«contiguous()»)\n", "y = (x.t())\n"),
    ],
)
def test_rewrite(main: str, after: str) -> None:
    assert text_of(rewrite(asked(HEAD + main))) == HEAD + after


def test_the_others_of_the_same_side_are_left_out_too() -> None:
    found = also(
        "y = «x.t().contiguous()».t().to(torch.float64).to(torch.float32)\n",
        "x.t().contiguous().t().to(torch.float64)",
        "x.t().contiguous().t().to(torch.float64).to(torch.float32)",
    )
    assert found is not None
    assert found.text == "y = x.t().t()\n"
    assert found.title == "leave out .contiguous(), .to(torch.float64), .to(torch.float32)"


def test_what_computes_beside_it_stays() -> None:
    found = also("y = «x.contiguous()» @ x.reshape(3)\n", "x.reshape(3)")
    assert text_of(found) == "y = x @ x.reshape(3)\n"


def test_what_a_call_over_several_lines_is() -> None:
    found = rewrite(asked("y = (\n    «x.t()\n    .contiguous()»\n    .t()\n)\n"))
    assert text_of(found) == "y = (\n    x.t()\n    .t()\n)\n"


@pytest.mark.parametrize(
    "main",
    [
        "y = «torch.clone(x)»\n",  # its owner is no tensor
        "y = «x.reshape(3)»\n",  # it does more than that
        "y = «x.sum()»\n",
        "y = «x @ x»\n",
        "y = «clone()»\n",
        "y = «x.to()»\n",
        "y = «x.to(*where)»\n",
        "y = «x.to(kind := float)»\n",
        "y = «x.float(1)»\n",
        "y = «x.contiguous(  # it must be\n)»\n",
        "y = («x\n# because\n.contiguous()»)\n",
    ],
)
def test_what_is_not_rewritten(main: str) -> None:
    assert rewrite(asked(HEAD + main)) is None


def test_only_needless_movement() -> None:
    main = "y = «x.contiguous()»\n"
    assert rewrite(asked(main, kind="call")) is None
    assert rewrite(asked(main, efficient_value="once")) is None  # work that is repeated
    assert rewrite(asked(main, deciding=None)) is None
    assert times(0) == NEVER
