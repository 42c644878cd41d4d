"""Which installed packages the program has imported, and in which versions."""

from __future__ import annotations

import importlib.metadata
import sys

from .schema.versions import module_of


def imported_packages() -> dict[str, str]:
    """Version by name of every distribution of which a module is loaded, by name in order.

    Which modules a distribution has is in its ``top_level.txt``; where there is none, it is taken
    to be the one of its own name.
    """
    found: dict[str, str] = {}
    for each in importlib.metadata.distributions():
        # Of two of one name the first on the import path is the one that runs. A broken one has
        # no metadata, or no version, whatever the types say.
        name: str | None = each.name
        if name is None or name in found or "Version" not in each.metadata:
            continue
        listed = (each.read_text("top_level.txt") or "").split()
        if any(module in sys.modules for module in listed or [module_of(name)]):
            found[name] = each.version
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))
