"""Why the figures of one finding need not be what one expects from each other."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding

from .cases import Case

_LESS = 0.95  # of the difference: what rounding hides needs no words
_NEAR = 1.01  # times a bound of the ratio: the same
APART = Evidence(
    "repeated",
    "some of them repeat work, which is a finding of its own: the ratio and the figures of both "
    "sides hold what that costs, this saving does not",
    None,
)
"""Beside a finding that has only a part of what its regions differ in."""


def beside_ratio(case: Case) -> tuple[Evidence, ...]:
    """What to read beside the ratio of a case, where the ratio, both sides' energies and the saving
    do not follow from each other."""
    found = []
    if case.repeats:
        found.append(APART)
    if case.costs[0].to_whole_steps < _LESS:
        share = 100 * case.costs[0].to_whole_steps
        text = (
            "operators took more where they were timed than in whole steps: the saving is "
            f"{share:.0f} % of what the figures of both sides differ by"
        )
        found.append(Evidence("energy", text, None))
    ratio = case.energy_ratio
    if not ratio.low / _NEAR <= _of_figures(case) <= ratio.high * _NEAR:
        text = (
            "the figures of both sides are of the typical time of each operator, the ratio and "
            "the saving of its fastest in each block, which the machine disturbed least"
        )
        found.append(Evidence("energy", text, None))
    return tuple(found)


def _of_figures(case: Case) -> float:
    """The wasteful side's energy over the other's, as a reader divides them."""
    own, other = (
        cost.energy_of(each).value for cost, each in zip(case.costs, case.every, strict=True)
    )
    return own / other if other else case.energy_ratio.value


def together(findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    """The evidence of the first of ``findings``, which one cause explains, with what must be known
    of the others."""
    first, *others = findings
    count = sum(each.count for each in findings)
    what = "this cause explains" if first.cause is not None else "come from one place"
    most = max(findings, key=_saving)
    which = ", those that save most" if most is first else ", the first of them"
    text = (
        f"the ratio is of {first.count} of the {count} places that {what}{which}; the figures of "
        "both sides and the saving are of all of them"
    )
    repeated = [each for other in others for each in other.evidence if each.kind == "repeated"]
    more = repeated[:1] if all(each.kind != "repeated" for each in first.evidence) else []
    return (*first.evidence, Evidence("energy", text, None), *more)


def _saving(finding: Finding) -> float:
    return finding.saving_j.value if isinstance(finding.saving_j, Quantity) else 0.0
