"""Source files in a test's workspace."""

from __future__ import annotations

import hashlib
from pathlib import Path


def write(workspace: Path, name: str, text: str) -> dict[str, str]:
    """Write the file; returns ``Side.files`` for it."""
    (workspace / name).write_text(text, encoding="utf-8")
    return {name: hashlib.sha256(text.encode()).hexdigest()}
