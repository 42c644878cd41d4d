"""What is in the .vsix, and that the server in it runs without anything else installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT, VSIX

SERVER_PYTHONS = {"311", "312", "313", "314"}


@pytest.fixture(scope="module")
def names() -> set[str]:
    with zipfile.ZipFile(VSIX) as package:
        return set(package.namelist())


def test_only_native_code_is_libcst_once_for_each_python(names: set[str]) -> None:
    native = {name for name in names if re.search(r"\.(so|pyd|dylib|node)\b", name)}
    folder = "extension/bundled/libs/libcst"
    assert native == {
        f"{folder}/native.cpython-{python}-x86_64-linux-gnu.so" for python in SERVER_PYTHONS
    }


def test_supported_pythons_are_those_with_native_code() -> None:
    source = (ROOT / "extension" / "src" / "python" / "server.ts").read_text()
    bounds = dict(re.findall(r"export const (OLDEST|NEWEST) = (\d+);", source))
    assert bounds == {"OLDEST": "11", "NEWEST": "14"}


def test_every_python_file_of_the_server_is_there(names: set[str]) -> None:
    sources = {
        f"extension/bundled/server/{path.relative_to(ROOT / 'server')}"
        for package in ("magneton", "magneton_agent")
        for path in (ROOT / "server" / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources <= names
    assert "extension/bundled/libs/pynvml.py" in names


def test_libraries_keep_their_metadata_and_their_pins(names: set[str]) -> None:
    pinned = {_normal(line) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    pattern = re.compile(r"extension/bundled/libs/([^/]+)-([^/-]+)\.dist-info/METADATA")
    matches = [match for name in names if (match := pattern.fullmatch(name))]
    assert {"fastjsonschema", "libcst", "networkx", "pygls", "rich"} <= {m[1] for m in matches}
    assert {_normal(f"{match[1]}=={match[2]}") for match in matches} <= pinned


def test_nothing_else_is_there(names: set[str]) -> None:
    others = {name for name in names if not name.startswith("extension/bundled/")}
    assert others == {
        "[Content_Types].xml",
        "extension.vsixmanifest",
        "extension/LICENSE.txt",
        "extension/dist/extension.js",
        "extension/package.json",
        "extension/readme.md",
    }
    assert not [name for name in names if "__pycache__" in name]


def test_server_answers_from_the_unpacked_package(tmp_path: Path) -> None:
    with zipfile.ZipFile(VSIX) as package:
        package.extractall(tmp_path)
    parameters: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": parameters}
    body = json.dumps(request).encode()
    # The server ends with its input; -S hides what is installed in this interpreter.
    done = subprocess.run(
        [sys.executable, "-I", "-S", tmp_path / "extension" / "bundled" / "run_server.py"],
        input=b"Content-Length: %d\r\n\r\n%s" % (len(body), body),
        capture_output=True,
        timeout=60,
        check=False,
    )
    answer = done.stdout.partition(b"\r\n\r\n")[2]
    assert json.loads(answer)["result"]["serverInfo"]["name"] == "magneton", done.stderr.decode()


def _normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement).lower()
