"""What a rule may know of a finding, and what it says of it.

Everything is told from the wasteful and the efficient side, never from ``a`` and ``b``: a rule
that holds one way holds the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import Category, Cause, CauseKind, SideName

from ..effect import Effect
from .moves import MoveFact


@dataclass(frozen=True)
class SideFacts:
    """One side of a finding.

    ``operators`` are one instance's, movement left out; ``inputs`` the dtype and strides of each
    operator's inputs; ``frame`` the innermost range in the user's workspace, ``text`` what is
    written there; ``settings`` those in force.
    """

    name: SideName
    operators: tuple[Operator, ...]
    inputs: tuple[tuple[str, ...], ...]
    frame: Frame | None
    text: str | None
    settings: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The operators' names, in order."""
        return tuple(operator.name for operator in self.operators)


@dataclass(frozen=True)
class Passed:
    """A place that a deciding value went through, and what it is called there."""

    name: str
    wasteful_value: str
    efficient_value: str
    place: Frame


@dataclass(frozen=True)
class Followed:
    """What decided that both sides go on differently from one ``function``.

    ``name`` is decided at ``place``; where ``given`` is false, by a call of ``owner`` that leaves
    it at its default. ``way`` leads there, the nearest to the function first. Of a ``tensor`` only
    where it comes from is known. ``there`` is where the efficient side gives its value, None where
    that is not known.
    """

    function: Frame
    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str
    place: Frame
    given: bool | None
    owner: str | None
    way: tuple[Passed, ...]
    tensor: bool = False
    there: Frame | None = None


_TORCH = "torch."
OPERAND_KINDS: tuple[CauseKind, ...] = ("argument", "dtype", "layout")
"""Of differences in what reaches an operator."""


@dataclass(frozen=True)
class Difference:
    """What is otherwise on either side: a setting in force, or what reaches an operator."""

    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str

    def is_tensors(self, wasteful_value: str, efficient_value: str) -> bool:
        """Whether it is the layout or type of a tensor, between these values, which may name
        torch."""
        if self.kind not in ("dtype", "layout"):
            return False
        pairs = (
            (self.wasteful_value, wasteful_value),
            (self.efficient_value, efficient_value),
        )
        return all(x.removeprefix(_TORCH) == y.removeprefix(_TORCH) for x, y in pairs)


@dataclass(frozen=True)
class TriedFact:
    """The efficient side's value was put in force on the wasteful side: its ``effect``, or None and
    why it was ``untried``. ``confirmed`` says that this is what the finding comes from."""

    difference: Difference
    effect: Effect | None
    confirmed: bool = False
    untried: str = ""

    @property
    def text(self) -> str:
        """What was tried, and what came of it."""
        outcome = self.effect.text if self.effect is not None else f"not tried: {self.untried}"
        values = self.difference
        return f"with {values.efficient_value} instead of {values.wasteful_value}, {outcome}"


@dataclass(frozen=True)
class WaitFact:
    """The host of the wasteful side waits for its device ``times`` a step, in operators of these
    ``names``, first at ``frame``, where ``text`` is written; the other side's ``other_times``.
    ``share`` is the part of the difference in energy that waiting makes."""

    names: tuple[str, ...]
    times: int
    other_times: int
    share: float
    frame: Frame | None
    text: str | None


@dataclass(frozen=True)
class Facts:
    """All that is known of a finding; ``shared`` whether both sides run common functions,
    ``versions`` the innermost package of the calls of which they have other versions: its name,
    the wasteful and the efficient version. ``tried`` are the settings, or what reaches their
    operators, that differ between them."""

    wasteful: SideFacts
    efficient: SideFacts
    shared: bool
    followed: Followed | None = None
    versions: tuple[str, str, str] | None = None
    tried: tuple[TriedFact, ...] = ()
    waits: WaitFact | None = None
    moves: MoveFact | None = None

    def left(self, differences: Iterable[Difference]) -> list[Difference]:
        """Those of ``differences`` of which no trial has told what they do."""
        told = {each.difference for each in self.tried if each.effect is not None}
        return [each for each in dict.fromkeys(differences) if each not in told]

    def moving(self, kinds: Iterable[CauseKind]) -> TriedFact | None:
        """Of what was tried of ``kinds`` and confirmed, what saves most."""
        found = [
            (each.effect.ratio.value, each)
            for each in self.tried
            if each.confirmed and each.effect is not None and each.difference.kind in kinds
        ]
        return max(found, key=lambda pair: pair[0], default=(0.0, None))[1]

    def beside(
        self, cause: Cause | None, through: str | None = None
    ) -> tuple[tuple[str, str], ...]:
        """What was or could not be tried and is not the ``cause`` under any name, and why;
        ``through`` is the setting or operand that the cause decides on."""
        return tuple(
            (each.difference.name, f"{'it counts too: ' * each.confirmed}{each.text}")
            for each in self.tried
            if cause is None
            or not (
                each.difference.name in (cause.name, through)
                or each.difference.is_tensors(cause.wasteful_value, cause.efficient_value)
            )
        )

    @property
    def same_operators(self) -> bool:
        """Whether both sides run operators of the same names in the same order."""
        return self.wasteful.names == self.efficient.names


@dataclass(frozen=True)
class Note:
    """A piece of evidence."""

    kind: str
    text: str
    frame: Frame | None


@dataclass(frozen=True)
class Explanation:
    """What a rule found. ``frame`` is the deciding place, ``there`` that on the efficient side,
    None where they are not known; ``confirmed`` says that the cause was tried, and that the energy
    moved with it."""

    category: Category | None
    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str
    frame: Frame | None
    evidence: tuple[Note, ...]
    message: str
    remedy: str
    confirmed: bool = False
    there: Frame | None = None
