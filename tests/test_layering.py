"""Imports run one way (docs/architecture.md), and the agent needs nothing but torch."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[1] / "server"
SCHEMA = "magneton_agent.schema"
# What each package of ours may import of ours, besides itself. Everyone may import the schema.
MAY_IMPORT = {
    "magneton_agent.schema": set(),
    "magneton_agent": set(),
    "magneton.analysis": set(),
    "magneton.source": set(),
    "magneton.report": set(),
    "magneton.engine": {"magneton.analysis", "magneton.source"},
    "magneton.lsp": {"magneton.engine", "magneton.report", "magneton.source"},
    "magneton.cli": {"magneton.engine", "magneton.report", "magneton.source", "magneton.lsp"},
}
# The version is the one thing that lives in the package itself.
ROOT = {"magneton"}
MAY_USE = {
    "magneton_agent.schema": set(),
    "magneton_agent": {"torch", "pynvml"},
    "magneton.analysis": {"networkx"},
    "magneton.source": {"libcst", "networkx"},
    "magneton.report": {"rich"},
    "magneton.engine": {"fastjsonschema"},
    "magneton.lsp": {"pygls", "lsprotocol"},
    "magneton.cli": {"rich"},
}


def package_of(module: str) -> str:
    """The part of the design that ``module`` belongs to: the longest name that holds it."""
    holders = [name for name in MAY_IMPORT if f"{module}.".startswith(f"{name}.")]
    return max(holders, key=len, default="magneton")


def modules() -> Iterator[tuple[str, Path]]:
    for file in sorted(SERVER.rglob("*.py")):
        parts = file.relative_to(SERVER).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), file


def imported(module: str, file: Path) -> Iterator[str]:
    """The absolute names of the modules that ``file`` imports, at any depth."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(
                [*(above if node.level else []), *([node.module] if node.module else [])]
            )
            # ``from package import module`` names the module only in the alias.
            yield from (f"{base}.{alias.name}" for alias in node.names)


def test_imports_run_one_way() -> None:
    wrong = []
    for module, file in modules():
        home = package_of(module)
        allowed = MAY_IMPORT.get(home, set()) | {home, SCHEMA}
        for name in imported(module, file):
            if name.partition(".")[0] not in ("magneton", "magneton_agent"):
                continue
            target = package_of(name)
            if target not in allowed and target not in ROOT:
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_each_package_uses_only_the_libraries_meant_for_it() -> None:
    ours = {"magneton", "magneton_agent"}
    wrong = []
    for module, file in modules():
        allowed = MAY_USE.get(package_of(module), set()) | ours | sys.stdlib_module_names
        wrong += [
            f"{module} imports {name}"
            for name in imported(module, file)
            if name.partition(".")[0] not in allowed
        ]
    assert wrong == []


def test_the_servers_modules_load_without_torch() -> None:
    names = [name for name, _ in modules() if package_of(name) not in ("magneton_agent",)]
    loaded = subprocess.run(
        [
            *(sys.executable, "-I", "-c"),
            "import importlib, sys\n"
            f"for name in {names!r}: importlib.import_module(name)\n"
            "print('torch' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "False\n"


def torch_and_what_it_needs(folder: Path) -> None:
    """Links torch and its dependencies, and nothing else, into ``folder``."""
    wanted, seen = ["torch"], set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform
        wanted += [
            re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
            for requirement in distribution.requires or ()
            if "extra ==" not in requirement
        ]
        for top in {file.parts[0] for file in distribution.files or ()} - {".."}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))))


@pytest.fixture
def bare_libraries(tmp_path: Path) -> Path:
    torch_and_what_it_needs(tmp_path)
    return tmp_path


def test_the_agent_loads_in_a_bare_interpreter(bare_libraries: Path) -> None:
    """As in a user's environment: torch is there, nothing of the server is."""
    names = [
        name
        for name, _ in modules()
        if name.startswith("magneton_agent.") and not name.endswith(("bootstrap", "examine"))
    ]
    program = (
        "import importlib, importlib.util, sys\n"
        f"sys.path.append({str(bare_libraries)!r})\n"
        f"folder = {str(SERVER / 'magneton_agent')!r}\n"
        "spec = importlib.util.spec_from_file_location('magneton_agent',"
        " folder + '/__init__.py', submodule_search_locations=[folder])\n"
        "sys.modules['magneton_agent'] = importlib.util.module_from_spec(spec)\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(sorted({'pygls', 'libcst', 'magneton', 'rich'} & sys.modules.keys()))"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (loaded.stderr, loaded.stdout) == ("", "[]\n")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from ..schema import codec", "magneton_agent.schema.codec"),
        ("from . import nvml", "magneton_agent.meters.nvml"),
        ("def f():\n    import torch.nn", "torch.nn"),
        ("from magneton.engine import queue", "magneton.engine.queue"),
    ],
)
def test_the_import_reader_sees_every_form(tmp_path: Path, statement: str, expected: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(statement)
    assert list(imported("magneton_agent.meters.module", file)) == [expected]
