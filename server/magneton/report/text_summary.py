"""The end of a text report: where each step's energy went, conditions, verdict."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from magneton_agent.schema.deciding import decided_by
from magneton_agent.schema.judging import Per, Resolvable
from magneton_agent.schema.quantity import Absent, Figure, Quantity
from magneton_agent.schema.result import Comparison, Outputs, Side, SideName
from magneton_agent.schema.versions import differing_versions

from . import figures
from .findings import Sides
from .paint import Paint, Role
from .replays import replays_text
from .shares import percent
from .table import columns

ENERGY_ROWS: tuple[tuple[str, Callable[[Side], Figure]], ...] = (
    ("energy of a step", lambda side: side.energy_j),
    ("  operators", lambda side: side.operators_j),
    ("    unmatched", lambda side: side.unmatched_j),
    ("  host", lambda side: side.host_j),
    ("  idle", lambda side: side.idle_j),
    ("  residual", lambda side: side.residual_j),
)
_VERDICT_ROLES: dict[str, Role] = {
    "waste": "waste",
    "performance": "performance",
    "trade-off": "trade-off",
    "different": "different",
}
_VERDICTS = {
    "waste": "{} spends energy that the other saves in no more time",
    "performance": "{} needs more energy and more time for the same work",
    "trade-off": "{} needs more energy and less time for the same work",
    "equal": "no difference beyond the threshold",
    "unresolved": "the differences lie within the noise; a longer --time-budget narrows it",
    "different": "the two sides do not compute the same, so nothing is called waste",
}
MODELLED = "modelled: estimated from CPU time and step time by a power model, not read by a sensor"


def step_table(sides: Sides, per: Per | None, paint: Paint, width: int) -> list[str]:
    """Energy by kind of cost, time and operator count, one column a side; then the footnotes."""
    notes: list[str] = []
    rows = [["", *headings(sides), ""]]
    for label, pick in energy_rows(sides):
        parts = [pick(side) for side in sides.values()]
        rows.append([label, *(_cell(part, "J", notes) for part in parts), _sources(parts)])
    if per is not None:
        parts = [each_of(side) for side in sides.values()]
        label = f"each of {units(per)}"
        rows.append([label, *(_cell(part, "J", notes) for part in parts), _sources(parts)])
    times = [side.duration_s for side in sides.values()]
    rows.append(["time of a step", *(_cell(part, "s", notes) for part in times), _sources(times)])
    cpu_times = [side.cpu_s for side in sides.values()]
    cells = [_cell(part, "s", notes) for part in cpu_times]
    rows.append(["CPU time", *cells, _sources(cpu_times)])
    rows.append(["operators run", *(str(side.operators) for side in sides.values()), ""])
    heading, *lines = columns(rows)
    footnotes = [f"({number}) absent, because {note}" for number, note in enumerate(notes, 1)]
    footnotes += [
        _of(name, sides) + replays_text(side.replays)
        for name, side in sides.items()
        if side.replays is not None
    ]
    footnotes += modelled_text(sides)
    return [paint(heading, "bold"), *lines, *_wrapped(footnotes, width)]


def headings(sides: Collection[SideName]) -> list[str]:
    """Of a table with a column a side."""
    return [f"side {name}" for name in sides] if len(sides) > 1 else ["a step"]


def _of(name: SideName, sides: Sides) -> str:
    return f"{name}: " if len(sides) > 1 else ""


def energy_rows(sides: Sides) -> Iterator[tuple[str, Callable[[Side], Figure]]]:
    """The rows of :data:`ENERGY_ROWS`, without what is unmatched where nothing is matched."""
    for label, pick in ENERGY_ROWS:
        matched = any(isinstance(pick(side), Quantity) for side in sides.values())
        if matched or not label.endswith("unmatched"):
            yield label, pick


def modelled_text(sides: Sides) -> list[str]:
    """What *modelled* means, where the energy of a step is."""
    modelled = any(_source(side.energy_j) == "modelled" for side in sides.values())
    return [MODELLED] if modelled else []


def condition_lines(sides: Sides, width: int) -> list[str]:
    """What ran where, one line a side."""
    lines = [
        f"{_of(name, sides)}{side.target} on {side.device} ({processor(side)}), "
        f"Python {side.python}, torch {side.torch}, meter {side.meter}"
        for name, side in sides.items()
    ]
    return _wrapped(lines, width)


def version_lines(result: Comparison, width: int) -> list[str]:
    """The packages that the sides ran in other versions."""
    a, b = (side.conditions.packages for side in (result.sides.a, result.sides.b))
    found = [f"{name} {x} and {y}" for name, (x, y) in differing_versions(a, b).items()]
    return _wrapped([f"other versions on side a and b: {', '.join(found)}"] if found else [], width)


def closing_lines(result: Comparison, paint: Paint, width: int) -> list[str]:
    """Outputs, regions by class, and the verdict."""
    classes = Counter(region.class_ for region in result.regions)
    by_class = ", ".join(f"{count} {name}" for name, count in classes.most_common())
    verdict = paint(result.verdict, _VERDICT_ROLES.get(result.verdict, "note"))
    return [
        *_wrapped([outputs_text(result.outputs)], width),
        f"regions: {len(result.regions)} matched{f' ({by_class})' if by_class else ''}",
        f"verdict: {verdict}: {verdict_text(result)}",
        *_wrapped(resolvable_texts(result), width),
    ]


def outputs_text(outputs: Outputs) -> str:
    """``outputs: equal, largest relative error 2e-07``, or what differs first."""
    if outputs.compared == "none":
        why = outputs.first_difference or "the step returns and writes nothing"
        return f"outputs: not compared ({why}); findings are unverified"
    if outputs.equal:
        error = outputs.max_relative_error
        return f"{outputs.compared}: equal" + (
            f", largest relative error {error:.1g}" if error else ""
        )
    return f"{outputs.compared}: different: {outputs.first_difference or 'see the warnings'}"


def verdict_text(result: Comparison) -> str:
    """What the verdict means, in a clause."""
    if result.verdict == "unresolved" and not result.regions:
        return "no part of one side computes the same values as a part of the other"
    if _beside_the_parts(result):
        return "the steps differ, but no matched parts surely do: see host, unmatched, residual"
    return _VERDICTS[result.verdict].format(_costlier(result))


def _costlier(result: Comparison) -> str:
    """The side that the finding is about which the verdict has its word from."""
    found = decided_by(result)
    return "one side" if found is None else f"side {found.wasteful_side}"


def resolvable_texts(result: Comparison) -> list[str]:
    """Where the verdict is that nothing was found: what would have been."""
    seen = result.resolvable
    if result.verdict not in ("equal", "unresolved") or not isinstance(seen, Resolvable):
        return []
    if _beside_the_parts(result):
        return []
    return [
        f"resolvable: a difference of {percent(seen.share)} between the steps would have been told "
        "from none, four times of five"
    ]


def _beside_the_parts(result: Comparison) -> bool:
    """Whether the whole steps differ, and nothing that was matched tells why."""
    a, b = result.sides.a.energy_j, result.sides.b.energy_j
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        return False
    return result.verdict == "unresolved" and (a.low > b.high or b.low > a.high)


def each_of(side: Side) -> Figure:
    """Energy (J) for one of what a step does."""
    return side.energy_per_unit_j or Absent("this result was not divided by anything")


def units(per: Per) -> str:
    """``512 tokens``."""
    return f"{per.count:.12g} {per.unit}"


def _wrapped(texts: list[str], width: int) -> list[str]:
    return [line for text in texts for line in textwrap.wrap(text, width, subsequent_indent="  ")]


def _cell(figure: Figure, unit: figures.Unit, notes: list[str]) -> str:
    """The figure, or ``absent (n)`` with its reason added to ``notes``."""
    if isinstance(figure, Quantity):
        return figures.interval(figure, unit)
    if figure.absent not in notes:
        notes.append(figure.absent)
    return f"absent ({notes.index(figure.absent) + 1})"


def _sources(parts: list[Figure]) -> str:
    return " / ".join(dict.fromkeys(source for part in parts if (source := _source(part))))


def _source(figure: Figure) -> str | None:
    return figure.source if isinstance(figure, Quantity) else None


def processor(side: Side) -> str:
    if side.conditions.gpu is not None:
        return side.conditions.gpu
    threads = side.conditions.threads
    return f"{side.conditions.cpu}, {threads} thread{'' if threads == 1 else 's'}"
