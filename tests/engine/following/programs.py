"""Two small programs run in this process and asked as workers are, where they part.

A program's ``step`` (or what its ``build`` returns) calls ``slow()`` or ``fast()``; that call is
where the costs differ. What it calls ``more()`` for is cheaper and of another kind.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from magneton.analysis.diagnosis.facts import Followed
from magneton.engine.explaining import Explainer, Subject
from magneton.source.positions import Locator
from magneton.source.program import ProgramText
from magneton_agent.calls import CallLog
from magneton_agent.probe import probe
from magneton_agent.recall import Recaller
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Inspect, Probe
from magneton_agent.stacks import resolve
from tests.agent.steps import complete
from tests.analysis.steps import loaded, operator, recording
from tests.engine.fake_runners import FakeRunner

T = TypeVar("T")


class Program(FakeRunner):
    """One program: ``file`` of ``folder``, built under the eyes of a log."""

    def __init__(self, folder: Path, file: str, arguments: tuple[str, ...] = ()) -> None:
        super().__init__({})
        self.locator, self.file = Locator(folder), folder / file
        self._recaller = Recaller(CallLog())
        self.path: tuple[Frame, ...] = ()
        self.further: list[tuple[Frame, ...]] = []
        with _own_modules(folder), _arguments(file, *arguments), self._recaller.log.watching():
            module: Any = importlib.import_module(file.removesuffix(".py"))
            module.slow = self._note
            module.fast = self._note
            module.more = self._note_more
            self._step: Callable[[], object] = module.build()
            self._environment = dict(os.environ)
            self._modules = {each: sys.modules[each] for each in _modules(folder)}
        files = {
            str(Path(each.__file__ or "").relative_to(folder)) for each in self._modules.values()
        }
        self._loaded = replace(loaded(), files=dict.fromkeys(sorted(files), ""))
        with self._imported():
            self._step()

    def _note(self, *given: object) -> object:
        """Stands for the work: keeps the stack of its first call."""
        self.path = self.path or self._stack(sys._getframe(1))
        return given[0] if given else None

    def _note_more(self) -> None:
        """Stands for other work: keeps the stacks of all calls."""
        self.further.append(self._stack(sys._getframe(1)))

    def _stack(self, frame: FrameType | None) -> tuple[Frame, ...]:
        found: list[Frame] = []
        while frame is not None and frame.f_code is not Program._run.__code__:
            if frame.f_code.co_filename.startswith(str(self.file.parent)):
                found.append(resolve(frame.f_code, frame.f_lasti))
            if frame.f_back is None:
                break
            frame = frame.f_back
        return tuple(found)

    def _run(self) -> object:
        return self._step()

    @contextlib.contextmanager
    def _imported(self) -> Iterator[None]:
        sys.modules.update(self._modules)
        before = dict(os.environ)
        os.environ.update(self._environment)
        try:
            yield
        finally:
            _restore(before)
            for name in self._modules:
                del sys.modules[name]

    async def ask(self, request: Any, reply: type[T]) -> T:
        with self._imported():
            if isinstance(request, Probe):
                answer: object = complete(probe(self._recaller.log, request), self._run)
            else:
                assert isinstance(request, Inspect)
                answer = self._recaller.answer(request)
        assert isinstance(answer, reply)
        return answer


def followed(
    folder: Path,
    a: str,
    b: str,
    arguments: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    **files: str,
) -> Followed | None:
    """Why the program ``a`` (the wasteful one) and ``b`` part; ``files`` lie beside both."""
    explainer, _ = _explainer(folder, a, b, arguments, files)
    return asyncio.run(explainer.followed())


def followed_back(folder: Path, a: str, b: str) -> Followed | None:
    """Why ``a`` and ``b`` part in a backward pass, in which ``slow`` or ``fast`` is called for the
    gradients of what ``more`` was called for."""
    _, sides = _explainer(folder, a, b, ((), ()), {})
    subjects = [_of_a_pass(_subject(each)) for each in sides]
    explainer = Explainer(subjects[0], subjects[1], ProgramText(), lambda frame: True)
    return asyncio.run(explainer.followed())


def set_by(
    folder: Path, a: str, b: str, sets_too: bool, sets_first: bool = True
) -> Followed | None:
    """Why the call of ``slow`` or ``fast`` sets in ``a`` what it does, where ``b`` sets it too or
    never; or why ``a`` does not where only ``b`` sets it."""
    explainer, (x, y) = _explainer(folder, a, b, ((), ()), {})
    paths = (x.path if sets_first else (), y.path if sets_too else ())
    return asyncio.run(explainer.set_by(paths))


def seldom(folder: Path, a: str, b: str) -> Followed | None:
    """What decides that ``b`` comes less often to the call of ``slow`` than ``a``."""
    explainer, _ = _explainer(folder, a, b, ((), ()), {})
    return asyncio.run(explainer.seldom(0))


def gradients(folder: Path, a: str, b: str) -> Followed | None:
    """What decides that ``a`` records gradients where ``b`` does not."""
    explainer, _ = _explainer(folder, a, b, ((), ()), {})
    return asyncio.run(explainer.gradients())


def _explainer(
    folder: Path,
    a: str,
    b: str,
    arguments: tuple[tuple[str, ...], tuple[str, ...]],
    files: dict[str, str],
) -> tuple[Explainer, list[Program]]:
    for name, text in {"a": a, "b": b, **files}.items():
        (folder / (name.replace("__", ".") if "__" in name else f"{name}.py")).write_text(text)
    sides = [
        Program(folder, f"{name}.py", given) for name, given in zip("ab", arguments, strict=True)
    ]
    wasteful, efficient = (_subject(each) for each in sides)
    return Explainer(wasteful, efficient, ProgramText(), lambda frame: True), sides


def _subject(side: Program) -> Subject:
    paths = [side.path, *side.further]
    frames = [frame for path in paths for frame in path]
    ends = list(itertools.accumulate(map(len, paths)))
    stacks = [tuple(range(end - len(path), end)) for path, end in zip(paths, ends, strict=True)]
    operators = [operator("mul" if i == 0 else side.file.stem, stack=i) for i in range(len(paths))]
    return Subject(side, recording(operators, stacks, frames), tuple(range(len(paths))), 0)


def _of_a_pass(subject: Subject) -> Subject:
    first, *others = subject.recording.operators
    operators = (replace(first, phase="backward", forward=1), *others)
    return replace(subject, recording=replace(subject.recording, operators=operators))


def filled(text: str, values: tuple[str, str]) -> tuple[str, str]:
    """A program with a gap ``{}``, filled with the value of either side."""
    a, b = (text.replace("{}", value, 1) for value in values)
    return a, b


def place_of(found: Followed | None) -> tuple[str, str, int] | None:
    """Name, file and line of what was found."""
    if found is None:
        return None
    return found.name, Path(found.place.path).name, found.place.line


def expected_place(folder: Path, expected: tuple[str, str] | None) -> tuple[str, str, int] | None:
    """The same of a name and what its line of ``a.py`` holds."""
    return (expected[0], "a.py", line_of(folder, expected[1])) if expected is not None else None


def line_of(folder: Path, text: str, file: str = "a.py") -> int:
    """The line of ``file`` that holds ``text``."""
    source = (folder / file).read_text()
    return source[: source.index(text)].count("\n") + 1


def _modules(folder: Path) -> list[str]:
    return [
        name
        for name, module in sys.modules.items()
        if (getattr(module, "__file__", None) or "").startswith(str(folder))
    ]


def _restore(environment: dict[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


@contextlib.contextmanager
def _own_modules(folder: Path) -> Iterator[None]:
    """Modules of ``folder`` can be imported meanwhile, and are forgotten then."""
    sys.path.insert(0, str(folder))
    environment = dict(os.environ)
    importlib.invalidate_caches()
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(folder))
        _restore(environment)
        for name in _modules(folder):
            del sys.modules[name]


@contextlib.contextmanager
def _arguments(*given: str) -> Iterator[None]:
    before, sys.argv = sys.argv, list(given)
    try:
        yield
    finally:
        sys.argv = before
