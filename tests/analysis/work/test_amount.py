"""Precision and bytes of operators."""

from __future__ import annotations

import pytest

from magneton.analysis.work.amount import Traffic, Work, work_of
from magneton_agent.schema.recording import Recording, Value

from .calls import step, tensor


def work(recording: Recording) -> Work:
    return work_of(recording, recording.operators[0])


@pytest.mark.parametrize(
    ("name", "setting", "rate"),
    [
        ("mm", {}, "matrix/fp32"),
        ("mm", {"torch.backends.cuda.matmul.allow_tf32": "True"}, "matrix/tf32"),
        ("mm", {"torch.backends.cudnn.allow_tf32": "True"}, "matrix/fp32"),
        ("cudnn_convolution", {"torch.backends.cudnn.allow_tf32": "True"}, "matrix/tf32"),
        ("add", {"torch.backends.cuda.matmul.allow_tf32": "True"}, "vector/fp32"),
    ],
)
def test_tf32_where_the_settings_allow_it(name: str, setting: dict[str, str], rate: str) -> None:
    values = [tensor(i, (4, 4)) for i in range(3)]
    assert work(step(name, values[:2], values[2:], setting)).rate == rate


def test_half_precision_is_never_tf32() -> None:
    values = [tensor(i, (4, 4), "bfloat16") for i in range(3)]
    setting = {"torch.backends.cuda.matmul.allow_tf32": "True"}
    assert work(step("mm", values[:2], values[2:], setting)).rate == "matrix/bf16"


def test_bytes_read_and_written() -> None:
    values = [tensor(0, (4, 6), "bfloat16"), tensor(1, (6, 5), "bfloat16")]
    found = work(step("mm", values, [tensor(2, (4, 5), "bfloat16")]))
    assert found.reads == (Traffic(0, 48), Traffic(1, 60))
    assert found.writes == (Traffic(2, 40),)


def test_an_expanded_dimension_is_read_once() -> None:
    wide = tensor(0, (8, 5), strides=(0, 1))
    assert work(step("neg", [wide], [tensor(1, (8, 5))])).reads == (Traffic(0, 20),)


def test_a_view_does_nothing_and_writing_in_place_reads_too() -> None:
    source: Value = tensor(0, (4, 6))
    view = tensor(1, (6, 4), storage=0)
    assert work(step("t", [source], [view])).reads == ()
    written = tensor(1, (4, 6), storage=0, version=1)
    found = work(step("relu_", [source], [written]))
    assert (found.reads, found.writes) == ((Traffic(0, 96),), (Traffic(0, 96),))


def test_what_is_overwritten_is_not_read_and_what_is_not_written_costs_nothing() -> None:
    target, source = tensor(0, (4, 6)), tensor(1, (4, 6))
    copied = work(step("copy_", [target, source], [tensor(2, (4, 6), storage=0, version=1)]))
    assert (copied.reads, copied.writes) == ((Traffic(1, 96),), (Traffic(0, 96),))
    assert work(step("empty", [], [tensor(0, (9,))])).writes == ()


def test_an_embedding_reads_the_rows_that_it_takes() -> None:
    table, rows = tensor(0, (1000, 8)), tensor(1, (3,), "int64")
    found = work(step("embedding", [table, rows], [tensor(2, (3, 8))]))
    assert found.reads == (Traffic(0, 96), Traffic(1, 24))


def test_an_unknown_operator_has_bytes_only() -> None:
    found = work(step("my_kernel", [tensor(0, (4,))], [tensor(1, (4,))]))
    assert (found.counted, found.operations, found.reads) == (False, 0.0, (Traffic(0, 16),))
