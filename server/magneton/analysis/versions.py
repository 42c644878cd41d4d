"""Which of the packages that the two sides have in other versions a call runs through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from magneton_agent.schema.location import Frame
from magneton_agent.schema.versions import differing_versions, module_of

_INSTALLED = frozenset(("site-packages", "dist-packages"))


def innermost_differing(
    path: Sequence[Frame],
    other: Sequence[Frame],
    packages: Mapping[str, str],
    others: Mapping[str, str],
) -> tuple[str, str, str] | None:
    """Name and both versions of the innermost package in ``path``, frames of installed code with
    the outermost first, that ``other`` runs through too and that the sides have in other
    versions."""
    differing = differing_versions(packages, others)
    reached = {_package(frame.path, differing) for frame in other}
    for frame in reversed(path):
        name = _package(frame.path, differing)
        if name is not None and name in reached:
            return name, *differing[name]
    return None


def _package(path: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that a file belongs to, by the folder or file that it is in."""
    parts = PurePath(path).with_suffix("").parts
    installed = [i for i, part in enumerate(parts) if part in _INSTALLED]
    within = parts[installed[-1] + 1 :][:1] if installed else parts
    return next((name for name in names if module_of(name) in within), None)
