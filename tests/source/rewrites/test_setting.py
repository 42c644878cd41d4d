"""Setting a framework setting where the program begins."""

from __future__ import annotations

from typing import Any

import pytest

from magneton.source.rewrites.module import SourceModule
from magneton.source.rewrites.setting import rewrite

from .wishes import text_of, wish

PRECISION = "torch.get_float32_matmul_precision()"


def rewritten(source: str, function: str | None = "build", **changes: Any) -> str | None:
    default = {
        "kind": "setting",
        "name": PRECISION,
        "wasteful_value": "'highest'",
        "efficient_value": "'high'",
        "entry": (SourceModule("a.py", source), function),
    }
    return text_of(rewrite(wish(**default | changes)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import torch\ndef build():\n\t# the model\n\tx = 1\n",
         "import torch\ndef build():\n\ttorch.set_float32_matmul_precision('high')\n"
         "\t# the model\n\tx = 1\n"),
        ('import torch as é\r\ndef build():\r\n    """The😀 step."""\r\n    return 1',
         "import torch as é\r\ndef build():\r\n    \"\"\"The😀 step.\"\"\"\r\n"
         "    é.set_float32_matmul_precision(\"high\")\r\n    return 1"),
        ("def build():\n    import torch\n    return 1\n",
         "def build():\n    import torch\n    torch.set_float32_matmul_precision('high')\n"
         "    return 1\n"),
        ("from torch import set_float32_matmul_precision as p\n@d\ndef build(): # type: ignore\n"
         "    return 1\n",
         "from torch import set_float32_matmul_precision as p\n@d\ndef build(): # type: ignore\n"
         "    p('high')\n    return 1\n"),
        # Where it is set already, that is changed; other values and other settings stay.
        ("import torch\ntorch.set_float32_matmul_precision('highest')  # why\ndef build():\n"
         "    torch.set_num_threads(1)\n    return 1\n",
         "import torch\ntorch.set_float32_matmul_precision('high')  # why\ndef build():\n"
         "    torch.set_num_threads(1)\n    return 1\n"),
        # Of several functions of a name the last counts.
        ("import torch\ndef build():\n    return 1\ndef build():\n    return 2\n",
         "import torch\ndef build():\n    return 1\ndef build():\n"
         "    torch.set_float32_matmul_precision('high')\n    return 2\n"),
    ],
)  # fmt: skip
def test_a_factory(before: str, after: str | None) -> None:
    assert rewritten(before) == after


def test_a_script() -> None:
    before = '"""Trains."""\n\nimport os\nfrom torch import nn\nimport torch\n\nx = 1\nimport sys\n'
    assert rewritten(before, None) == (
        '"""Trains."""\n\nimport os\nfrom torch import nn\nimport torch\n\n'
        'torch.set_float32_matmul_precision("high")\n\nx = 1\nimport sys\n'
    )


@pytest.mark.parametrize(
    ("name", "wasteful", "efficient", "line"),
    [
        ("torch.get_num_threads()", "1", "2", "torch.set_num_threads(2)"),
        ("torch.get_default_dtype()", "torch.float64", "torch.float32",
         "torch.set_default_dtype(torch.float32)"),
        ("torch.backends.cuda.matmul.allow_tf32", "False", "True",
         "torch.backends.cuda.matmul.allow_tf32 = True"),
        ("torch.backends.cuda.flash_sdp_enabled()", "False", "True",
         "torch.backends.cuda.enable_flash_sdp(True)"),
        ("torch.is_autocast_enabled('cpu')", "False", "True", None),
        ("torch.nn.attention.sdpa_kernel", "[MATH]", "[FLASH_ATTENTION]", None),
        ("os.environ['OMP_NUM_THREADS']", "'1'", "'2'", None),
    ],
)  # fmt: skip
def test_how_each_is_set(name: str, wasteful: str, efficient: str, line: str | None) -> None:
    values = {"name": name, "wasteful_value": wasteful, "efficient_value": efficient}
    after = f"import torch\ndef build():\n    {line}\n    return 1\n"
    found = rewritten("import torch\ndef build():\n    return 1\n", **values)
    assert found == (after if line is not None else None)


def test_an_assignment_that_is_there() -> None:
    before = "import torch\ndef build():\n    torch.backends.cudnn.allow_tf32 = %s\n    return 1\n"
    values = {"wasteful_value": "False", "efficient_value": "True"}
    found = rewritten(before % "False", name="torch.backends.cudnn.allow_tf32", **values)
    assert found == before % "True"


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef other():\n    return 1\n",  # no such function
        "import torch\ndef build(): return 1\n",  # no line to put it on
        "def build():\n    return 1\n",  # torch is not imported
        # Set twice: which of them counts?
        "import torch as t\nt.set_float32_matmul_precision('highest')\ndef build():\n"
        "    t.set_float32_matmul_precision('highest')\n    return 1\n",
    ],
)
def test_what_is_not_rewritten(source: str) -> None:
    assert rewritten(source) is None


def test_only_settings() -> None:
    entry = (SourceModule("a.py", "import torch\ndef build():\n    return 1\n"), "build")
    assert rewrite(wish(kind="argument", name=PRECISION, entry=entry)) is None
    assert rewrite(wish(kind="setting", name=PRECISION, entry=None)) is None
