"""Files that programs read their options from."""

from __future__ import annotations

JSON, YAML, TOML, INI = ".json", (".yaml", ".yml"), ".toml", (".ini", ".cfg", ".conf")
SUFFIXES = (JSON, *YAML, TOML, *INI)
