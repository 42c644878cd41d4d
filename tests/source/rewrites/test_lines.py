"""One expression in the place of several lines."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.lines import rewrite

from .wishes import place, text_of, wish


def rewritten(wasteful: str, efficient: str) -> str | None:
    asked = wish(kind="call", wasteful=place(wasteful), efficient=place(efficient, "b.py"))
    return text_of(rewrite(asked))


FUSED = (
    "import torch.nn.functional as F\ndef f(q, k, v):\n"
    "    return «F.scaled_dot_product_attention(q, k, v)»\n"
)
NORM = "import torch\ndef f(x, w):\n    return «torch.rms_norm(x, w)»\n"


@pytest.mark.parametrize(
    ("wasteful", "efficient", "after"),
    [
        ("import torch\n"
         "def attend(é, k, v):\n"
         "    # as in the paper\n"
         "    scores = «é @ k.mT / 8\n"
         "    scores = scores.softmax(-1)\n"
         "    out = (scores @ v»).sum()  # 😀\n"
         "    return out\n",
         FUSED,
         "import torch\n"
         "def attend(é, k, v):\n"
         "    # as in the paper\n"
         "    out = (torch.nn.functional.scaled_dot_product_attention(é, k, v)).sum()  # 😀\n"
         "    return out\n"),
        # A name that is given another value keeps it.
        ("import torch\r\ndef norm(y, w):\r\n\tif w:\r\n\t\ts = «y.square().mean()\r\n"
         "\t\ty = y * s.rsqrt() * w»\r\n\treturn y",
         NORM,
         "import torch\r\ndef norm(y, w):\r\n\tif w:\r\n\t\ty = torch.rms_norm(y, w)\r\n"
         "\treturn y"),
        ("import torch\nx = w = 1\nif x: y = 2\ns = «x.square()\nz = (x * s * w»)\n",
         NORM,
         "import torch\nx = w = 1\nif x: y = 2\nz = (torch.rms_norm(x, w))\n"),
    ],
)  # fmt: skip
def test_rewrite(wasteful: str, efficient: str, after: str) -> None:
    assert rewritten(wasteful, efficient) == after


@pytest.mark.parametrize(
    "body",
    [
        "    s = «x.square()\n    y = x * s * w»\n    return y, s\n",  # s is read later
        "    s = «x.square()\n    print(s)\n    return x * s * w»\n",  # something else is done
        "    s = t = «x.square()\n    return x * s * w»\n",
        "    s = «x.square()  # why\n    return x * s * w»\n",  # a comment would be gone
        "    s = «x.square()\n    # why\n    return x * s * w»\n",
        "    s = «x.square()\n    if x:\n        return x * s * w»\n",  # not one block
        "    «s = (t := x).square()\n    return x * s * t»\n",
        "    return «x * w»\n",  # one line
    ],
)
def test_what_is_not_rewritten(body: str) -> None:
    assert rewritten(f"import torch\ndef norm(x, w):\n{body}", NORM) is None


def test_it_says_how_much_goes() -> None:
    here = place("import torch\ndef norm(x, w):\n    s = «x.square()\n    return x * s * w»\n")
    found = rewrite(wish(kind="call", wasteful=here, efficient=place(NORM, "b.py")))
    assert found is not None
    assert found.title == "call torch.rms_norm(x, w) instead of 2 lines"
    assert rewrite(wish(kind="argument", wasteful=here, efficient=place(NORM, "b.py"))) is None
    assert rewrite(wish(kind="call", wasteful=here)) is None
