"""Installed packages: their modules, and those of which two sides ran other versions."""

from __future__ import annotations

import re
from collections.abc import Mapping


def module_of(package: str) -> str:
    """The module that a package of this name has by custom: ``my-kit`` has ``my_kit``."""
    return re.sub(r"[-.]+", "_", package).lower()


def differing_versions(a: Mapping[str, str], b: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The versions of ``a`` and of ``b`` by package as ``a`` spells it, of those that both have."""
    others = {module_of(name): version for name, version in b.items()}
    return {
        name: (version, other)
        for name, version in a.items()
        if (other := others.get(module_of(name), version)) != version
    }
