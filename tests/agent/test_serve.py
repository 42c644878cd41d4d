"""The agent as the engine meets it: in its own process, over the channel."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from magneton_agent.meters.sensors import find_sensors
from magneton_agent.schema.messages import (
    Check,
    Checked,
    Close,
    Inspect,
    Inspected,
    Loaded,
    Measure,
    Measured,
    Probe,
    Probed,
    Record,
    Site,
    Time,
    Timed,
    names_digest,
)
from magneton_agent.schema.recording import Recording

from .agents import Agent, load

if TYPE_CHECKING:
    from magneton_agent.schema.location import Frame


def program(folder: Path, source: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


def functions(frames: tuple[Frame, ...], path: Path) -> list[tuple[str, int]]:
    """Function and line of each frame, all of which must be in ``path``."""
    assert {frame.path for frame in frames} == {str(path)}
    return [(frame.function, frame.line) for frame in frames]


CALLABLE = """\
    import os, sys
    import torch
    import context, schema  # the program's own, beside it

    print("importing", context.MINE, schema.MINE)

    def build():
        torch.manual_seed(5)
        weight = torch.nn.Parameter(torch.ones(3, 3))
        x = torch.randn(4, 3)

        def step():
            print("stepping")
            print("to the error stream", file=sys.stderr)
            os.write(1, b"to the descriptor\\n")
            scale = 2.0
            return x @ weight * scale, any(
                os.path.basename(entry).startswith("magneton") for entry in sys.path
            )

        return step
"""


def test_a_callable_from_load_to_close(tmp_path: Path) -> None:
    for name in ("context", "schema"):
        program(tmp_path, "MINE = 'own'\n", f"{name}.py")
    path = program(tmp_path, CALLABLE)
    (tmp_path / "kept").mkdir()
    with Agent(tmp_path) as agent:
        loaded = agent.ask(load(path, "build"), Loaded)
        checked = agent.ask(Check(str(tmp_path / "kept"), None), Checked)
        measured = agent.ask(Measure(3, 0.0), Measured)
        recording = agent.ask(Record(), Recording)
        names = [operator.name for operator in recording.operators]
        timed = agent.ask(Time(2, names_digest(names)), Timed)
        others = agent.ask(Time(2, names_digest(["aten::other"])), Timed)
        site = Site(str(path), "build.<locals>.step", 12, 17)
        ((visit,),) = agent.ask(Probe((site,)), Probed).sites
        scale = agent.ask(Inspect("value", visit.moment, "scale"), Inspected).value
        agent_on_path = (tmp_path / "kept" / "1").read_bytes()
        agent.send(Close())
        assert agent.ended() == 0

    assert loaded.device == "cpu"
    assert loaded.meter_absent == find_sensors(False, "auto", "").absent
    assert sorted(loaded.files) == ["context.py", "program.py", "schema.py"]
    assert {each.name: each.shape for each in loaded.parameters} == {"weight": (3, 3), "x": (4, 3)}
    assert (checked.kind, checked.names) == ("outputs", ("output[0]", "output[1]"))
    assert [each.equal for each in checked.repeat] == [True, True]
    assert agent_on_path == b"\0"  # False: nothing of ours on sys.path
    assert [sample.steps for sample in measured.samples] == [3]
    assert names == ["aten::mm", "aten::mul"]
    assert {value.name: value.origin for value in recording.values if value.name} == {
        "weight": "parameter"
    }
    assert (len(timed.steps), timed.dropped) == (2, 0)
    assert (len(others.steps), others.dropped) == (0, 2)
    assert scale is not None
    assert scale.value == "2.0"
    # 2 for the check, 3 measured, 1 recorded, twice 2 timed after one more, 1 probed: all were
    # printed, none was heard.
    assert agent.printed.count("stepping\n") == 13
    assert agent.printed.count("to the descriptor\n") == 13
    assert agent.printed.startswith("importing own own\n")


RAISING = """\
    import torch

    class Model(torch.nn.Module):
        def forward(self, x):
            raise ValueError("é😀 is wrong")

    CALLS = []

    def step():
        CALLS.append(1)
        if len(CALLS) == 2:
            Model()(torch.ones(1))
        if len(CALLS) == 3:
            return torch.ones(2, device="meta")
        return torch.ones(1)
"""


def test_a_step_that_raises_is_told_and_the_next_one_served(tmp_path: Path) -> None:
    path = program(tmp_path, RAISING)
    with Agent(tmp_path) as agent:
        agent.ask(load(path, "step"), Loaded)  # the first call
        failure = agent.refused(Measure(1, 0.0))
        # What a step returned may turn out unusable only after it.
        unusable = agent.refused(Check(str(tmp_path), None))
        assert agent.ask(Measure(1, 0.0), Measured).samples[0].steps == 1
    assert (failure.kind, failure.fact) == ("raised", "the step raised ValueError: é😀 is wrong")
    assert functions(failure.frames, path) == [("step", 12), ("Model.forward", 5)]
    assert unusable.fact.startswith("the step raised NotImplementedError: Cannot copy out of meta")


def test_what_cannot_be_loaded(tmp_path: Path) -> None:
    path = program(tmp_path, "import sys\ndef build(): sys.exit('no data')\n")
    with Agent(tmp_path) as agent:
        failure = agent.refused(load(path, "build"))
        assert agent.ended() == 0
    assert failure.fact == "loading build raised SystemExit: no data"
    assert functions(failure.frames, path) == [("build", 2)]


SCRIPT = """\
    import os, sys, torch

    def step(depth):
        print("step", depth)
        if depth:
            return step(depth - 1)  # part of the step
        return torch.ones(2)

    child = os.fork()
    if not child:
        step(0)  # the child's, of no concern to anyone
        print("child", flush=True)
        os._exit(0)
    os.waitpid(child, 0)

    for call in range(5):
        result = step(1)
    print("total", result.sum().item())
    sys.exit(0)
