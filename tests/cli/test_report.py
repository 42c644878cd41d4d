"""The command that shows results that were kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.cli.main import main
from magneton.engine import store
from tests import builders

Capture = pytest.CaptureFixture[str]


def test_report_of_a_kept_result(tmp_path: Path, capsys: Capture) -> None:
    path = store.save_result(tmp_path, builders.comparison())
    assert main(["report", str(path)]) == 0
    assert capsys.readouterr().out.startswith("performance[f1]")


@pytest.mark.parametrize(
    ("format_", "beginning"),
    [
        ("text", "performance[f1]"),
        ("html", "<!DOCTYPE html>"),
        ("json", '{\n  "schema": "magneton.comparison/1"'),
    ],
)
def test_report_formats(tmp_path: Path, format_: str, beginning: str, capsys: Capture) -> None:
    path = store.save_result(tmp_path, builders.comparison())
    assert main(["report", str(path), "--format", format_]) == 0
    assert capsys.readouterr().out.startswith(beginning)
    output = tmp_path / "report"
    assert main(["report", str(path), "--format", format_, "-o", str(output)]) == 0
    assert output.read_text().startswith(beginning)
    assert capsys.readouterr().out == ""


def test_report_quotes_source_from_the_results_workspace(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.save_result(tmp_path, builders.comparison())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "a.py").write_text("changed\n")
    main(["report", str(path)])
    assert "--> a.py:1:9 (the file has changed since it was measured)" in capsys.readouterr().out


def test_report_of_a_truncated_file(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "r.json").write_text('{"schema": "magneton.compar')
    assert main(["report", str(tmp_path / "r.json")]) == 2
    assert capsys.readouterr().err.startswith(
        f"error: {tmp_path / 'r.json'} is not a result that can be read\n"
    )
