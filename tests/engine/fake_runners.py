"""Runners that answer from a list, without any process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from magneton.engine.runner import Runner
from magneton_agent.schema.messages import Loaded, Request
from magneton_agent.schema.result import SideName
from tests.analysis.steps import loaded

T = TypeVar("T")
Answer = Callable[[Any], object]


class FakeRunner(Runner):
    """Answers a request by the function that ``answers`` has for its type; ``asked`` keeps all
    requests, ``order`` the names of the sides that were asked, in order."""

    def __init__(
        self, answers: dict[type[Any], Answer], name: SideName = "a", order: list[str] | None = None
    ) -> None:
        self.name, self.target, self.alone = name, f"{name}.py:build", False
        self.answers, self.asked, self.order = answers, list[Request](), order
        self._loaded: Loaded | None = loaded()
        self.ranks, self.revision = None, None  # one process of the files as they are

    @property
    def one_shot(self) -> bool:
        return False

    def load(self, **changes: Any) -> FakeRunner:
        """Itself, with another answer to ``Load``."""
        self._loaded = replace(self.loaded, **changes)
        return self

    async def ask(self, request: Request, reply: type[T]) -> T:
        self.asked.append(request)
        if self.order is not None:
            self.order.append(f"{self.name} {type(request).__name__}")
        answer = self.answers[type(request)](request)
        assert isinstance(answer, reply)
        return answer
