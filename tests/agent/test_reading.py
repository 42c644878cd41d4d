"""What is read of files that others name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from magneton_agent.schema.reading import read_regular


def test_a_file_is_read_whole_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\r\n2")
    (tmp_path / "link").symlink_to("a")
    assert read_regular(tmp_path / "link") == b"1\r\n2"


def test_what_may_never_end_or_begin_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        with pytest.raises(OSError, match="It is not a regular file"):
            read_regular(tmp_path / name)


def test_no_more_is_read_than_is_asked_for(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate((1 << 20) + 1)
    assert len(read_regular(tmp_path / "large")) == (1 << 20) + 1
    with pytest.raises(OSError, match="It is larger than 1 MiB"):
        read_regular(tmp_path / "large", 1 << 20)


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(OSError, match="It is not a path"):
        read_regular("a\0b")
