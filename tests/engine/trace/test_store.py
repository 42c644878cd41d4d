"""Trace files: written whole, and read without believing them."""

from __future__ import annotations

import copy
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from magneton.engine.trace import members, store
from magneton.engine.trace.format import Leaf, Trace
from magneton.engine.trace.store import StoredTrace, copy_outputs, is_trace, read_trace
from magneton_agent.schema.codec import to_json
from magneton_agent.schema.errors import MagnetonError
from tests.engine.trace.traces import BYTES, LEAF, taken, trace, written

WORKSPACE = Path("/w")
SAMPLE = {"steps": 1, "duration_s": 1.0, "cpu_s": 0.5, "energy_j": None}
LOADED = to_json(replace(trace().loaded, parameters=()))
UNREADABLE = "is not a trace that can be read"


def read(file: Path) -> StoredTrace:
    return read_trace(file, WORKSPACE)


def refused(file: Path) -> MagnetonError:
    with pytest.raises(MagnetonError) as caught:
        read(file)
    assert str(file) in caught.value.fact
    assert caught.value.cause
    assert caught.value.remedy
    return caught.value


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """``file`` with other members."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def head(**changes: object) -> Callable[[dict[str, bytes]], None]:
    """Changes fields of ``trace.json``."""

    def change(members: dict[str, bytes]) -> None:
        found = {**json.loads(members["trace.json"]), **changes}
        members["trace.json"] = json.dumps(found).encode()

    return change


@pytest.mark.parametrize(
    "made",
    [
        trace(),
        trace(one_shot=True, second=None),
        trace(outputs=(), target="train.py"),
        trace(first=taken(1, 3)),
    ],
)
def test_what_is_written_is_read(made: Trace, tmp_path: Path) -> None:
    assert read(written(tmp_path, made, [BYTES] * len(made.outputs))).trace == made


def test_outputs_come_back_byte_by_byte(tmp_path: Path) -> None:
    leaves = (LEAF, Leaf("output[1]", (), "bool"), Leaf("output[2]", (0, 3), "int64"))
    found = read(written(tmp_path, trace(outputs=leaves), [BYTES, b"\1", b""]))
    target = tmp_path / "outputs"
    target.mkdir()
    copy_outputs(found, target)
    assert [(target / name).read_bytes() for name in "012"] == [BYTES, b"\1", b""]


def test_equal_traces_need_no_pickle(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path)) as archive:
        names = set(archive.namelist())
        assert json.loads(archive.read("trace.json"))["schema"] == "magneton.trace/2"
        numbers = archive.read("columns/operators.inputs.items.i64")
        assert struct.unpack("<3q", numbers) == (0, 1, 2)
        assert archive.getinfo("outputs/0").compress_type == zipfile.ZIP_STORED
    assert {name.partition("/")[0] for name in names} == {"trace.json", "columns", "outputs"}


def test_a_file_that_was_there_survives_a_failure(tmp_path: Path) -> None:
    file = written(tmp_path)
    before = file.read_bytes()
    (tmp_path / "0").unlink()
    with pytest.raises(MagnetonError) as caught:
        store.write_trace(file, trace(), tmp_path, read(file).locator)
    assert caught.value.fact == f"{file} could not be written"
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    whole = file.read_bytes()
    for length in range(0, len(whole), 13):
        file.write_bytes(whole[:length])
        assert refused(file).fact == f"{file} {UNREADABLE}"


def test_a_flipped_byte_is_refused_or_means_nothing(tmp_path: Path) -> None:
    file = written(tmp_path)
    whole = file.read_bytes()
    unharmed = 0
    for position in range(0, len(whole), 7):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        try:
            found = read(file)
        except MagnetonError:
            continue
        assert found.trace == trace()
        unharmed += 1
    assert unharmed < len(whole) / 7 / 2  # dates, modes and the outputs, which are read later


def test_flipped_outputs_are_refused_when_they_are_read(tmp_path: Path) -> None:
    file = written(tmp_path)
    found = read(file)
    file.write_bytes(file.read_bytes().replace(BYTES, BYTES[::-1]))
    target = tmp_path / "outputs"
    target.mkdir()
    with pytest.raises(MagnetonError, match=UNREADABLE):
        copy_outputs(found, target)


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"PK\x03\x04" + bytes(100)])
def test_something_else_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.magneton-trace"
    file.write_bytes(content)
    assert refused(file).fact == f"{file} {UNREADABLE}"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path / "b.magneton-trace")
    assert error.fact == f"{tmp_path}/b.magneton-trace could not be read"
    assert error.cause == "no such file or directory"


def test_a_newer_format_is_told(tmp_path: Path) -> None:
    error = refused(rewritten(written(tmp_path), head(schema="magneton.trace/3", more=1)))
    assert error.fact.endswith("cannot be read by this version of Magneton")
    assert error.cause == "its format is magneton.trace/3; this version reads magneton.trace/2"
    assert error.remedy.startswith("Update Magneton")


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__delitem__(name)


def _longer(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: members[name] + bytes(8)})


def _constant(members: dict[str, bytes]) -> None:
    members["trace.json"] = members["trace.json"].replace(b'"step_s": 0.05', b'"step_s": NaN')


def _huge(members: dict[str, bytes]) -> None:
    members["trace.json"] = members["trace.json"].replace(
        b'"duration_s": 0.05', b'"duration_s": 1e999'
    )


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (_without("trace.json"), "trace.json is missing"),
        (_without("columns/values.group.i64"), "columns/values.group.i64 is missing"),
        (_without("outputs/0"), "outputs/0 is missing"),
        (_longer("columns/values.kind.i64"), "values.kind.i64 has 40 bytes"),
        (_longer("outputs/0"), "outputs/0 has not the size of float32 (2, 1)"),
        (head(schema="other/1"), "trace.json does not say that it is a trace"),
        (head(schema=None), "trace.json does not say"),
        (head(samples=None), "Header.samples: expected an array"),
        (head(strings=[]), "frames.path holds a number out of range"),
        (head(surprise=1), "Header: unknown surprise"),
        (head(first={"steps": [2, 0, 1], "dropped": 0}), "first has a block without steps"),
        (head(first={"steps": [4], "dropped": 0}), "first.duration_s.f64 has 48 bytes"),
        (head(outputs=[{"name": "o", "shape": [2], "dtype": "load"}]), "o is a tensor of load [2]"),
        (head(outputs=[{"name": "o", "shape": [-2], "dtype": "bool"}]), "o is a tensor of bool"),
        (head(samples=[]), "nothing was measured"),
        (head(first={"steps": [], "dropped": 0}), "nothing was measured"),
        (head(samples=[{**SAMPLE, "duration_s": 0.0}]), "samples holds (0.0, 0.5, 0.0)"),
        (head(samples=[{**SAMPLE, "cpu_s": -1.0}]), "samples holds (1.0, -1.0, 0.0)"),
        (head(samples=[{**SAMPLE, "energy_j": 1e999}]), "Infinity is not JSON"),
        (_huge, "samples holds (inf, "),
        (head(loaded={**LOADED, "meter": "dice"}), "loaded has 2 CPUs and meter 'dice'"),
        (head(loaded={**LOADED, "cpus": 0}), "loaded has 0 CPUs"),
        (_constant, "NaN is not JSON"),
    ],
)
def test_what_breaks_the_format_is_named(
    change: Callable[[dict[str, bytes]], None], cause: str, tmp_path: Path
) -> None:
    error = refused(rewritten(written(tmp_path), change))
    assert error.fact.endswith(UNREADABLE)
    assert error.cause.startswith(cause)


def test_members_that_the_format_does_not_know_are_left_alone(tmp_path: Path) -> None:
    def add(members: dict[str, bytes]) -> None:
        members |= {"/etc/passwd": b"x", "../../up": b"y", "columns/later.i64": b"z"}

    assert read(rewritten(written(tmp_path), add)).trace == trace()
    assert {each.name for each in tmp_path.iterdir()} == {"0", "a.magneton-trace"}


def test_paths_do_not_leave_the_workspace(tmp_path: Path) -> None:
    strings = json.loads(zipfile.ZipFile(written(tmp_path)).read("trace.json"))["strings"]
    for path in ("../a.py", "/w/a.py", "b/../../a.py"):
        changed = [path if each == "a.py" else each for each in strings]
        error = refused(rewritten(written(tmp_path), head(strings=changed)))
        assert error.cause == f"frames.path holds {path!r}, which is not inside a workspace"


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path)
    monkeypatch.setattr(members, "MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("columns/more.i64", bytes(1 << 21))
    assert file.stat().st_size < 1 << 16
    assert refused(file).cause == "it unpacks to more than 1 MiB"


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    leaf = Leaf("output", (25_000,), "float32")
    file = written(tmp_path, trace(outputs=(leaf,)), [bytes(100_000)])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("more", "")
        twin = copy.copy(archive.getinfo("outputs/0"))
        twin.filename = "outputs/1"
        archive.filelist.append(twin)
    assert refused(file).cause == "its members overlap"


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("trace.json", "{}")
    assert refused(file).cause == "it holds a member twice"


def test_deflated_outputs_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert refused(file).cause.startswith("outputs/0 is compressed in a way")


def test_too_large_a_trace_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_BYTES", 1000)
    with pytest.raises(MagnetonError) as caught:
        written(tmp_path)
    assert "the trace is larger than" in caught.value.fact
    assert not (tmp_path / "a.magneton-trace").exists()


def test_a_dtype_that_a_trace_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        written(tmp_path, trace(outputs=(replace(LEAF, dtype="bits16"),)))
    assert caught.value.fact == "output[0] cannot be kept in a trace"
    assert caught.value.cause == "the size of an element of bits16 is not known to it"


@pytest.fixture
def in_a_folder(tmp_path: Path) -> Path:
    written(tmp_path).rename(tmp_path / "before.json")
    (tmp_path / "a.py").write_text("PK = 1")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("before.json", True),  # whatever it is called
        ("gone.magneton-trace", True),
        ("a.py", False),
        ("a.py:build", False),
        ("package.module:build", False),
        ("a\0b", False),
    ],
)
def test_targets_that_are_traces(target: str, expected: bool, in_a_folder: Path) -> None:
    assert is_trace(target, in_a_folder) is expected
