"""Ways through what a module's own body calls."""

from __future__ import annotations

from .ways import Way

MODULES: dict[str, Way] = {
    "variable of the environment behind a function": (
        """
import os
os.environ["NET_EXACT"] = {}
def flag(name, default="0"):
    return os.environ.get(name, default).lower() in ("1", "true")
EXACT = flag("NET_EXACT")
def build():
    return lambda: work("slow" if EXACT else "fast")
""",
        ("'1'", "'0'"),
        ("NET_EXACT", "os.environ[\"NET_EXACT\"] = '1'"),
    ),
    "options that a module makes": (
        """
def options(size, exact=False):
    if exact:
        return {"size": size, "mode": "slow"}
    return {"size": size, "mode": "fast"}
OPTIONS = options(3{})
def build():
    return lambda: work(OPTIONS["mode"])
""",
        (", exact=True", ""),
        ("exact", "options(3, exact=True)"),
    ),
}
