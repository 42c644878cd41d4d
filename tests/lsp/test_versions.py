"""Contents of files, remembered by their digests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from magneton.lsp.versions import Versions


def test_the_oldest_are_forgotten_where_they_are_large(tmp_path: Path) -> None:
    versions, digests = Versions(), []
    for number in range(5):
        content = b"%d\n" % number + b"#" * (15 << 20)
        (tmp_path / "a.py").write_bytes(content)
        versions.remember(tmp_path / "a.py")
        digests.append(hashlib.sha256(content).hexdigest())
    known = [versions.lines(tmp_path / "gone.py", digest) is not None for digest in digests]
    assert known == [False, True, True, True, True]


def test_a_device_has_no_lines() -> None:
    digest = hashlib.sha256(b"").hexdigest()
    assert Versions().lines(Path("/dev/null"), digest) is None
