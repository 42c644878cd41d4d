"""Which modules are the libraries' own, and importing them first."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from magneton_agent.libraries import import_libraries, imported_libraries


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "my_own_module.py").write_text("import colorsys\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("my_own_module", "colorsys"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "my_own_module"


def test_a_program_s_own_modules_are_none(own_module: str) -> None:
    import_libraries([own_module])
    found = imported_libraries()
    assert own_module in sys.modules
    assert own_module not in found
    assert {"colorsys", "json", "pytest"} <= set(found)
    assert found.index("pytest") < found.index("colorsys")


def test_what_cannot_be_imported_is_left_out(own_module: str) -> None:
    import_libraries(["no_such_module", "torch.no_such_module", "colorsys"])
    assert "colorsys" in sys.modules
