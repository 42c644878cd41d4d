"""Calling what the other side calls."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.expression import rewrite

from .wishes import place, text_of, wish


def rewritten(wasteful: str, efficient: str) -> str | None:
    asked = wish(kind="call", wasteful=place(wasteful), efficient=place(efficient, "b.py"))
    return text_of(rewrite(asked))


@pytest.mark.parametrize(
    ("wasteful", "efficient", "after"),
    [
        # The same names.
        ("import torch\nm = 1\ny = «torch.linalg.eigvals(m)».real  # torch.linalg.eigvals(m)\n",
         "import torch\nm = 1\ny = «torch.linalg.eigvalsh(m)»\n",
         "import torch\nm = 1\ny = torch.linalg.eigvalsh(m).real  # torch.linalg.eigvals(m)\n"),
        # Other names for the same things.
        ("import torch as t\ndef f(é, k):\n\treturn «t.slow(é, k)»",
         "import torch\ndef f(x, y):\n    return «torch.fast(x, y)»\n",
         "import torch as t\ndef f(é, k):\n\treturn t.fast(é, k)"),
        ("from torch.nn import functional as F\nx = 1\n«x * F.sigmoid(x)»\r\n",
         "import torch\nrows = 1\n«torch.nn.functional.silu(rows)»\n",
         "from torch.nn import functional as F\nx = 1\nF.silu(x)\r\n"),
        ("import torch\nx = 1\ny = «x * torch.sigmoid(x)» + 1\n",
         "from torch.nn.functional import silu\nx = 1\n«silu(x)»\n",
         "import torch\nx = 1\ny = torch.nn.functional.silu(x) + 1\n"),
        # Several lines become one.
        ("x = 1\ny = «f(x)»\ndef f(x): ...\ndef g(x): ...\n",
         "x = 1\ndef g(x): ...\ny = «g(\n    x,  # rows\n)»\n",
         "x = 1\ny = g(x)\ndef f(x): ...\ndef g(x): ...\n"),
        # What would fall apart is kept together.
        ("x = 1\ny = «x.mul(2)».sum()\n", "x = 1\ny = «x + x»\n", "x = 1\ny = (x + x).sum()\n"),
        ("x = 1\ny = «x.mul(2)»\n", "x = 1\ny = «x + x»\n", "x = 1\ny = x + x\n"),
        ("x = 1\ny = («x.mul(2)») * 3\n", "x = 1\ny = «x + x»\n", "x = 1\ny = (x + x) * 3\n"),
        # Names of its own are not looked for.
        ("x = 1\ny = «sum(x)»\n", "x = 1\ny = «max(i for i in x)»\n",
         "x = 1\ny = max(i for i in x)\n"),
        ("x = 1\ny = «sum(x)»\n", "r = 1\ny = «sorted(r, key=lambda k: k.real)»\n",
         "x = 1\ny = sorted(x, key=lambda k: k.real)\n"),
    ],
)  # fmt: skip
def test_rewrite(wasteful: str, efficient: str, after: str) -> None:
    assert rewritten(wasteful, efficient) == after


@pytest.mark.parametrize(
    ("wasteful", "efficient"),
    [
        # Nothing here stands for y, or two things could.
        ("x = 1\n«f(x)»\ndef f(x): ...\n", "x = y = 1\ndef f(x): ...\n«f(x, y)»\n"),
        ("a = b = 1\n«max(a, b)»\n", "x = 1\n«sum(x)»\n"),
        # Not imported here.
        ("x = 1\n«max(x)»\n", "import torch\nx = 1\n«torch.max(x)»\n"),
        # More than the value would be lost.
        ("x = 1\n«max((n := x))»\n", "x = 1\n«sum(x)»\n"),
        ("x = 1\n«max(\n  x  # the rows\n)»\n", "x = 1\n«sum(x)»\n"),
        # No single expression.
        ("x = 1\n«y = max(x)\nz = y»\n", "x = 1\n«sum(x)»\n"),
        ("x = 1\n«max(x)»\n", "x = 1\n«y = sum(x)»\n"),
        # The same already.
        ("x = 1\n«sum(x)»\n", "x = 1\n«sum(x)»\n"),
    ],
)
def test_what_is_not_rewritten(wasteful: str, efficient: str) -> None:
    assert rewritten(wasteful, efficient) is None


def test_only_calls_of_something_else() -> None:
    here, there = place("x = 1\n«max(x)»\n"), place("x = 1\n«sum(x)»\n", "b.py")
    assert rewrite(wish(kind="setting", wasteful=here, efficient=there)) is None
    assert rewrite(wish(kind="call", wasteful=here)) is None
    found = rewrite(wish(kind="call", wasteful=here, efficient=there))
    assert found is not None
    assert (found.title, found.module.path) == ("call sum(x)", "a.py")
