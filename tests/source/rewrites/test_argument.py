"""Setting or adding the argument that decides."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.argument import rewrite

from .wishes import place, text_of, wish


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Added.
        ("«f()»\n", "f(mode='fast')\n"),
        ("«f(x)»", "f(x, mode='fast')"),
        ("«f(x,)»\n", "f(x, mode='fast',)\n"),
        ("«f( x )»\n", "f( x, mode='fast' )\n"),
        ("«f(x, *rest, **more)»\n", "f(x, *rest, **more, mode='fast')\n"),
        ("y = 'é😀' + «f(x)» + f(x)  # f(x)\n", "y = 'é😀' + f(x, mode='fast') + f(x)  # f(x)\n"),
        # On a line of its own where the others are.
        ("def g():\n\treturn «f(\n\t\tx,\n\t\ty,\n\t)»\n",
         "def g():\n\treturn f(\n\t\tx,\n\t\ty,\n\t\tmode='fast',\n\t)\n"),
        ("if 1:\r\n    «f(\r\n        x\r\n    )»\r\n",
         "if 1:\r\n    f(\r\n        x,\r\n        mode='fast'\r\n    )\r\n"),
        ("«f(\n    x,  # the rows\n    # and more\n    y=2,  # twice\n    # the end\n)»\n",
         "f(\n    x,  # the rows\n    # and more\n    y=2,  # twice\n    # the end\n"
         "    mode='fast',\n)\n"),
        ("«f(x,\n  y)»\n", "f(x,\n  y,\n  mode='fast')\n"),
        ("«f(x, y\n)»\n", "f(x, y,\nmode='fast'\n)\n"),
        # Set where it is given.
        ("«f(x, mode='slow')»\n", "f(x, mode='fast')\n"),
        ("«f(x, mode = (slow), y=1)»\n", "f(x, mode = ('fast'), y=1)\n"),
        ("«f(x, 'slow', y=1)»\n", "f(x, 'fast', y=1)\n"),
        ("«f(g(mode='slow'), mode='slow')»\n", "f(g(mode='slow'), mode='fast')\n"),
        # A method at the end of a chain over several lines, as the interpreter tells its range.
        ("y = (\n    a.b(1)\n    .«c(2)»\n)\n", "y = (\n    a.b(1)\n    .c(2, mode='fast')\n)\n"),
        # The file's own quotes.
        ('«f("x")»\n', 'f("x", mode="fast")\n'),
        ('"""It\'s \'mine\'."""\n«f()»\n', '"""It\'s \'mine\'."""\nf(mode="fast")\n'),
        # What stands around is left alone.
        ("@«d(1)»\ndef f(x):  # type: (int) -> None\n    pass\n",
         "@d(1, mode='fast')\ndef f(x):  # type: (int) -> None\n    pass\n"),
        ("if (n := «f(x)»):\n    pass\n", "if (n := f(x, mode='fast')):\n    pass\n"),
        ("s = f'{«f(x)»}'\n", "s = f'{f(x, mode=\"fast\")}'\n"),
    ],
)  # fmt: skip
def test_rewrite(before: str, after: str) -> None:
    assert text_of(rewrite(wish(deciding=place(before)))) == after


@pytest.mark.parametrize(
    "before",
    [
        "f(«x»)\n",  # no call is there
        "«f(x).g»\n",  # nor just there
        "s = f'''{f\"{«f(x)»}\"}'''\n",  # no quote is free
        "«f(x for x in y)»\n",  # one more argument would need parentheses around it
        "«f(mode=(n := 'slow'))»\n",  # n would be gone
        "«f(mode='fast')»\n",  # nothing to change
    ],
)
def test_what_is_not_rewritten(before: str) -> None:
    assert rewrite(wish(deciding=place(before))) is None


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("True", "import torch\nf(mode=True)\n"),
        ("-1.5", "import torch\nf(mode=-1.5)\n"),
        ("None", "import torch\nf(mode=None)\n"),
        ("torch.float16", "import torch\nf(mode=torch.float16)\n"),
        ("device(type='cpu')", None),
        ("'cut off after two hundred…", None),
        ("nan", None),
    ],
)
def test_values_that_a_file_can_write(value: str, after: str | None) -> None:
    found = rewrite(wish(deciding=place("import torch\n«f()»\n"), efficient_value=value))
    assert text_of(found) == after


def test_a_dtype_as_the_file_imports_it() -> None:
    before = place("from torch import float16 as half, nn\n«f()»\n")
    found = rewrite(wish(deciding=before, efficient_value="torch.float16"))
    assert text_of(found) == "from torch import float16 as half, nn\nf(mode=half)\n"
    assert rewrite(wish(deciding=before, efficient_value="torch.float32")) is None


def test_equal_is_not_the_same() -> None:
    # True == 1, but the argument that is meant is the number.
    before = place("«f(True, 1)»\n")
    found = rewrite(wish(deciding=before, wasteful_value="1", efficient_value="2"))
    assert text_of(found) == "f(True, 2)\n"


def test_the_title_says_what_is_done() -> None:
    found = rewrite(wish(deciding=place("«f()»\n")))
    assert found is not None
    assert found.title == "pass mode='fast'"
    found = rewrite(wish(deciding=place("«f('slow')»\n")))
    assert found is not None
    assert found.title == "pass 'fast' instead of 'slow'"


def test_only_arguments_that_have_a_name() -> None:
    before = place("«f()»\n")
    assert rewrite(wish(deciding=before, name="`dim` of aten::sum")) is None
    assert rewrite(wish(deciding=before, kind="setting")) is None
    assert rewrite(wish(deciding=None)) is None


def test_a_dtype_that_an_argument_decides_on() -> None:
    values = {"wasteful_value": "torch.float64", "efficient_value": "torch.float32"}
    before = place("import torch\n«f(x)»\n")
    found = rewrite(wish(kind="dtype", name="dtype", deciding=before, **values))
    assert text_of(found) == "import torch\nf(x, dtype=torch.float32)\n"
    assert rewrite(wish(kind="dtype", name="the dtype of the inputs", deciding=before)) is None
