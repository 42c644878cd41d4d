"""Where values stand in files of options."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.source.data_files import find_value

JSON = """{
    "title": "net: {",
    "é": 1, "net": {"other": [{"mode": 1}, {"mode": 2}],
        "mode": "slow"},
    "mode": true
}
"""
YAML = """# net: is a comment
title: "net: x"
net:
  other:
    - mode: 1
      level: 2
    - mode: 3
  "mode": slow  # said here
mode: true
"""
BLOCKS = """text: |  # said here
  mode: 1

    net:
  mode: 2
folded: !!str >-2
    mode: 3
net:
  note: |+

    mode: 4
  # a comment
  mode: fast
  "a: b": >
    mode: 5
  steps:
    - |
      level: 1
    - plain
    - run: |
        level: 2
      level: 3
    -
      level: 4
    - - >
        level: 5
    - level: 6 | 7
pipe: a | b
mode: |
"""


@pytest.mark.parametrize(
    ("file", "text", "keys", "line", "columns"),
    [
        ("x.json", JSON, ["mode"], 5, (4, 16)),
        ("x.json", JSON, ["net", "mode"], 4, (8, 22)),
        ("x.json", JSON, ["net", "other", 1, "mode"], 3, (45, 54)),
        ("x.json", JSON, ["é"], 3, (4, 11)),
        ("x.yaml", YAML, ["mode"], 9, (0, 10)),
        ("x.yaml", YAML, ["net", "mode"], 8, (2, 27)),
        ("x.yml", YAML, ["net", "other", 0, "level"], 6, (6, 14)),
        ("x.yaml", YAML, ["net", "other", 1, "mode"], 7, (6, 13)),
        ("x.yaml", "a:\n- x: 1\n- x: 2\n  y: 3\nb:\n  y: 4\n", ["a", 1, "y"], 4, (2, 6)),
        ("x.yaml", "a:\n- x: 1\n- x: 2\n  y: 3\nb:\n  y: 4\n", ["b", "y"], 6, (2, 6)),
        ("x.yaml", BLOCKS, ["mode"], 29, (0, 7)),
        ("x.yaml", BLOCKS, ["net", "mode"], 13, (2, 12)),
        ("x.yaml", BLOCKS, ["text"], 1, (0, 20)),
        ("x.yaml", BLOCKS, ["net", "steps", 2, "level"], 22, (6, 14)),
        ("x.yaml", BLOCKS, ["net", "steps", 3, "level"], 24, (6, 14)),
        ("x.yaml", BLOCKS, ["net", "steps", 5, "level"], 27, (6, 18)),
    ],
)
def test_places(
    file: str, text: str, keys: list[str | int], line: int, columns: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    assert find_value([tmp_path], [file], keys) == (str(tmp_path / file), line, *columns)


@pytest.mark.parametrize(
    "keys", [["text", "mode"], ["net", "note", "mode"], ["net", "steps", 0, "level"]]
)
def test_the_text_of_block_scalars_is_no_mapping(keys: list[str | int], tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(BLOCKS, "utf-8")
    assert find_value([tmp_path], ["x.yaml"], keys) is None


def test_the_first_file_that_holds_the_keys(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}')
    (tmp_path / "b.json").write_text('{"b": 1}')
    names = ["missing.json", "a.json", str(tmp_path / "b.json"), "no file"]
    found = find_value([tmp_path], names, ["b"])
    assert found is not None
    assert found[0] == str(tmp_path / "b.json")


@pytest.mark.parametrize("text", ["", "[1, 2", "{]}", "a b c", "\0"])
def test_files_that_hold_nothing_of_the_kind(text: str, tmp_path: Path) -> None:
    for name in ("x.json", "x.yaml"):
        (tmp_path / name).write_text(text)
        assert find_value([tmp_path], [name], ["net"]) is None


TOML = """title = "net"  # said here
[net.other]
mode = 1
  "level" = 2
[[stages]]
mode = 3
[[stages]]
mode = 4
[net]
inner.mode = "slow"
"""
INI = """; net
[other]
mode = 1
[net.a]
level: 2
  mode : slow
"""


@pytest.mark.parametrize(
    ("name", "text", "keys", "place"),
    [
        ("x.toml", TOML, ("title",), (1, 0, 26)),
        ("x.toml", TOML, ("net", "other", "level"), (4, 2, 13)),
        ("x.toml", TOML, ("stages", 1, "mode"), (8, 0, 8)),
        ("x.toml", TOML, ("net", "inner", "mode"), (10, 0, 19)),
        ("x.toml", TOML, ("mode",), None),
        ("x.ini", INI, ("net.a", "mode"), (6, 2, 13)),
        ("x.cfg", INI, ("other", "mode"), (3, 0, 8)),
        ("x.ini", INI, ("net", "mode"), None),
    ],
)
def test_a_setting_below_a_section(
    name: str,
    text: str,
    keys: tuple[str | int, ...],
    place: tuple[int, int, int] | None,
    tmp_path: Path,
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    expected = None if place is None else (str(file), *place)
    assert find_value([tmp_path], [name], keys) == expected
