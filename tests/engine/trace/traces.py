"""Traces for tests: hand-made ones, ones of generated recordings, and files of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from magneton.engine.side import Taken
from magneton.engine.trace.format import Leaf, Trace
from magneton.engine.trace.store import StoredTrace, read_trace, write_trace
from magneton.source.positions import Locator
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Checked, NamedSketch, Sample, StepTiming
from magneton_agent.schema.recording import Kernel, NonFinite, Operator, Recording, Sketch, Value
from tests.analysis.steps import loaded

CREATED = "2025-01-02T03:04:05+00:00"
SKETCH = Sketch(2, 3.0, 3.0, 5.0, 9.0, 17.0, 1.0, 2.0, finite=True)
COUNTS = NonFinite(1, 2, 3)
MASK = Sketch(6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, finite=False, nonfinite=COUNTS)
# Every field differs from its neighbours and from its default.
RECORDING = Recording(
    operators=(
        Operator(0, "aten::mul", (0, 1), (2,), {"alpha": "1"}, "forward", "net.0", 1, False, None),
        Operator(
            id=1,
            name="aten::t",
            inputs=(2,),
            outputs=(3,),
            arguments={},
            phase="backward",
            module="",
            stack=0,
            movement=True,
            forward=0,
            random=True,
            settings=1,
            kernels=(Kernel("gemm", 2e-6), Kernel("copy", 1e-6), Kernel("gemm", 2e-6)),
            named_phase="decode",
        ),
    ),
    values=(
        Value(0, 0, (2,), (1,), "float32", "float", "parameter", "weight", MASK, 7, 0),
        Value(1, 1, (), (), "int64", "int", "input", None, None, 8, 1),
        Value(2, 2, (1, 2), (0, 1), "bfloat16", "float", "operator", None, SKETCH, 9, 2),
        Value(3, 2, (2, 1), (1, 0), "bfloat16", "float", "operator", None, None, 9, 2),
    ),
    frames=(
        Frame("/w/a.py", "build.<locals>.step", 3, line=7, column=8, end_line=7, end_column=19),
        Frame("/lib/torch/nn.py", "forward", 10, line=12, column=4, end_line=13, end_column=9),
    ),
    stacks=((), (1, 0)),
    settings={"torch.get_num_threads()": "2"},
    outputs=(3,),
    compiled=("Net.forward",),
    variants=({}, {"torch.get_num_threads()": "1"}),
)
STEP = StepTiming((0.01, 0.02), (0.01, 0.03), 0.001, 0.002)
SAMPLES = (Sample(4, 0.05, 0.08, None), Sample(5, 0.06, 0.09, 1.5))
LEAF = Leaf("output[0]", (2, 1), "float32")
BYTES = bytes.fromhex("0000803f00000040")  # 1.0, 2.0


def taken(*steps_a_block: int, step: StepTiming = STEP) -> Taken:
    """Blocks of so many steps."""
    return Taken(CREATED, SAMPLES, tuple((step,) * count for count in steps_a_block), (), 1)


def trace(recording: Recording = RECORDING, **changes: Any) -> Trace:
    """A trace of ``recording``, in which every operator takes the same time."""
    operators = len(recording.operators)
    step = replace(STEP, duration_s=(0.01,) * operators, cpu_s=(0.02,) * operators)
    default = Trace(
        target="a.py:build",
        created=CREATED,
        magneton_version="0.1.0",
        one_shot=False,
        loaded=loaded(parameters=(NamedSketch("net.weight", (2, 1), SKETCH),)),
        checked=Checked("outputs", (LEAF.name,), 0, (), (), 0.05),
        recording=recording,
        first=replace(taken(2, 1, step=step), warnings=("a short window",)),
        second=replace(taken(2, step=step), samples=()),
        outputs=(LEAF,),
    )
    return replace(default, **changes)


def written(folder: Path, made: Trace | None = None, outputs: Sequence[bytes] = (BYTES,)) -> Path:
    """The file of a trace, whose program lay in ``/w``."""
    for number, content in enumerate(outputs):
        (folder / str(number)).write_bytes(content)
    file = folder / "a.magneton-trace"
    write_trace(file, made or trace(), folder, Locator(Path("/w")))
    return file


def read_back(folder: Path, made: Trace) -> StoredTrace:
    """``made``, written and read."""
    return read_trace(written(folder, made), Path("/w"))


_texts = st.text(max_size=6)
_numbers = st.integers(min_value=0, max_value=2**62)
_floats = st.floats(allow_nan=False)
_nonfinite = st.builds(NonFinite, *[st.integers(min_value=1, max_value=9)] * 3)
_sketches = st.builds(Sketch, _numbers, *[_floats] * 7, st.booleans(), st.none() | _nonfinite)
_frames = st.builds(
    Frame,
    st.sampled_from(["/w/a.py", "/w/é/b.py", "/lib/c.py", "<string>"]),
    _texts,
    *[st.integers(min_value=0, max_value=99)] * 5,
)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Recordings in which every index is one, and nothing else makes sense."""
    frames = draw(st.lists(_frames, max_size=3))
    values = draw(st.integers(min_value=1, max_value=4))
    operators = draw(st.integers(min_value=0, max_value=4))
    variants = draw(st.lists(st.dictionaries(_texts, _texts, max_size=2), min_size=1, max_size=2))
    stacks = draw(st.lists(_indices(len(frames)), min_size=1, max_size=3))
    return Recording(
        operators=tuple(
            draw(_operators(number, operators, values, len(stacks), len(variants)))
            for number in range(operators)
        ),
        values=tuple(draw(_values(number)) for number in range(values)),
        frames=tuple(frames),
        stacks=tuple(stacks),
        settings=draw(st.dictionaries(_texts, _texts, max_size=2)),
        outputs=draw(_indices(values)),
        compiled=tuple(draw(st.lists(_texts, max_size=2))),
        variants=tuple(variants),
    )


def _indices(size: int) -> st.SearchStrategy[tuple[int, ...]]:
    if size == 0:
        return st.just(())
    return st.lists(st.integers(min_value=0, max_value=size - 1), max_size=3).map(tuple)


def _operators(
    number: int, operators: int, values: int, stacks: int, variants: int
) -> st.SearchStrategy[Operator]:
    return st.builds(
        Operator,
        st.just(number),
        _texts,
        _indices(values),
        _indices(values),
        st.dictionaries(_texts, _texts, max_size=2),
        st.sampled_from(["forward", "backward", "optimizer"]),
        _texts,
        st.integers(min_value=0, max_value=stacks - 1),
        st.booleans(),
        st.none() | st.integers(min_value=0, max_value=operators - 1),
        st.booleans(),
        st.integers(min_value=0, max_value=variants - 1),
        st.lists(st.builds(Kernel, _texts, st.floats(min_value=0, max_value=1e9)), max_size=2).map(
            tuple
        ),
        _texts,
    )


def _values(number: int) -> st.SearchStrategy[Value]:
    shape = st.lists(_numbers, max_size=3).map(tuple)
    return st.builds(
        Value,
        st.just(number),
        st.integers(min_value=0, max_value=number),
        shape,
        shape,
        _texts,
        st.sampled_from(["float", "complex", "int", "bool"]),
        st.sampled_from(["parameter", "input", "operator"]),
        st.none() | _texts,
        st.none() | _sketches,
        _numbers,
        _numbers,
    )
