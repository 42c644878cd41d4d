"""Flags to values."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from magneton.cli import options
from magneton.cli.main import main
from magneton.engine import request
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.judging import Per, Thresholds


@pytest.mark.parametrize(
    ("text", "device"),
    [("auto", "auto"), ("cpu", "cpu"), ("cuda", "cuda:0"), ("cuda:3", "cuda:3")],
)
def test_devices(text: str, device: str) -> None:
    assert options.device(text) == device


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (options.device, "gpu"),
        (options.device, "cuda:x"),
        (options.threshold, "10"),
        (options.threshold, "0"),
        (options.threshold, "ten"),
        (options.above_zero, "-1"),
        (options.above_zero, "inf"),
        (options.above_zero, "nan"),
        (options.above_none, "0"),
        (options.above_none, "2.5"),
        (options.above_none, "two"),
    ],
)
def test_refused_values(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=text):
        parse(text)


def test_a_number_of_ranks() -> None:
    assert options.above_none("2") == 2


def test_a_threshold_in_percent_is_explained() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"between 0 and 1 \(0\.10 is 10 %\)"):
        options.threshold("10")


def test_an_interpreter_stays_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python").symlink_to("/usr/bin/env")
    monkeypatch.chdir(tmp_path)
    assert options.interpreter("./python") == str(tmp_path / "python")
    assert options.interpreter("missing/python") == str(tmp_path / "missing/python")


def test_an_interpreter_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python9").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert options.interpreter("python9") == str(tmp_path / "python9")


def test_a_result_file_is_checked_before_anything_runs(tmp_path: Path) -> None:
    assert options.json_file("-") == Path("-")
    assert options.json_file(str(tmp_path / "r.json")) == tmp_path / "r.json"
    with pytest.raises(MagnetonError) as caught:
        options.json_file(str(tmp_path / "no" / "r.json"))
    assert caught.value.remedy == f"Create {tmp_path / 'no'} first."
    with pytest.raises(MagnetonError, match="cannot be written"):
        options.json_file(str(tmp_path))


def test_what_a_step_does() -> None:
    assert request.per_of("tokens=512") == Per("tokens", 512.0)
    assert request.per_of("kilo-tokens=0.5") == Per("kilo-tokens", 0.5)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("tokens", "it is not of the form NAME=NUMBER"),
        ("=3", "it is not of the form NAME=NUMBER"),
        ("8=tokens", "it is not of the form NAME=NUMBER"),
        ("tokens=many", "many is not a finite number above 0"),
        ("tokens=0", "0 is not a finite number above 0"),
        ("tokens=-2", "-2 is not a finite number above 0"),
        ("tokens=nan", "nan is not a finite number above 0"),
        ("tokens=inf", "inf is not a finite number above 0"),
    ],
)
@pytest.mark.parametrize("command", ["compare a.py:f b.py:f", "measure a.py:f"])
def test_what_a_step_cannot_do(
    command: str, text: str, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), "--per", text]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: '{text}' is no unit\n")
    assert cause in told
    assert "remedy: write a name and how many of it one step does" in told


def test_options_of_a_run() -> None:
    parser = argparse.ArgumentParser()
    options.add_run_options(parser)
    found = options.run_options(parser.parse_args(["--per", "tokens=8", "--smallest-share=0.05"]))
    assert (found.per, found.thresholds) == (Per("tokens", 8.0), Thresholds(0.1, 0.01, 0.05))
    assert options.run_options(parser.parse_args([])).per is None


def test_a_meters_log_without_a_name_is_told_from_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as unnamed:
        options.meter("csv:")
    assert unnamed.value.fact == "--meter csv: names no file"
    with pytest.raises(MagnetonError) as missing:
        options.meter(f"csv:{tmp_path / 'none.csv'}")
    assert missing.value.fact == f"there is no meter's log {tmp_path / 'none.csv'}"
