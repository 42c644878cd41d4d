"""What the client chose when it started the server, or since (docs/protocol.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lsprotocol import types

from magneton_agent.schema.codec import SchemaError, from_json
from magneton_agent.schema.result import Class

SeverityName = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True)
class Severities:
    waste: SeverityName = "warning"
    performance: SeverityName = "warning"
    other: SeverityName = "information"


@dataclass(frozen=True)
class Settings:
    """``trusted``: whether runs may be started; ``python``: the interpreter for them."""

    trusted: bool = False
    python: str | None = None
    severity: Severities = field(default_factory=Severities)

    def severity_of(self, class_: Class) -> types.DiagnosticSeverity:
        chosen: SeverityName = self.severity.other
        if class_ == "waste":
            chosen = self.severity.waste
        elif class_ == "performance":
            chosen = self.severity.performance
        return _SEVERITIES[chosen]


_SEVERITIES: dict[SeverityName, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def read_settings(options: Any) -> tuple[Settings, str | None]:
    """The settings in a client's initialization options, and what is wrong with them.

    Options that cannot be read leave the defaults, under which nothing is run.
    """
    if options is None:
        return Settings(), None
    try:
        return from_json(Settings, options), None
    except SchemaError as error:
        return Settings(), f"the initialization options are not usable: {error}"


def changed_settings(settings: Settings, changes: Any) -> tuple[Settings, str | None]:
    """``settings`` with what a client changes while the server runs, and what is wrong with that.

    Only severities are taken over: whether and with what runs may be started is settled at the
    start. Clients also send settings of other servers.
    """
    if not isinstance(changes, dict) or "severity" not in changes:
        return settings, None
    try:
        return replace(settings, severity=from_json(Severities, changes["severity"])), None
    except SchemaError as error:
        return settings, f"the severities are not usable: {error}"
