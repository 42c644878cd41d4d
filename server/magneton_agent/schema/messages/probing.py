"""Looking into the program: values at places of its code, and arguments of constructors."""

from __future__ import annotations

from dataclasses import dataclass

from ..location import Frame


@dataclass(frozen=True)
class Site:
    """A place in a function of the recorded program, where ``expressions`` are evaluated."""

    path: str
    function: str
    first_line: int
    line: int
    expressions: tuple[str, ...]


@dataclass(frozen=True)
class Probe:
    """Run one step and report values at ``sites`` and the arguments of their functions."""

    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Inspect:
    """Evaluate ``expression`` with the arguments that ``function``, a constructor of object
    ``token``, was called with (qualified name, ``GPT2MLP.__init__``)."""

    token: int
    function: str
    expression: str


@dataclass(frozen=True)
class Described:
    """A Python object as far as it can be told without running its code.

    ``value`` is the ``repr`` of a scalar (str, number, bool, None, dtype, device), else None.
    ``type`` is the qualified type name; for a function or class, its own qualified name.
    ``token`` names the object in later :class:`Inspect` requests. ``defined`` is where its class
    or function is written; ``built`` the stack, innermost first, of the call that built it.
    """

    expression: str
    value: str | None
    type: str
    token: int | None
    defined: Frame | None
    built: tuple[Frame, ...]


@dataclass(frozen=True)
class Argument:
    """One argument that a function was entered with."""

    name: str
    value: Described


@dataclass(frozen=True)
class SiteValues:
    """The values at one site, in its first visit of the step. ``reached`` is false where the
    step never came there."""

    reached: bool
    values: tuple[Described, ...]
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Probed:
    sites: tuple[SiteValues, ...]


@dataclass(frozen=True)
class Inspected:
    """``value`` is None where the expression could not be evaluated, because of ``reason``."""

    value: Described | None
    reason: str | None
