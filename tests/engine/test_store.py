"""Results on disk."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from magneton.engine import store
from magneton.engine.request import CompareRequest, Options, SideRequest
from magneton.engine.validation import InvalidResultError
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.result import OperatorRows
from tests import builders


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    rows = OperatorRows(a=(builders.operator_row(),), b=(builders.operator_row(region=None),))
    comparison = builders.comparison(operators=rows)
    assert store.save_result(tmp_path, comparison) == tmp_path / ".magneton" / "last.json"
    assert store.load_last(tmp_path) == comparison
    store.save_result(tmp_path, builders.measurement())
    assert store.load_last(tmp_path) == builders.measurement()


def test_the_folder_keeps_itself_out_of_git(tmp_path: Path) -> None:
    store.save_result(tmp_path, builders.comparison())
    assert (tmp_path / ".magneton" / ".gitignore").read_text() == "*\n"
    names = sorted(path.name for path in (tmp_path / ".magneton").iterdir())
    assert names == [".gitignore", "last.json"]


def test_the_file_opens_with_its_schema(tmp_path: Path) -> None:
    store.write_result(tmp_path / "r.json", builders.comparison())
    text = (tmp_path / "r.json").read_text()
    assert text.startswith('{\n  "schema": "magneton.comparison/1",')
    assert text.endswith("}\n")


def test_half_a_surrogate_pair_is_written_as_a_question_mark(tmp_path: Path) -> None:
    store.write_result(tmp_path / "r.json", builders.measurement(created="\ud83d now"))
    assert store.load_result(tmp_path / "r.json").created == "? now"


def test_a_workspace_without_results_has_none(tmp_path: Path) -> None:
    assert store.load_last(tmp_path) is None
    assert store.load_request(tmp_path) is None


def test_the_request_is_remembered(tmp_path: Path) -> None:
    request = CompareRequest(
        str(tmp_path),
        SideRequest("a.py:build", "/usr/bin/python3", ("--size", "3")),
        SideRequest("pkg.b:build", "/opt/venv/bin/python"),
        Options(threshold=0.05, step="train_step", detail_operators=True),
    )
    store.save_request(tmp_path, request)
    assert store.load_request(tmp_path) == request


def test_a_damaged_request_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".magneton").mkdir()
    (tmp_path / ".magneton" / "last-request.json").write_text('{"workspace": 3}')
    with pytest.raises(MagnetonError, match=r"last-request\.json is not a result"):
        store.load_request(tmp_path)


def test_a_result_that_leads_to_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".magneton").mkdir()
    (tmp_path / ".magneton" / "last.json").symlink_to("/dev/null")
    with pytest.raises(MagnetonError) as caught:
        store.load_last(tmp_path)
    assert caught.value.cause == "it is not a regular file"


@pytest.mark.parametrize("number", ["1e999", "-1e101", "1" + "0" * 400])
def test_a_number_that_nothing_can_be_reckoned_with_is_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "r.json"
    store.write_result(path, builders.measurement())
    path.write_text(path.read_text().replace('"low": 1.98,', f'"low": {number},'))
    with pytest.raises(MagnetonError) as caught:
        store.load_result(path)
    assert caught.value.cause == "it holds a number larger than 1e+100"


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    store.write_result(path, builders.comparison())
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(MagnetonError) as caught:
        store.load_result(path)
    assert caught.value.fact == f"{path} is not a result that can be read"
    assert caught.value.cause.startswith("it is not whole JSON")
    assert caught.value.exit_status == 2


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"schema": "magneton.comparison/2", "novel": 1}')
    with pytest.raises(MagnetonError) as caught:
        store.load_result(path)
    assert caught.value.cause == (
        "its format is magneton.comparison/2; "
        "this version reads magneton.comparison/1, magneton.measurement/1, magneton.what-if/1"
    )
    assert caught.value.remedy.startswith("Update Magneton")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("[1, 2]", "it does not say that it is a Magneton result"),
        ('{"schema": 7}', "it does not say that it is a Magneton result"),
        ('{"schema": "other/1"}', "it does not say that it is a Magneton result"),
        ('{"schema": "magneton.comparison/1"}', "it does not follow magneton.comparison/1"),
        ('{"schema": NaN}', "it is not whole JSON: NaN is not JSON"),
        ("[" * 100_000, "it is not whole JSON"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: str, cause: str) -> None:
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(MagnetonError) as caught:
        store.load_result(tmp_path / "r.json")
    assert caught.value.cause.startswith(cause)


def test_a_field_of_another_type_is_refused(tmp_path: Path) -> None:
    data = json.loads(store.encode(builders.comparison()))
    data["findings"][0]["count"] = 1.0  # an integer to JSON Schema, not to the dataclass
    (tmp_path / "r.json").write_text(json.dumps(data))
    with pytest.raises(MagnetonError) as caught:
        store.load_result(tmp_path / "r.json")
    assert "findings[0].count: expected int, found float" in caught.value.cause


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        store.load_result(tmp_path / "none.json")
    assert caught.value.cause == "no such file or directory"


def test_parts_that_do_not_add_up_are_never_written(tmp_path: Path) -> None:
    wrong = builders.measurement(side=builders.side(idle_j=builders.quantity(0.3)))
    with pytest.raises(InvalidResultError, match=r"side a: .* miss the energy by 0\.05"):
        store.write_result(tmp_path / "r.json", wrong)
    assert not (tmp_path / "r.json").exists()


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save_result(tmp_path, builders.comparison())

    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(MagnetonError) as caught:
        store.save_result(tmp_path, builders.measurement())
    path = tmp_path / ".magneton" / "last.json"
    assert caught.value.fact == f"{path} could not be written"
    assert caught.value.cause == "no space left on device"
    assert caught.value.remedy == "Free some space, or name a file on another disk."
    assert store.load_last(tmp_path) == builders.comparison()
    assert sorted(p.name for p in path.parent.iterdir()) == [".gitignore", "last.json"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        store.write_result(tmp_path / "no" / "r.json", builders.comparison())
    assert caught.value.remedy == f"Create the folder {tmp_path / 'no'} first."


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MagnetonError, match="not a regular file"):
        store.write_result(tmp_path / "pipe", builders.comparison())
    assert (tmp_path / "pipe").is_fifo()


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    store.write_result(tmp_path / "link.json", builders.comparison())
    assert (tmp_path / "link.json").is_symlink()
    assert store.load_result(tmp_path / "real.json") == builders.comparison()


def test_links_among_the_results_of_a_workspace_are_replaced(tmp_path: Path) -> None:
    folder = tmp_path / ".magneton"
    folder.mkdir()
    (tmp_path / "mine").write_text("precious")
    (folder / "last.json").symlink_to("../mine")
    (folder / "last-request.json").symlink_to("../mine")
    (folder / ".gitignore").symlink_to("../made")
    store.save_result(tmp_path, builders.comparison())
    side = SideRequest("a.py:build", "/usr/bin/python3")
    store.save_request(tmp_path, CompareRequest(str(tmp_path), side, side, Options()))
    assert (tmp_path / "mine").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".magneton", "mine"]
    assert not any(path.is_symlink() for path in folder.iterdir())
    assert store.load_last(tmp_path) == builders.comparison()


def test_a_link_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".magneton").symlink_to("elsewhere")
    with pytest.raises(MagnetonError, match="nothing was stored in"):
        store.save_result(tmp_path, builders.comparison())
    assert list((tmp_path / "elsewhere").iterdir()) == []
