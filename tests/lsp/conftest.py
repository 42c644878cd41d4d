"""A workspace folder with the files of the canned results."""

from __future__ import annotations

from pathlib import Path

import pytest

from .results import write_files


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Holds ``a.py`` and ``b.py``; beside it lies ``library.py``."""
    folder = tmp_path / "work"
    folder.mkdir()
    write_files(folder)
    return folder
