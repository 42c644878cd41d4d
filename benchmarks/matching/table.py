"""The suite's figures as tables in Markdown; what misses its aim is set in bold."""

from __future__ import annotations

from .aims import Figure, unmet
from .running import Run
from .scaling import AIM_S, AIM_SLOPE, Growth
from .truth import Known, distance
from .versus import AIM_MATCH_CUT_S, AIM_RATIO, Versus

HEADER = (
    "| pair | operators A / B | pairs P / R | F1 | labelled | regions P | regions R"
    " | roles a region | time matched A / B | flow, ms | match, ms | cut, ms |\n"
    f"|{' --- |' * 12}"
)
GROWTH_HEADER = f"| programs | operators A / B | seconds | µs an operator |\n|{' --- |' * 4}"


def line(run: Run) -> str:
    """One pair's figures."""
    score, truth = run.score, run.truth
    missed = unmet(run.pair, score)

    def cell(figure: Figure, text: str) -> str:
        return f"**{text}**" if figure in missed else text

    cells = [
        run.pair.name,
        f"{len(truth.a.recording.operators)} / {len(truth.b.recording.operators)}",
        f"{score.precision:.3f} / {score.recall:.3f}",
        cell("f1", f"{score.f1:.3f}"),
        cell("labelled", f"{score.labelled:.0%}"),
        cell("region_precision", f"{score.region_precision:.3f}"),
        cell("region_recall", f"{score.region_recall:.3f}"),
        cell("roles_a_region", f"{score.roles_a_region:.2f}"),
        cell("time_share", f"{score.share_a:.1%} / {score.share_b:.1%}"),
        *(f"{duration_s * 1e3:.0f}" for duration_s in (run.flow_s, run.match_s, run.cut_s)),
    ]
    return f"| {' | '.join(cells)} |"


BASELINE_HEADER = (
    "| pair | method | compare and cut, ms | pairs P / R | regions P / R | roles a region |\n"
    f"|{' --- |' * 6}"
)


def baseline_lines(versus: Versus) -> list[str]:
    """One pair by every method."""
    return [
        f"| {versus.pair.name} | {method} | {each.taken_s * 1e3:.0f} |"
        f" {each.score.precision:.3f} / {each.score.recall:.3f} |"
        f" {each.score.region_precision:.3f} / {each.score.region_recall:.3f} |"
        f" {each.score.roles_a_region:.2f} |"
        for method, each in versus.methods.items()
    ]


def speed_line(versus: Versus) -> str:
    """Whether the pair that is aimed at is fast enough."""
    verdict = "met" if versus.met else "**missed**"
    taken_ms, aim_ms = versus.own_s * 1e3, AIM_MATCH_CUT_S * 1e3
    return (
        f"{versus.pair.name}: {taken_ms:.0f} ms (aim: at most {aim_ms:.0f}),"
        f" {versus.ratio:.0f} times faster than the baseline (aim: {AIM_RATIO}): {verdict}"
    )


def growth_lines(growth: Growth) -> list[str]:
    """How one pair of programs grows, and whether that is slow enough."""
    lines = [
        f"| {growth.label} | {a} / {b} | {taken_s:.2f} | {taken_s / (a + b) * 1e6:.1f} |"
        for a, b, taken_s in growth.rows
    ]
    verdict = "met" if growth.met else "**missed**"
    lines.append(
        f"| {growth.label} | slope {growth.slope:.2f} | aim: at most {AIM_S:.0f} s and"
        f" {AIM_SLOPE} | {verdict} |"
    )
    return lines


def misses(run: Run) -> list[str]:
    """What keeps the figures from 1: wrong pairs, missed ones, bad regions, roles not found."""
    lines = []
    for kind, pairs in (("wrong", run.score.wrong), ("missed", run.score.missed)):
        lines += [f"  {kind}: {_pair(run, one, two)}" for one, two in pairs]
    lines += [
        f"  bad region: {_operators(run.truth.a, region.a)} <> {_operators(run.truth.b, region.b)}"
        for region in run.score.bad_regions
    ]
    lines += [f"  role not found: {phase} {role}" for phase, role in run.score.unfound_roles]
    return lines


def _pair(run: Run, one: int, two: int) -> str:
    a, b = run.truth.a.elements.get(one), run.truth.b.elements.get(two)
    comparable = a is not None and b is not None and a.shape == b.shape
    apart = f" apart {distance(a, b):.1e}" if comparable and a is not None and b is not None else ""
    return f"{_value(run.truth.a, one)} <> {_value(run.truth.b, two)}{apart}"


def _value(side: Known, group: int) -> str:
    value, label = side.recording.values[group], side.labels.values.get(group)
    maker = next((o.name for o in side.recording.operators if group in o.outputs), value.origin)
    roles = "+".join(sorted(label.roles)) if label else "?"
    phase = label.phase if label else None
    return f"{maker.removeprefix('aten::')} {group} [{phase} {roles}] {list(value.shape)}"


def _operators(side: Known, operators: tuple[int, ...]) -> str:
    names = []
    for number in operators:
        operator, label = side.recording.operators[number], side.labels.operators.get(number)
        if not operator.movement:
            roles = "+".join(sorted(label.roles)) if label else "?"
            names.append(f"{operator.name.removeprefix('aten::')} [{operator.phase} {roles}]")
    return ", ".join(names) or "nothing"
