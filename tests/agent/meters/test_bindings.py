"""Which module speaks to NVML: the program's own where it is recent enough, or the carried one."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pynvml
import pytest

from magneton_agent.meters.bindings import load_pynvml
from magneton_agent.meters.nvml_errors import NvmlAbsent

NOWHERE = "/nowhere/pynvml.py"


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "magneton_agent.pynvml", None)


@pytest.fixture
def no_pynvml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)


def lacking(name: str) -> ModuleType:
    """Today's module without something that older ones did not have either."""
    module = ModuleType("pynvml")
    vars(module).update(vars(pynvml))
    module.__file__ = "/environment/pynvml.py"
    delattr(module, name)
    return module


@pytest.mark.usefixtures("no_pynvml")
def test_the_carried_pynvml_stays_hidden_from_the_program() -> None:
    found = load_pynvml(str(pynvml.__file__))
    assert found.__name__ == "magneton_agent.pynvml"
    assert issubclass(found.NVMLError_NotSupported, found.NVMLError)
    assert sys.modules["pynvml"] is None


@pytest.mark.usefixtures("no_pynvml")
@pytest.mark.parametrize("carried", ["", NOWHERE])
def test_without_pynvml(carried: str) -> None:
    with pytest.raises(NvmlAbsent, match=r"^pynvml is not installed: pip install nvidia-ml-py$"):
        load_pynvml(carried)


def test_the_programs_pynvml_is_taken_first() -> None:
    assert load_pynvml(NOWHERE) is pynvml


@pytest.mark.parametrize(
    "name",
    [
        "nvmlDeviceGetTotalEnergyConsumption",
        "nvmlDeviceGetFieldValues",
        "nvmlDeviceGetMigMode",
        "nvmlDeviceGetCurrentClocksEventReasons",
    ],
)
def test_an_old_pynvml_of_the_program_is_not_used(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = lacking(name)
    monkeypatch.setitem(sys.modules, "pynvml", old)
    assert load_pynvml(str(pynvml.__file__)).__name__ == "magneton_agent.pynvml"
    assert sys.modules["pynvml"] is old
    with pytest.raises(NvmlAbsent) as caught:
        load_pynvml(NOWHERE)
    assert str(caught.value) == (
        "the installed pynvml (/environment/pynvml.py) is too old: "
        "pip install --upgrade nvidia-ml-py"
    )


def test_a_pynvml_of_another_python_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pynvml.py").write_text("print 'Python 2'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pynvml")
    assert load_pynvml(str(pynvml.__file__)).__name__ == "magneton_agent.pynvml"


@pytest.mark.usefixtures("no_pynvml")
def test_a_carried_pynvml_that_is_too_old(tmp_path: Path) -> None:
    carried = tmp_path / "pynvml.py"
    carried.write_text("def nvmlInit(): ...\n")
    with pytest.raises(NvmlAbsent, match=r"pynvml\.py\) is too old: pip install --upgrade"):
        load_pynvml(str(carried))
