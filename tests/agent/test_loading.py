"""What the agent says of itself after loading."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from magneton_agent.loading import describe, unmet_device, uses_cuda
from magneton_agent.meters.sensors import Sensors


def test_a_step_on_the_cpu() -> None:
    model, x = nn.Linear(2, 1, bias=False), torch.tensor([1.0, 3.0])
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[2.0, -1.0]]))
    found = describe(lambda: model(x), "/nowhere", False, Sensors(None, None, "no counter"), ())
    assert (found.device, found.gpu, found.driver, found.clocks) == ("cpu", None, None, None)
    assert (found.meter, found.meter_absent, found.idle_power_w) == ("model", "no counter", None)
    assert found.torch == torch.__version__
    assert found.packages["torch"] == importlib.metadata.version("torch")
    assert found.threads == torch.get_num_threads()
    assert [(each.name, each.shape, each.sketch.total) for each in found.parameters] == [
        ("model.weight", (1, 2), 1.0),
        ("x", (2,), 4.0),
    ]


def test_files_of_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(name: str, path: Path | None) -> None:
        module = ModuleType(name)
        module.__file__ = None if path is None else str(path)
        monkeypatch.setitem(sys.modules, name, module)

    inside, outside = tmp_path / "work" / "package" / "é.py", tmp_path / "work2" / "b.py"
    library = tmp_path / "work" / ".venv" / "lib.py"
    for file in (inside, outside, library):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x = 1\n")
    loaded("inside", inside)
    loaded("outside", outside)
    loaded("library", library)
    loaded("gone", tmp_path / "work" / "gone.py")
    loaded("built_in", None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "work" / ".venv"))
    found = describe(lambda: None, str(tmp_path / "work"), False, Sensors(None, None, ""), ()).files
    assert found == {"package/é.py": hashlib.sha256(b"x = 1\n").hexdigest()}


def test_a_gpu_is_used_where_the_program_took_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    assert not uses_cuda("auto")
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    assert uses_cuda("auto")
    assert not uses_cuda("cpu")


def test_a_gpu_that_was_asked_for_and_is_not_used_is_said() -> None:
    assert unmet_device("cuda:0", cuda=True) == unmet_device("auto", cuda=False) == ()
    (warning,) = unmet_device("cuda:0", cuda=False)
    assert warning.startswith("cuda:0 was asked for, but the program runs on the CPU (")
