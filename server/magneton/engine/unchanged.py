"""Every process of a side must run the same files: what one shows is held against another's."""

from __future__ import annotations

from collections.abc import Mapping

from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError

from .failures import of

Files = Mapping[str, str]
"""SHA-256 of a side's imported files, by path."""


class FilesChanged(MagnetonError):
    """A file was edited while its side was measured: no result would be of one program."""


def check_unchanged(who: str, before: Files, now: Files) -> None:
    """
    Raises:
        FilesChanged: a file of the side ``who`` is not what it was when it was loaded before.
    """
    changed = sorted(name for name in before.keys() & now.keys() if before[name] != now[name])
    if changed:
        raise FilesChanged(
            of(who, f"{', '.join(changed)} changed while it was measured"),
            "a later process of the run would have run another program than the first",
            "run it again, and edit the file when it is done",
            EXIT_SIDE_FAILED,
        )
