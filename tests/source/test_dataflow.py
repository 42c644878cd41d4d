"""What a source file's text tells of a call, of its parameters and of an attribute."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.source.dataflow import Assignment, CallText, SourceReader
from magneton_agent.schema.location import Frame

SOURCE = """\
import torch


def attend(query, key, fused=False, *, scale=None):
    é = query @ key
    if fused:
        return run(query, key, scale=scale)
    return torch.softmax(é, dim=-1)


class Block(torch.nn.Module):
    def __init__(self, config, width: int):
        self.width: int = width
        if config.fast:
            self.act = FAST[config.act]
        else:
            self.act = config.act
        self.table["x"] = width

    def reset(self):
        self.act = None
        self.late = self.width

    def again(self):
        self.late = 1


@torch.no_grad()
def decorated(x):
    return (x
            .float()
            .sum(0,
                 *x))


def chained(x):
    é = 1; return é(**x)
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "net.py").write_text(SOURCE, encoding="utf-8")
    return str(tmp_path / "net.py")


def frame(path: str, text: str, function: str, start: int = 0) -> Frame:
    """The frame that runs the expression ``text``, ``start`` bytes into it, in ``function``."""
    data = SOURCE.encode()
    offset = data.index(text.encode())
    end = offset + len(text.encode())
    first = SOURCE.split("\n").index(next(x for x in SOURCE.split("\n") if function in x)) + 1
    return Frame(path, function, first, *_place(data, offset + start), *_place(data, end))


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].split(b"\n")
    return len(before), len(before[-1])


def definition(path: str) -> Frame:
    first = SOURCE.split("\n").index("class Block(torch.nn.Module):") + 1
    return Frame(path, "Block", first, first, 0, first + 14, 0)


def test_a_call_as_it_is_written(path: str) -> None:
    found = SourceReader().call_at(frame(path, "run(query, key, scale=scale)", "def attend"))
    assert found == CallText("run", ("scale",), 2, starred=False)


def test_columns_are_bytes(path: str) -> None:
    found = SourceReader().call_at(frame(path, "é(**x)", "def chained"))
    assert found == CallText("é", (), 0, starred=True)


def test_a_chain_over_several_lines_starts_at_the_methods_name(path: str) -> None:
    text = "sum(0,\n                 *x)"
    found = SourceReader().call_at(frame(path, text, "@torch.no_grad()"))
    assert found == CallText("x.float().sum", (), 2, starred=True)


def test_what_is_no_call_is_none(path: str) -> None:
    assert SourceReader().call_at(frame(path, "query @ key", "def attend")) is None


def test_a_file_that_is_gone_or_no_python_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    reader = SourceReader()
    for name in ("none.py", "broken.py"):
        where = Frame(str(tmp_path / name), "f", 1, 1, 0, 1, 3)
        assert reader.call_at(where) is None
        assert reader.reaching_parameters(where) == {}
        assert reader.deciding_parameters(where) == {}
        assert reader.attribute_assignment(where, "act") is None


def test_reaching_parameters(path: str) -> None:
    where = frame(path, "torch.softmax(é, dim=-1)", "def attend")
    assert SourceReader().reaching_parameters(where) == {"query": 1, "key": 1}


def test_deciding_parameters(path: str) -> None:
    reader = SourceReader()
    for text in ("run(query, key, scale=scale)", "torch.softmax(é, dim=-1)"):
        assert reader.deciding_parameters(frame(path, text, "def attend")) == {"fused": 0}
    assert reader.deciding_parameters(frame(path, "query @ key", "def attend")) == {}


def test_a_decorated_function_starts_at_its_decorator(path: str) -> None:
    where = frame(path, "x\n            .float()", "@torch.no_grad()")
    assert SourceReader().reaching_parameters(where) == {"x": 0}


def test_a_function_that_is_not_there_has_no_parameters(path: str) -> None:
    assert SourceReader().reaching_parameters(Frame(path, "f", 2, 5, 8, 5, 19)) == {}


def test_an_attribute_is_followed_into_the_constructor(path: str) -> None:
    # Both branches, then their condition.
    assert SourceReader().attribute_assignment(definition(path), "act") == Assignment(
        function="Block.__init__",
        value="FAST[config.act] or config.act",
        lookups=("FAST", "config.act", "config.fast"),
        frame=Frame(path, "Block.__init__", 12, 15, 23, 15, 39),
    )


def test_an_annotated_attribute(path: str) -> None:
    found = SourceReader().attribute_assignment(definition(path), "width")
    assert found is not None
    assert (found.value, found.lookups) == ("width", ("width",))


def test_outside_of_the_constructor_the_last_method_counts(path: str) -> None:
    found = SourceReader().attribute_assignment(definition(path), "late")
    assert found is not None
    assert (found.function, found.value, found.lookups) == ("Block.again", "1", ())


@pytest.mark.parametrize("attribute", ["table", "missing"])
def test_an_attribute_that_the_class_does_not_set(path: str, attribute: str) -> None:
    assert SourceReader().attribute_assignment(definition(path), attribute) is None
