"""A finding with what it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from magneton_agent.schema.location import Frame, Location
from magneton_agent.schema.result import Finding, SideName

from ..analysis.diagnosis.calls import is_expression
from ..analysis.diagnosis.facts import Explanation, Facts
from ..analysis.diagnosis.movement import is_movement
from .cases import Case
from .confirming import Suspected


@dataclass(frozen=True)
class Told:
    """A finding with what it was made from. ``partings`` are where the other side goes another
    way."""

    finding: Finding
    case: Case
    explanation: Explanation | None
    facts: Facts
    suspected: Suspected
    partings: tuple[Frame, ...] = ()

    @property
    def side(self) -> SideName:
        return self.case.wasteful

    @property
    def saving(self) -> float:
        """J a step."""
        return self.case.saving_j.value

    @property
    def is_look(self) -> bool:
        """Whether no more is known than how what it is given looks, and not what decides that."""
        found = self.explanation
        if found is None or is_movement(found):
            return True
        return found.kind in ("dtype", "layout") and self.facts.followed is None

    @property
    def is_expression(self) -> bool:
        """Whether no more is known than that other expressions are written there, or that one moves
        data."""
        found = self.explanation
        return found is None or is_expression(found) or is_movement(found)

    @property
    def there(self) -> Location | None:
        """Where the other side gives its value of what decides, where that is known."""
        frame = self.explanation.there if self.explanation is not None else None
        return self.case.sites[1].location(frame) if frame is not None else None

    def decided_by(self) -> Iterator[object]:
        """What decides, where that is known: equal ones are one cause."""
        cause, followed = self.finding.cause, self.facts.followed
        if cause is None or self.explanation is None:
            return
        values = (cause.name, cause.wasteful_value, cause.efficient_value)
        # Without a place one name could mean two things.
        kind = cause.kind if cause.location is None else None
        yield (self.side, values, cause.location, kind)
        if followed is not None and self.explanation.frame == followed.place:
            values = (followed.name, followed.wasteful_value, followed.efficient_value)
            yield (self.side, values, cause.location, None)
