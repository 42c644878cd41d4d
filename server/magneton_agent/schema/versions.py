"""Packages of which the two sides of a comparison ran other versions."""

from __future__ import annotations

from collections.abc import Mapping


def differing_versions(a: Mapping[str, str], b: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The versions of ``a`` and of ``b`` by package, of those that both have."""
    return {
        name: (version, b[name]) for name, version in a.items() if b.get(name, version) != version
    }
