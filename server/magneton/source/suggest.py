"""What may have been meant where a target's file does not exist."""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = {"node_modules", "site-packages", "__pycache__"}
_MOST_FILES = 2000


def no_such_file(target: str, file: Path, workspace: Path) -> tuple[str, str, str]:
    """Fact, cause and remedy for a ``target`` whose ``file`` is missing or is a folder."""
    if file.is_dir():
        return f"'{target}' names a folder", f"{file} is not a file", "name a file in it"
    near = similar_files(file, workspace)
    return (
        f"'{target}': there is no such file",
        f"it was looked for at {file}",
        f"did you mean {' or '.join(near)}?" if near else "name an existing Python file",
    )


def similar_files(file: Path, workspace: Path) -> list[str]:
    """Up to three Python files of ``workspace``, relative to it, likeliest first: those with the
    same name, else those with a similar path."""
    known = list(itertools.islice(_python_files(workspace), _MOST_FILES))
    if same := [path for path in known if Path(path).name == file.name]:
        return same[:3]
    written = file.relative_to(workspace) if file.is_relative_to(workspace) else file
    stems = {path.removesuffix(".py"): path for path in known}  # any two names share the suffix
    near = difflib.get_close_matches(written.with_suffix("").as_posix(), stems, n=3)
    return [stems[stem] for stem in near]


def _python_files(workspace: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(workspace):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
        for name in sorted(files):
            if name.endswith(".py"):
                yield (Path(folder) / name).relative_to(workspace).as_posix()
