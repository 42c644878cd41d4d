"""The default of a variable of the environment."""

from __future__ import annotations

import pytest

from magneton.source.rewrites.environment import rewrite

from .wishes import place, text_of, wish


def rewritten(source: str, name: str = "WAY", kind: str = "setting") -> str | None:
    values = {"wasteful_value": "not set", "efficient_value": "'whole'"}
    return text_of(rewrite(wish(kind=kind, name=name, deciding=place(source), **values)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\nway = «os.getenv('WAY')»  # WAY\n",
         "import os\nway = os.getenv('WAY', 'whole')  # WAY\n"),
        ('import os\nway = «os.environ.get("WAY", "step")».lower()\r\n',
         'import os\nway = os.environ.get("WAY", "whole").lower()\r\n'),
        ("from os import environ as e\n«e.get('WAY', f(1))»\n",
         "from os import environ as e\ne.get('WAY', 'whole')\n"),
    ],
)  # fmt: skip
def test_rewrite(before: str, after: str) -> None:
    assert rewritten(before) == after
    assert rewritten(before, name="os.environ['WAY']") == after


@pytest.mark.parametrize(
    "source",
    [
        "import os\n«os.getenv('OTHER')»\n",
        "import os\n«os.getenv(name)»\n",
        "import os\n«os.getenv(*names)»\n",
        "import os\n«other.getenv('WAY')»\n",
        "import os\n«os.environ['WAY']»\n",
        "import os\n«os.getenv('WAY', 'whole')»\n",
    ],
)
def test_what_is_not_rewritten(source: str) -> None:
    assert rewritten(source) is None


def test_only_settings() -> None:
    assert rewritten("import os\n«os.getenv('WAY')»\n", kind="argument") is None
    assert rewrite(wish(kind="setting", deciding=None)) is None
