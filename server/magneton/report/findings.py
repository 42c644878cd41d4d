"""What every report says about a finding: where it is shown, what both sides spend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.result import (
    Comparison,
    Evidence,
    Finding,
    Fix,
    RegionSide,
    Row,
    Side,
    SideName,
)

from . import figures

Sides = Mapping[SideName, Side]
_INSTALLED = ("site-packages", "dist-packages")
_SHORT = 12  # characters of a commit's name that tell it from others


def primary_location(finding: Finding) -> Location | None:
    """The deciding line where it is in the workspace, else the innermost user range."""
    cause = finding.cause.location if finding.cause else None
    if cause is not None and in_workspace(cause):
        return cause
    return finding.location


def in_workspace(location: Location) -> bool:
    return not PurePath(location.path).is_absolute()


def other_side(side: SideName) -> SideName:
    return "b" if side == "a" else "a"


def side_of(comparison: Comparison, name: SideName) -> Side:
    return comparison.sides.a if name == "a" else comparison.sides.b


def energy_j(comparison: Comparison, finding: Finding, name: SideName) -> Figure:
    """Energy a step (J) of the finding's regions on one side."""
    return figures.total(part.energy_j for part in _parts(comparison, finding, name))


def duration_s(comparison: Comparison, finding: Finding, name: SideName) -> Figure:
    """Time a step (s) of the finding's regions on one side."""
    return figures.total(part.duration_s for part in _parts(comparison, finding, name))


def headline(finding: Finding) -> str:
    """The message, with the number of places alike. Of repeated work the message counts itself."""
    times = f" (in {finding.count} places alike)" if finding.regions and finding.count > 1 else ""
    return finding.message + times


def saving_text(finding: Finding, alone: bool = False) -> str:
    """``saves 400 mJ (…), modelled: 20.0 % (…) of side a's step``; ``alone``: of the only side."""
    saving = figures.sourced(finding.saving_j, "J")
    ratio = figures.interval(finding.saving_ratio, "%")
    whose = "the step" if alone else f"side {finding.wasteful_side}'s step"
    return f"saves {saving}: {ratio} of {whose}"


def fix_text(fix: Fix) -> str:
    """``pass y=2: saves 400 mJ (…), modelled, when tried``."""
    tried = ", when tried" if fix.tried else "; it was not tried"
    return f"{fix.title}: saves {figures.sourced(fix.saving_j, 'J')}{tried}"


def ran(row: Row | None) -> str:
    """``×32`` of what ran 32 times in the step; nothing of what ran once."""
    return f"×{row.count}" if row is not None and row.count is not None and row.count > 1 else ""


def joules(row: Row | None) -> float:
    """A row's energy for drawing and sorting: nothing is drawn where there is no figure."""
    return row.energy_j.value if row and isinstance(row.energy_j, Quantity) else 0.0


def warnings(sides: Sides) -> tuple[str, ...]:
    """Each side's warnings: first those that every side gives, once; the others name their side."""
    given = {name: side.conditions.warnings for name, side in sides.items()}
    texts = dict.fromkeys(text for texts in given.values() for text in texts)
    common = [text for text in texts if all(text in own for own in given.values())]
    own = [f"side {name}: {text}" for name in given for text in given[name] if text not in common]
    return (*common, *own)


def comparison_warnings(comparison: Comparison) -> tuple[str, ...]:
    """What a reader must know before anything else: what both sides warn of, which may be why
    the outputs differ; that they do; then each side's own warnings."""
    outputs = comparison.outputs
    told = warnings({"a": comparison.sides.a, "b": comparison.sides.b})
    if outputs.equal is not False:
        return told
    what = f"{outputs.compared} differ"
    detail = f" ({outputs.first_difference})" if outputs.first_difference else ""
    common = sum(text in comparison.sides.b.conditions.warnings for text in told)
    differ = f"the {what}{detail}: the two sides do not do the same work"
    return (*told[:common], differ, *told[common:])


def place(location: Location) -> str:
    """``path:line:column`` with a 1-based column, as editors and compilers count; of a revision
    ``path@commit:line:column``."""
    revision = f"@{location.revision[:_SHORT]}" if location.revision else ""
    return f"{location.path}{revision}:{location.start.line}:{location.start.column + 1}"


def short_place(location: Location) -> str:
    """``path:line``, of a library from its package on, for beside a sentence."""
    parts = PurePath(location.path).parts
    ends = [number for number, part in enumerate(parts) if part in _INSTALLED]
    path = "/".join(parts[ends[-1] + 1 :]) if ends else location.path
    revision = f"@{location.revision[:_SHORT]}" if location.revision else ""
    return f"{path}{revision}:{location.start.line}"


def evidence_text(evidence: Evidence) -> str:
    """``side a runs aten::mul (a.py:4)``: the fact, and its place where it has one."""
    place = f" ({short_place(evidence.location)})" if evidence.location is not None else ""
    return evidence.text + place


def _parts(comparison: Comparison, finding: Finding, name: SideName) -> tuple[RegionSide, ...]:
    return tuple(
        region.a if name == "a" else region.b
        for region in comparison.regions
        if region.id in finding.regions
    )
