"""A stretch of a job's progress that is made of parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .request import OnProgress, PhaseName, Progress


@dataclass(frozen=True)
class Stage:
    """Fractions ``start`` to ``end`` of the job; ``lead`` begins every message."""

    on_progress: OnProgress
    phase: PhaseName
    start: float
    end: float
    lead: str = ""

    def at(self, done: float, message: str) -> None:
        """Tell that a share ``done`` of the stage is over, and what comes now."""
        fraction = self.start + (self.end - self.start) * done
        self.on_progress(Progress(self.phase, fraction, self.lead + message))

    def part(self, number: int, count: int, lead: str = "") -> Stage:
        """Part ``number``, from 0, of ``count`` equal ones."""
        width = (self.end - self.start) / count
        start = self.start + width * number
        return replace(self, start=start, end=start + width, lead=self.lead + lead)


def _unheard(progress: Progress) -> None:
    """Nobody looks."""


UNHEARD = Stage(_unheard, "diagnose", 0.0, 1.0)
