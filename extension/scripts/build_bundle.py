"""Fills ``extension/bundled/``: the language server and everything it imports.

``build_bundle.py libs`` fetches the libraries of pyproject.toml, pinned by constraints.txt:
pure Python once, and libcst's native module for every supported Python beside each other.
``build_bundle.py server`` copies the project's own packages.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "extension" / "bundled"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")  # extension/src/python/server.ts names the same range
# pip takes a platform literally: a wheel that needs only an older glibc has its own.
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
# Only libcst's command line, which is not used here, reads YAML, whose library is native;
# example.py is a stray of nvidia-ml-py.
UNUSED = ("yaml", "_yaml", "pyyaml-*.dist-info", "bin", "example.py")
_PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def build_libs(target: Path) -> None:
    """Replace ``target`` by the server's libraries.

    Raises:
        subprocess.CalledProcessError: pip could not fetch or install one.
        ValueError: a native module other than libcst's is among them.
    """
    shutil.rmtree(target, ignore_errors=True)
    _install(_requirements(), target)
    unused = [path for pattern in UNUSED for path in target.glob(pattern)]
    _remove([*unused, *target.rglob("tests")])
    for python in PYTHONS[1:]:
        _add_native("libcst", python, target)
    _check_native(path.relative_to(target) for path in target.rglob("*.so"))


def build_server(target: Path) -> None:
    """Replace ``target`` by copies of the project's packages, and put their starter beside it."""
    shutil.rmtree(target, ignore_errors=True)
    for package in ("magneton", "magneton_agent"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "server" / package, target / package, ignore=ignore)
    shutil.copy(ROOT / "extension" / "scripts" / "run_server.py", target.parent)


def _requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [str(requirement) for requirement in project["dependencies"]]


def _install(requirements: Iterable[str], target: Path) -> None:
    subprocess.run(
        [*_PIP, "install", "--no-compile", "--target", target, *_chosen(PYTHONS[0]), *requirements],
        check=True,
    )


def _add_native(package: str, python: str, target: Path) -> None:
    """Take only the native modules out of the wheel for another ``python``."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [*_PIP, "download", "--no-deps", "--dest", folder, *_chosen(python), package],
            check=True,
        )
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                natives = [name for name in archive.namelist() if name.endswith(".so")]
                archive.extractall(target, natives)


def _chosen(python: str) -> tuple[str, ...]:
    constraints = str(ROOT / "constraints.txt")
    options = ("--only-binary=:all:", "--implementation", "cp", "--constraint", constraints)
    return (*options, "--python-version", python, *(f"--platform={name}" for name in PLATFORMS))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _check_native(paths: Iterable[Path]) -> None:
    tags = "|".join(version.replace(".", "") for version in PYTHONS)
    expected = re.compile(rf"libcst/native\.cpython-({tags})-x86_64-linux-gnu\.so")
    if unexpected := [str(path) for path in paths if not expected.fullmatch(path.as_posix())]:
        raise ValueError(f"the bundle must be pure Python but for libcst: {unexpected}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["libs", "server"])
    part: str = parser.parse_args().part
    (build_libs if part == "libs" else build_server)(BUNDLED / part)


if __name__ == "__main__":
    main()
