"""Lines as Python and editors count them."""

from __future__ import annotations

from pathlib import Path

from magneton.source.text import decode, read_lines, split_lines


def test_only_newlines_and_carriage_returns_end_lines() -> None:
    assert split_lines("a\r\nb\rc\nd\x0ce\u2028f\n") == ("a", "b", "c", "d\x0ce\u2028f", "")


def test_the_coding_cookie_and_the_byte_order_mark_are_honoured() -> None:
    assert decode("# coding: latin-1\né".encode("latin-1")) == "# coding: latin-1\né"
    assert decode("é".encode("utf-8-sig")) == "é"


def test_what_is_no_source_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "cookie.py").write_bytes(b"# coding: no-such\n")
    assert read_lines(tmp_path / "bytes.py") is None
    assert read_lines(tmp_path / "cookie.py") is None
    assert read_lines(tmp_path / "missing.py") is None
