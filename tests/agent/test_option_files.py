"""Files of options are seen and served, and nothing else is."""

from __future__ import annotations

import builtins
import configparser
import hashlib
import io
import json
import tomllib
from pathlib import Path

import pytest

from magneton_agent.option_files import OptionFiles
from magneton_agent.schema.messages import Loaded

from .agents import Agent, load

PROGRAM = """
import json, pathlib, torch
OPTIONS = json.loads((pathlib.Path(__file__).parent / "options.json").read_text())
def build():
    x = torch.full((2,), float(OPTIONS["size"]))
    return lambda: x + x
"""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_texts_stand_for_files_however_they_are_read(tmp_path: Path) -> None:
    for name in ("one.json", "two.toml", "three.ini"):
        (tmp_path / name).write_text("as it is")
    texts = {"one.json": '{"a": 1}', "two.toml": "a = 2", "three.ini": "[x]\na = 3"}
    files = OptionFiles(str(tmp_path), {str(tmp_path / name): t for name, t in texts.items()})
    with files.watching():
        assert json.loads((tmp_path / "one.json").read_text()) == {"a": 1}
        with open(tmp_path / "two.toml", "rb") as file:  # noqa: PTH123 as programs do
            assert tomllib.load(file) == {"a": 2}
        parser = configparser.ConfigParser()
        parser.read(tmp_path / "three.ini")
        assert parser["x"]["a"] == "3"
    assert (tmp_path / "one.json").read_text() == "as it is"
    assert files.digests == dict.fromkeys(texts, digest("as it is"))


def test_other_files_and_writing_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    files = OptionFiles(str(tmp_path / "inside"), {str(path): "served"})
    with files.watching():
        path.write_text("written")
        assert path.read_text() == "written"  # outside of the folder
        (tmp_path / "text.txt").write_text("plain")
        assert (tmp_path / "text.txt").read_text() == "plain"
    assert files.digests == {}


def test_open_is_as_before_after_an_error(tmp_path: Path) -> None:
    before = builtins.open, io.open
    with pytest.raises(FileNotFoundError), OptionFiles(str(tmp_path), {}).watching():
        open(tmp_path / "absent.json")  # noqa: PTH123, SIM115 as programs do
    assert (builtins.open, io.open) == before


@pytest.mark.parametrize("traced", [True, False])
def test_a_worker_tells_what_it_read_where_it_is_traced(traced: bool, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "options.json").write_text('{"size": 3}')
    with Agent(tmp_path) as agent:
        request = load(tmp_path / "program.py", "build", trace_construction=traced)
        found = agent.ask(request, Loaded)
    assert found.option_files == ({"options.json": digest('{"size": 3}')} if traced else {})


def test_a_worker_gets_the_text_that_stands_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "options.json").write_text('{"size": 3}')
    sources = {str(tmp_path / "options.json"): '{"size": 5}'}
    with Agent(tmp_path) as agent:
        found = agent.ask(load(tmp_path / "program.py", "build", sources=sources), Loaded)
    (held,) = found.parameters
    assert held.sketch.total == 10.0
