"""The command line as a script sees it: exit status, standard output, standard error."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from magneton.cli.commands import compare as compare_command
from magneton.cli.commands import measure as measure_command
from magneton.cli.main import main
from magneton.engine import store
from magneton.engine.request import (
    CompareRequest,
    MeasureRequest,
    OnProgress,
    Options,
    Progress,
    SideRequest,
)
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Comparison, Sides
from tests import builders

Capture = pytest.CaptureFixture[str]


class Engine:
    """Stands in for the engine: remembers what it was asked for, answers with ``result``."""

    def __init__(self) -> None:
        self.requests: list[CompareRequest | MeasureRequest] = []
        self.result = builders.comparison()
        self.error: BaseException | None = None

    async def compare(self, request: CompareRequest, on_progress: OnProgress) -> Comparison:
        self.requests.append(request)
        on_progress(Progress("load", 0.1, "both sides"))
        if self.error is not None:
            raise self.error
        return self.result

    async def measure(self, request: MeasureRequest, on_progress: OnProgress) -> Measurement:
        self.requests.append(request)
        on_progress(Progress("load", 0.1, "side a"))
        return builders.measurement()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    made = Engine()
    monkeypatch.setattr(compare_command, "compare", made.compare)
    monkeypatch.setattr(measure_command, "measure", made.measure)
    monkeypatch.chdir(tmp_path)
    return made


def test_compare_prints_and_keeps_the_result(
    engine: Engine, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["compare", "a.py:build", "b.py:build"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("performance[f1]: the activation is written out")
    assert captured.out.endswith(
        "verdict: performance: side a needs more energy and more time for the same work\n"
    )
    assert captured.err == "load: both sides\n"
    assert store.load_last(tmp_path) == engine.result


def test_defaults(engine: Engine, tmp_path: Path) -> None:
    main(["compare", "a.py:build", "b.py:build"])
    expected = CompareRequest(
        str(tmp_path),
        SideRequest("a.py:build", sys.executable),
        SideRequest("b.py:build", sys.executable),
        Options(),
    )
    assert engine.requests == [expected]
    assert store.load_request(tmp_path) == expected


def test_every_flag_reaches_the_engine(engine: Engine, tmp_path: Path) -> None:
    flags = (
        "--threshold 0.05 --meter nvml --device cuda:1 --python /opt/p --python-b /opt/q "
        "--step train_step --detail operators --time-budget 30 --timeout 90 --record-masks --fix"
    )
    words = ["--args-a=--size '3 4'", "--args-b", "x"]
    main(["compare", "a.py", "b.py", *flags.split(), *words])
    assert engine.requests == [
        CompareRequest(
            str(tmp_path),
            SideRequest("a.py", "/opt/p", ("--size", "3 4")),
            SideRequest("b.py", "/opt/q", ("x",)),
            Options(
                *(0.05, "nvml", "cuda:1", "train_step", 30.0, 90.0),
                detail_operators=True,
                record_masks=True,
                fix=True,
            ),
        )
    ]


def test_json_on_standard_output_stands_alone(engine: Engine, capsys: Capture) -> None:
    for flags in ((), ("--fix", "--write")):
        assert main(["compare", "a.py:f", "b.py:f", "--json", "-", *flags]) == 0
        assert json.loads(capsys.readouterr().out)["schema"] == "magneton.comparison/1"


def test_json_in_a_file_comes_beside_the_text(
    engine: Engine, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["compare", "a.py:f", "b.py:f", "--json", "r.json"]) == 0
    assert store.load_result(tmp_path / "r.json") == engine.result
    assert capsys.readouterr().out.startswith("performance[f1]")


@pytest.mark.parametrize(
    ("flag", "status"),
    [
        ("waste", 0),
        ("performance", 1),
        ("waste,performance", 1),
        ("trade-off,different", 0),
        ("a:performance", 1),
        ("b:performance", 0),
        ("b:performance, a:performance", 1),
        ("a:waste,different", 0),
    ],
)
def test_fail_on(engine: Engine, flag: str, status: int) -> None:
    assert main(["compare", "a.py:f", "b.py:f", "--fail-on", flag]) == status


def test_fail_on_a_finding_behind_another_verdict(engine: Engine) -> None:
    engine.result = builders.comparison(
        verdict="waste", findings=(builders.finding(class_="trade-off"),)
    )
    assert main(["compare", "a.py:f", "b.py:f", "--fail-on", "trade-off"]) == 1


def test_fail_on_a_verdict_without_findings(engine: Engine) -> None:
    engine.result = builders.comparison(verdict="different", findings=())
    assert main(["compare", "a.py:f", "b.py:f", "--fail-on", "different"]) == 1


@pytest.mark.parametrize(("a_repeats_j", "status"), [(1.0, 0), (1.5, 1)])
def test_repeated_work_fails_a_side_only_where_it_decides(
    engine: Engine, a_repeats_j: float, status: int, capsys: Capture
) -> None:
    a, b = (
        builders.repeated(wasteful_side=side, saving_j=builders.quantity(joules))
        for side, joules in (("a", a_repeats_j), ("b", 1.0))
    )
    costlier = builders.finding(wasteful_side="b", saving_j=builders.quantity(0.1))
    engine.result = builders.comparison(verdict="performance", findings=(a, b, costlier))
    assert main(["compare", "a.py:f", "b.py:f", "--fail-on", "a:performance"]) == status
    side = "a" if status else "b"
    assert f"side {side} needs more energy and more time" in capsys.readouterr().out


def test_measure(engine: Engine, tmp_path: Path, capsys: Capture) -> None:
    assert main(["measure", "a.py", "--step", "train", "--args-a", "x y"]) == 0
    assert engine.requests == [
        MeasureRequest(
            str(tmp_path),
            SideRequest("a.py", sys.executable, ("x", "y")),
            Options(step="train"),
        )
    ]
    assert capsys.readouterr().out.startswith("energy by source range")
    assert store.load_last(tmp_path) == builders.measurement()


def test_a_step_is_named_of_scripts_alone(engine: Engine, capsys: Capture) -> None:
    assert main(["measure", "a.py:build", "--step", "train"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == (
        "error: --step train has nothing to name a step of"
    )
    assert main(["compare", "a.py:build", "b.py", "--step", "train"]) == 0
    assert len(engine.requests) == 1


def test_a_failing_side(engine: Engine, tmp_path: Path, capsys: Capture) -> None:
    store.save_result(tmp_path, builders.measurement())
    engine.error = MagnetonError("side a: it raised", "bad", "mend it", exit_status=3)
    assert main(["compare", "a.py:f", "b.py:f"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("error: side a: it raised\n  cause: bad\n  remedy: mend it\n")
    assert store.load_last(tmp_path) == builders.measurement()


def test_cancelling_says_so(engine: Engine, capsys: Capture) -> None:
    engine.error = KeyboardInterrupt()
    assert main(["compare", "a.py:f", "b.py:f"]) == 4
    assert capsys.readouterr().err.endswith("cancelled; earlier results are unchanged\n")


@pytest.fixture
def listening() -> Iterator[None]:
    """As on a terminal: what a shell runs in the background ignores Ctrl-C from the start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_an_interrupt_cancels_the_engines_task(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaned: list[str] = []

    async def compare(request: CompareRequest, on_progress: OnProgress) -> Comparison:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            cleaned.append("workers are gone")
        return builders.comparison()

    monkeypatch.setattr(compare_command, "compare", compare)
    assert main(["compare", "a.py:f", "b.py:f"]) == 4
    assert cleaned == ["workers are gone"]


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_so_does_being_asked_to_end(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    number: signal.Signals,
    ignored: bool,
) -> None:
    cleaned: list[str] = []
    if ignored:  # what a shell starts in the background ignores Ctrl-C, but not these
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def compare(request: CompareRequest, on_progress: OnProgress) -> Comparison:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(60)
        finally:
            cleaned.append("workers are gone")
        return builders.comparison()

    monkeypatch.setattr(compare_command, "compare", compare)
    before = signal.signal(number, signal.SIG_DFL)
    try:
        assert main(["compare", "a.py:f", "b.py:f"]) == 4
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert cleaned == ["workers are gone"]
    assert capsys.readouterr().err.endswith("cancelled; earlier results are unchanged\n")


def test_what_is_to_outlive_its_terminal_does(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def compare(request: CompareRequest, on_progress: OnProgress) -> Comparison:
        os.kill(os.getpid(), signal.SIGHUP)
        return builders.comparison()

    monkeypatch.setattr(compare_command, "compare", compare)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    try:
        assert main(["compare", "a.py:f", "b.py:f"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


CONTRADICTION = """\
the result cannot be stored
  cause: it contradicts itself: """


def test_a_result_that_contradicts_itself_is_shown(
    engine: Engine, tmp_path: Path, capsys: Capture
) -> None:
    wrong = builders.side(operators_j=builders.quantity(9.0))
    engine.result = builders.comparison(sides=Sides(wrong, builders.side()))
    assert main(["compare", "a.py:f", "b.py:f"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("performance[f1]")
    assert f"warning: {CONTRADICTION}" in captured.err
    assert store.load_last(tmp_path) is None
    for file in ("r.json", "-"):
        assert main(["compare", "a.py:f", "b.py:f", "--json", file]) == 3
        captured = capsys.readouterr()
        assert captured.out.startswith("performance[f1]") == (file == "r.json")
        assert f"error: {CONTRADICTION}" in captured.err
    assert not (tmp_path / "r.json").exists()


def test_a_full_disk_loses_nothing_that_was_measured(
    engine: Engine, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    assert main(["compare", "a.py:f", "b.py:f", "--json", "r.json"]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith("performance[f1]")
    assert f"warning: {tmp_path / '.magneton'}" in captured.err
    assert captured.err.endswith(
        "error: r.json could not be written\n"
        "  cause: no space left on device\n"
        "  remedy: Free some space, or name a file on another disk.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "dance",
        "compare a.py:f",
        "compare a.py:f b.py:f --threshold 10",
        "compare a.py:f b.py:f --fail-on equal",
        "compare a.py:f b.py:f --fail-on a:different",
        "compare a.py:f b.py:f --fail-on c:waste",
        "compare a.py:f b.py:f --thresh 0.1",
        "report r.json --format pdf",
    ],
)
def test_usage_errors(engine: Engine, arguments: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments.split())
    assert caught.value.code == 2
    assert "usage: magneton" in capsys.readouterr().err
    assert engine.requests == []


def test_colour_only_on_a_terminal_and_not_against_no_color(
    engine: Engine, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> str:
        main(["compare", "a.py:f", "b.py:f"])
        return capsys.readouterr().out

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in shown()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\x1b[1;33mperformance[f1]" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in shown()