"""


def test_a_script_is_served_at_its_own_steps(tmp_path: Path) -> None:
    path = program(tmp_path, SCRIPT)
    with Agent(tmp_path) as agent:
        agent.ask(load(path, "step", "script"), Loaded)
        checked = agent.ask(Check(str(tmp_path), None), Checked)
        recording = agent.ask(Record(), Recording)
        digest = names_digest(each.name for each in recording.operators)
        timed = agent.ask(Time(1, digest), Timed)
        measured = agent.ask(Measure(50, 0.0), Measured)
        failure = agent.refused(Measure(1, 0.0))
        agent.send(Close())
        assert agent.ended() == 0
    assert (checked.names, checked.repeat) == (("output",), ())
    assert [each.name for each in recording.operators] == ["aten::ones"]
    assert len(timed.steps) == 1
    # Five calls: one checked, one recorded, one timed; the script has no more than two left.
    assert [sample.steps for sample in measured.samples] == [2]
    assert failure.kind == "exhausted"
    assert agent.printed.endswith("total 2.0\n")
    assert agent.printed.count("step 1\n") == 5
    assert agent.printed.count("child\n") == 1


def test_a_whole_script_is_one_step(tmp_path: Path) -> None:
    path = program(tmp_path, "import sys, torch\nprint(sys.argv[1], torch.ones(2).sum().item())\n")
    with Agent(tmp_path) as agent:
        agent.ask(load(path, None, "script", arguments=("--fast",)), Loaded)
        recording = agent.ask(Record(), Recording)
        assert agent.refused(Record()).kind == "exhausted"
    assert "aten::sum" in [each.name for each in recording.operators]
    assert agent.printed == "--fast 2.0\n"


def test_a_script_whose_step_raises_is_answered_once(tmp_path: Path) -> None:
    source = "def step():\n    raise ValueError('no')\nstep()\n"
    path = program(tmp_path, source)
    with Agent(tmp_path) as agent:
        agent.ask(load(path, "step", "script"), Loaded)
        failure = agent.refused(Measure(1, 0.0))
        assert agent.refused(Measure(1, 0.0)).kind == "exhausted"
    assert failure.fact == "the step raised ValueError: no"
    assert functions(failure.frames, path) == [("step", 2)]


def test_a_script_that_never_comes_to_its_step(tmp_path: Path) -> None:
    path = program(tmp_path, "def step(): pass\n")
    with Agent(tmp_path) as agent:
        failure = agent.refused(load(path, "step", "script"))
        assert agent.ended() == 0
    assert failure.fact == f"{path} ended without calling step"


FORKING = """\
    import os, time, torch

    CALLS = []

    def step():
        CALLS.append(1)
        if len(CALLS) == 2:
            if not os.fork():
                return torch.zeros(1)  # the child comes back from the step too
        if len(CALLS) == 3:
            child = os.fork()
            if not child:
                time.sleep(600)
            print("child", child, flush=True)
            os._exit(9)
        return torch.ones(1)
"""


def test_forks_and_a_step_that_leaves(tmp_path: Path) -> None:
    path = program(tmp_path, FORKING)
    with Agent(tmp_path) as agent:
        agent.ask(load(path, "step"), Loaded)
        assert agent.ask(Measure(1, 0.0), Measured).samples[0].steps == 1
        agent.send(Measure(1, 0.0))
        # The channel ends with the program: the child that lives on does not hold it.
        assert agent.rest() == b""
        assert agent.process.wait() == 9
        assert agent.process.stdout is not None
        os.kill(int(agent.process.stdout.readline().split()[1]), 9)


BUILDING = """\
    import torch

    class Scaled(torch.nn.Module):
        def __init__(self, factor=3.0):
            super().__init__()
            self.factor = factor

        def forward(self, x):
            return x * self.factor

    def build():
        model = Scaled()
        x = torch.ones(2)
        return lambda: model(x)
"""


def test_construction_is_remembered_and_the_agent_ends_with_the_engine(tmp_path: Path) -> None:
    path = program(tmp_path, BUILDING)
    with Agent(tmp_path) as agent:
        agent.ask(load(path, "build", trace_construction=True), Loaded)
        site = Site(str(path), "Scaled.forward", 8, 9)
        ((visit,),) = agent.ask(Probe((site,)), Probed).sites
        itself = agent.ask(Inspect("value", visit.moment, "self"), Inspected).value
        assert itself is not None
        (builder,) = itself.builders[:1]
        told = agent.ask(Inspect("moment", builder), Inspected)
        inspected = agent.ask(Inspect("entered", builder, "factor"), Inspected)
        agent.hang_up()
        assert agent.ended() == 0
    assert functions(told.places[1:], path) == [("build", 12)]
    assert inspected.value is not None
    assert inspected.value.value == "3.0"
