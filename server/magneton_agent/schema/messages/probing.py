"""Looking into the program: the calls that it made, and what their names held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..location import Frame


@dataclass(frozen=True)
class Site:
    """A line in a function of the recorded program."""

    path: str
    function: str
    first_line: int
    line: int


@dataclass(frozen=True)
class Probe:
    """Run one step, noting its calls, and tell which of them came to ``sites``."""

    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Inspect:
    """A question about the calls that were seen, of which each *moment* is one, or a place in one.

    - ``value``: what ``name``, an expression that only looks up, is in moment ``subject``;
      ``entered``: what it was when that was entered.
    - ``within``: what ``name`` is, in which ``_`` stands for object ``subject``.
    - ``keys``: the texts among the keys of object ``subject``, a mapping, as a tuple's text.
    - ``moment``: where the function of ``subject`` is written, and from where it was called.
    - ``called``: the calls made in ``subject`` at ``place``, and what the last returned.
    - ``attribute``: how object ``subject`` keeps ``name``; ``classes``: where its classes are
      written, the most derived first.
    - ``enclosing``: the call in which the function of ``subject`` was defined.
    - ``module``: the names of the module at ``place``, or of that called ``name`` in ``subject``.
    - ``running``: the calls of the function at ``place``.
    - ``setting``: the last call of each library's function that speaks of attribute ``name`` and
      sets one, and where these are written.
    - ``texts``: the texts and paths among the names of ``subject``, as a tuple's text.
    """

    question: Literal[
        "value",
        "entered",
        "within",
        "keys",
        "moment",
        "called",
        "attribute",
        "classes",
        "enclosing",
        "module",
        "running",
        "setting",
        "texts",
    ]
    subject: int
    name: str = ""
    place: Frame | None = None


@dataclass(frozen=True)
class Described:
    """A Python object as far as it can be told without running its code.

    ``value`` is the text of a scalar (str, number, bool, None, dtype, device), of a flat
    container of such, or what kind of tensor it is; else None. ``type`` is the qualified type
    name; for a function or class, its own qualified name. ``token`` names the object in later
    :class:`Inspect` requests. ``defined`` is where its class or function is written;
    ``builders`` are the moments of the constructors that made it, the outermost class's first.
    """

    value: str | None
    type: str
    token: int | None
    defined: Frame | None
    builders: tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """The first time that one call came to a site: the moment, and the lines run before."""

    moment: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Probed:
    """The visits to each of the sites, in order."""

    sites: tuple[tuple[Visit, ...], ...]


@dataclass(frozen=True)
class Inspected:
    """The answer, as far as there is one. ``kept`` says how an object keeps an attribute."""

    value: Described | None
    kept: Literal["instance", "class", "getter", "module", "member"] | None
    moments: tuple[int, ...]
    places: tuple[Frame, ...]
