"""Changed sources served in the place of files."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import linecache
import sys
import traceback
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from magneton_agent.overlay import Overlay
from magneton_agent.schema.messages import TargetSpec
from magneton_agent.target import import_target
from magneton_agent.workload import run_script

from .agents import Agent, load

pytestmark = pytest.mark.usefixtures("interpreter_restored", "lines_restored")


@pytest.fixture
def lines_restored() -> Iterator[None]:
    """Restores what linecache keeps."""
    cache = dict(linecache.cache)
    yield
    linecache.cache.clear()
    linecache.cache.update(cache)


def written(folder: Path, name: str, source: str) -> str:
    path = folder / name
    path.write_bytes(source.encode())
    return str(path)


def test_an_imported_module_is_the_changed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "served_one.py", "VALUE = 1\n")
    written(tmp_path, "served_two.py", "from served_one import VALUE\n")
    monkeypatch.syspath_prepend(tmp_path)
    with Overlay({path: "VALUE = 2\n"}).served():
        two, one = importlib.import_module("served_two"), importlib.import_module("served_one")
    assert (two.VALUE, one.VALUE) == (2, 2)
    assert (one.__file__, inspect.getsource(one)) == (path, "VALUE = 2\n")
    assert Path(path).read_text() == "VALUE = 1\n"


def test_nothing_is_left_that_a_later_run_would_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "served_again.py", "VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    importlib.import_module("served_again")  # leaves compiled code, which must not be taken
    compiled = {each: each.read_bytes() for each in tmp_path.rglob("*.pyc")}
    assert len(compiled) == 1
    del sys.modules["served_again"]
    with Overlay({path: "VALUE = 2\n"}).served():
        assert importlib.import_module("served_again").VALUE == 2
    assert {each: each.read_bytes() for each in tmp_path.rglob("*.pyc")} == compiled
    del sys.modules["served_again"]
    assert importlib.import_module("served_again").VALUE == 1
    assert "get_code" not in vars(SourceFileLoader)


def test_a_package_and_a_file_loaded_from_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "served_package").mkdir()
    init = written(tmp_path / "served_package", "__init__.py", "from .part import VALUE\n")
    part = written(tmp_path / "served_package", "part.py", "VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    texts = {init: "from .part import VALUE\nVALUE += 1\n", part: "VALUE = 10\n"}
    with Overlay(texts).served():
        assert importlib.import_module("served_package").VALUE == 11
        spec = importlib.util.spec_from_file_location("by_path", part)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    assert module.VALUE == 10


def test_tracebacks_quote_the_changed_line_under_the_unchanged_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "served_raising.py", "def f():\n    return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with Overlay({path: "def f():\n    é = '😀'\n    return 1 / 0\n"}).served():
        module = importlib.import_module("served_raising")
        with pytest.raises(ZeroDivisionError) as caught:
            module.f()
    told = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (told.filename, told.lineno, told.line) == (path, 3, "return 1 / 0")


def test_a_link_to_the_file_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "original.py", "VALUE = 1\n")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "served_link.py").symlink_to(path)
    monkeypatch.syspath_prepend(tmp_path / "linked")
    with Overlay({path: "VALUE = 2\n"}).served():
        module = importlib.import_module("served_link")
    assert module.VALUE == 2
    assert module.__file__ == str(tmp_path / "linked" / "served_link.py")


@pytest.mark.parametrize(
    "source",
    [
        "VALUE = 'é'\r\nOTHER = 1\r\n",
        "# -*- coding: latin-1 -*-\nVALUE = 'é'\nOTHER = 1",
    ],
)
def test_text_is_text_whatever_its_cookie_says(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "served_text.py", "VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with Overlay({path: source}).served():
        module = importlib.import_module("served_text")
    assert (module.VALUE, module.OTHER) == ("é", 1)


def test_a_change_that_is_no_python_fails_as_the_file_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "served_broken.py", "VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with Overlay({path: "VALUE = = 2\n"}).served(), pytest.raises(SyntaxError) as caught:
        importlib.import_module("served_broken")
    assert (caught.value.filename, caught.value.lineno) == (path, 1)


def test_a_target_file_and_a_script(tmp_path: Path) -> None:
    path = written(tmp_path, "program.py", "def build(): return 1\n")
    spec = TargetSpec("file", path, "", "build", ())
    overlay = Overlay({path: "def build(): return 2\n"})
    with overlay.served():
        found: Any = import_target(spec)
    assert (found(), found.__code__.co_filename) == (2, path)
    seen: list[object] = []
    script = TargetSpec("script", path, "", "step", ())
    source = (
        "import linecache\n\ndef step(): return __file__, linecache.getline(__file__, 1)\nstep()\n"
    )
    changed = Overlay({path: source})
    run_script(script, lambda step: seen.append(step()), changed.source(path))
    assert seen == [(path, "import linecache\n")]


def test_an_agent_serves_them_and_says_what_is_wrong_with_them(tmp_path: Path) -> None:
    part = written(tmp_path, "part.py", "def check(): pass\n")
    path = written(tmp_path, "program.py", "import part\ndef build(): part.check()\n")
    changed = "\n\ndef check():\n    raise RuntimeError(__file__)\n"
    with Agent(tmp_path) as agent:
        failure = agent.refused(load(Path(path), "build", sources={part: changed}))
    assert failure.fact == f"loading build raised RuntimeError: {part}"
    assert [(each.path, each.line) for each in failure.frames] == [(path, 2), (part, 4)]
    with Agent(tmp_path) as agent:
        failure = agent.refused(load(Path(path), "build", sources={path: "def build(:\n"}))
    assert (failure.kind, failure.fact.split(":")[0]) == (
        "raised",
        "loading build raised SyntaxError",
    )
    assert Path(path).read_text() == "import part\ndef build(): part.check()\n"
