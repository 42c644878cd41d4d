"""One program traced in two environments, each with a version of a package of its own."""

from __future__ import annotations

import json
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest

from magneton.cli.main import main
from magneton.engine.store import load_result
from magneton.report import text
from magneton_agent.schema.result import Comparison

pytestmark = pytest.mark.quiet

NET = """\
import kit
import torch

torch.set_num_threads(1)


def build():
    linear = torch.nn.Linear(64, 64).requires_grad_(False)
    x = torch.randn(2048, 64)
    return lambda: kit.total(linear(x))
"""
OLD = """\
def total(x):
    return x.logcumsumexp(dim=-1)[:, -1]
"""
NEW = OLD.replace("logcumsumexp(dim=-1)[:, -1]", "logsumexp(dim=-1)")


def environment(folder: Path, version: str, source: str) -> Path:
    """The interpreter of an environment that has this one's torch, and ``kit``."""
    venv.create(folder, symlinks=True)
    (own,) = folder.glob("lib/python3.*/site-packages")
    (own / "torch.pth").write_text(f"{distribution('torch').locate_file('')}\n")
    (own / "kit.py").write_text(source)
    information = own / f"kit-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Name: kit\nVersion: {version}\n")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``old.magneton-trace``, ``new.magneton-trace`` and a comparison of them."""
    folder = tmp_path_factory.mktemp("environments")
    workspace = folder / "work"
    workspace.mkdir()
    (workspace / "net.py").write_text(NET)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace)
        for name, version, source in (("old", "1.9", OLD), ("new", "2.0", NEW)):
            python = environment(folder / name, version, source)
            arguments = ["trace", "net.py:build", "-o", f"{name}.magneton-trace"]
            assert main([*arguments, "--python", str(python), "--time-budget", "0.5"]) == 0
        arguments = ["compare", "old.magneton-trace", "new.magneton-trace", "--json", "result.json"]
        assert main(arguments) == 0
    return workspace


@pytest.fixture
def result(workspace: Path) -> Comparison:
    found = load_result(workspace / "result.json")
    assert isinstance(found, Comparison)
    return found


def test_the_call_and_the_version_are_found(result: Comparison) -> None:
    assert (result.outputs.equal, result.verdict) == (True, "performance")
    (finding,) = result.findings
    assert finding.location is not None
    assert (finding.location.path, finding.location.start.line) == ("net.py", 10)
    assert [place.path.rpartition("/")[2] for place in finding.call_path] == ["net.py", "kit.py"]
    assert finding.cause is not None
    assert (finding.cause.kind, finding.cause.name) == ("version", "kit")
    assert (finding.cause.wasteful_value, finding.cause.efficient_value) == ("1.9", "2.0")
    evidence = {each.kind: each.text for each in finding.evidence}
    assert evidence["versions"] == "side a runs kit 1.9, side b 2.0"


def test_every_version_is_in_the_result(result: Comparison, workspace: Path) -> None:
    assert result.sides.a.conditions.packages["kit"] == "1.9"
    assert result.sides.b.conditions.packages["kit"] == "2.0"
    common = result.sides.a.conditions.packages["torch"]
    assert result.sides.b.conditions.packages["torch"] == common
    written = text.render(result, workspace)
    assert "\nother versions on side a and b: kit 1.9 and 2.0\n" in written
    assert "kit 1.9 costs more here than 2.0, which computes the same values" in written


def test_the_file_follows_the_schema(workspace: Path) -> None:
    result = json.loads((workspace / "result.json").read_text())
    assert result["findings"][0]["cause"]["kind"] == "version"
