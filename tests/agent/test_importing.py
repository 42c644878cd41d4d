"""Profiling a program, but not what libraries do to be imported."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from magneton_agent.importing import is_library, profiled

LIBRARY = "import sys\nPROFILE = sys.getprofile()\n"


class Noted:
    """The functions that were called of the files below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = str(folder), list[str]()

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(self.folder):
            self.calls.append(frame.f_code.co_name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of a program and its libraries; what was imported from it is forgotten."""
    monkeypatch.syspath_prepend(tmp_path)
    libraries = tmp_path / "site-packages"
    libraries.mkdir()
    monkeypatch.syspath_prepend(libraries)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def imported(folder: Path, **files: str) -> Any:
    """The module ``program`` of ``folder``, where ``files`` were written; a name that begins with
    ``lib`` is that of a library."""
    for name, text in files.items():
        place = folder / "site-packages" if name.startswith("lib") else folder
        (place / f"{name}.py").write_text(text)
    return importlib.import_module("program")


def test_a_library_is_imported_without_the_profile(folder: Path) -> None:
    noted = Noted(folder)
    with profiled(noted):
        program = imported(folder, lib_one=LIBRARY, program="import lib_one\n" + LIBRARY)
        assert sys.getprofile() is noted
    assert program.PROFILE is noted
    assert program.lib_one.PROFILE is None
    assert noted.calls == ["<module>"]


def test_a_program_that_a_library_imports_is_profiled(folder: Path) -> None:
    noted = Noted(folder)
    with profiled(noted):
        program = imported(
            folder,
            lib_two="def loaded():\n    import plugin\n    return plugin\n\nFOUND = loaded()\n",
            plugin=LIBRARY + "def made(): ...\nmade()\n",
            program="import lib_two\n",
        )
    assert program.lib_two.FOUND.PROFILE is noted
    assert noted.calls == ["<module>", "<module>", "made"]


def test_what_a_library_does_when_it_is_called_is_profiled(folder: Path) -> None:
    noted = Noted(folder)
    with profiled(noted):
        imported(folder, lib_three="def made(): ...\n", program="import lib_three as l\nl.made()\n")
    assert noted.calls == ["<module>", "made"]


def test_another_thread_has_no_profile_after_its_imports(folder: Path) -> None:
    found: list[object] = []

    def importing() -> None:
        imported(folder, program=LIBRARY)
        found.append(sys.getprofile())

    with profiled(Noted(folder)):
        thread = threading.Thread(target=importing)
        thread.start()
        thread.join()
    assert (found, sys.modules["program"].PROFILE) == ([None], None)


def test_everything_is_put_back_after_a_library_that_cannot_be_imported(folder: Path) -> None:
    def profiler(*_: object) -> None: ...

    sys.setprofile(profiler)
    try:
        with pytest.raises(ZeroDivisionError), profiled(Noted(folder)):
            imported(folder, lib_four="1 / 0\n", program="import lib_four\n")
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    assert "exec_module" not in vars(SourceFileLoader)


def test_libraries_are_what_is_installed() -> None:
    assert is_library("/venv/lib/python3.11/site-packages/torch/__init__.py")
    assert is_library("/usr/lib/python3.11/json/decoder.py")
    assert not is_library("/home/user/project/train.py")
