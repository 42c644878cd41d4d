"""Lets a checkout of a repository stand in the place of the repository itself."""

from __future__ import annotations

import os
import sys

_SHOWN = 3


def relocate(repository: str, checkout: str) -> None:
    """Point the import path into ``checkout`` where it points into ``repository``: packages
    installed from it in place (``pip install -e``) are then the checkout's too.

    What the checkout does not have, as an environment that lies in the repository, stays.
    """
    for number, entry in enumerate(sys.path):
        moved = counterpart(entry, repository, checkout)
        if moved is not None and os.path.isdir(moved):
            sys.path[number] = moved


def warnings_of(repository: str) -> tuple[str, ...]:
    """What to say where the program of a checkout imported files of ``repository``; nothing
    without one."""
    left = left_behind(repository) if repository else []
    if not left:
        return ()
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return (
        f"not all of this revision ran: {', '.join(left[:_SHOWN])}{more} was imported from the "
        "working tree (a package installed in place, or a path that the program adds); run it "
        "with an interpreter that does not have it installed",
    )


def left_behind(repository: str) -> list[str]:
    """The imported files of ``repository`` itself, relative to it: another version of the program
    than the checkout's. Files of an environment in the repository are not the program's."""
    environments = tuple(os.path.realpath(each) + os.sep for each in {sys.prefix, sys.base_prefix})
    found = set()
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str):
            continue
        path = os.path.realpath(path)
        inside = path.startswith(repository + os.sep)
        if inside and not path.startswith(environments) and "site-packages" not in path:
            found.add(os.path.relpath(path, repository))
    return sorted(found)


def counterpart(path: str, repository: str, checkout: str) -> str | None:
    """Where ``path`` of ``repository`` lies in ``checkout``; None where it is not in it."""
    path = os.path.realpath(path)
    if path != repository and not path.startswith(repository + os.sep):
        return None
    return os.path.join(checkout, os.path.relpath(path, repository))
