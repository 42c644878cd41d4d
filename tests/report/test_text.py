"""Text reports, letter by letter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from magneton.report import text
from magneton_agent.schema.judging import Per, Resolvable
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import (
    Breakdowns,
    Candidate,
    Comparison,
    Evidence,
    Fix,
    Outputs,
    Sides,
)
from tests import builders

from . import sources

_REPORT = """\
performance[f1]: the activation is written out in small operators
  saves 400 mJ (396 to 404), modelled: 20.0 % (19.8 to 20.2) of side a's step
 --> a.py:1:9
  |
1 | def net(activation="written-out"):
  |         ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = side a: 500 mJ (495 to 505), modelled; 25.0 ms (24.8 to 25.2)
  = side b: 100 mJ (99 to 101), modelled; 5.00 ms (4.95 to 5.05)
  = cause: argument activation: 'written-out' here, 'fused' on the efficient
      side (not confirmed by flipping it)
  = evidence: 3 operators on side a, 1 on side b
  = remedy: pass activation='fused'
note: side a spends it here
 --> a.py:2:9
  |
2 |     return act(x + 1)
  |            ^^^^^^^^^^
  |
  = through: a.py:2 > activations.py:61
note: side b does the same here
 --> b.py:2:12
  |
2 |     return F.gelu(x)
  |            ^^^^^^^^^
  |

                  side a                  side b
energy of a step  2.00 J (1.98 to 2.02)   1.50 J (1.49 to 1.51)   modelled
  operators       1.60 J (1.58 to 1.62)   1.20 J (1.19 to 1.21)   modelled
    unmatched     100 mJ (99 to 101)      75.0 mJ (74.3 to 75.8)  modelled
  host            120 mJ (119 to 121)     90.0 mJ (89.1 to 90.9)  modelled
  idle            200 mJ (198 to 202)     150 mJ (149 to 152)     modelled
  residual        80.0 mJ (79.2 to 80.8)  60.0 mJ (59.4 to 60.6)  modelled
time of a step    100 ms (99 to 101)      75.0 ms (74.2 to 75.8)  measured
CPU time          200 ms (198 to 202)     150 ms (148 to 152)     measured
operators run     120                     100
modelled: estimated from CPU time and step time by a power model, not read by a
  sensor

a: a.py:build on cpu (Example CPU, 4 threads), Python 3.11.9, torch 2.13.0,
  meter model
b: b.py:build on cpu (Example CPU, 4 threads), Python 3.11.9, torch 2.13.0,
  meter model

outputs: equal, largest relative error 2e-07
regions: 1 matched (1 performance)
verdict: performance: side a needs more energy and more time for the same work
"""


def comparison(workspace: Path) -> Comparison:
    """The default comparison, its ranges on source that is there."""
    a = sources.write(
        workspace, "a.py", 'def net(activation="written-out"):\n\treturn act(x + 1)\n'
    )
    b = sources.write(workspace, "b.py", 'def net(activation="fused"):\n    return F.gelu(x)\n')
    finding = builders.finding(
        cause=builders.cause(location=builders.location("a.py", 1, 8, end_column=32)),
        location=builders.location("a.py", 2, 8, end_column=18),
        counterpart=builders.location("b.py", 2, 11, end_column=20),
    )
    default = builders.comparison(findings=(finding,))
    sides = Sides(replace(default.sides.a, files=a), replace(default.sides.b, files=b))
    return replace(default, sides=sides)


def test_a_comparison(tmp_path: Path) -> None:
    assert text.render(comparison(tmp_path), tmp_path, width=80) == _REPORT


def test_colour_changes_nothing_else(tmp_path: Path) -> None:
    plain = text.render(comparison(tmp_path), tmp_path, width=80)
    coloured = text.render(comparison(tmp_path), tmp_path, width=80, colour=True)
    assert "\x1b[1;33mperformance[f1]\x1b[0m" in coloured
    assert "\x1b" not in plain
    codes = ("1;33", "1;32", "34", "1", "0")
    for code in codes:
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain


def test_warnings_come_first(tmp_path: Path) -> None:
    warning = "3 of 148 parameters agree: load the same weights into both"
    conditions = builders.conditions(warnings=(warning,))
    sides = Sides(builders.side(conditions=conditions), builders.side(1.5, conditions=conditions))
    report = text.render(builders.comparison(sides=sides), tmp_path)
    assert report.startswith(f"warning: {warning}\n\nperformance[f1]: ")


def test_different_outputs_are_named(tmp_path: Path) -> None:
    outputs = Outputs("outputs", False, None, "output 0: shape (2, 3) against (2, 4)")
    result = builders.comparison(outputs=outputs, verdict="different", findings=())
    lines = text.render(result, tmp_path, width=80).splitlines()
    assert lines[:2] == [
        "warning: the outputs differ (output 0: shape (2, 3) against (2, 4)): the two",
        "  sides do not do the same work",
    ]
    assert lines[-1] == (
        "verdict: different: the two sides do not compute the same, so nothing is called waste"
    )


def test_outputs_that_were_not_compared(tmp_path: Path) -> None:
    result = builders.comparison(outputs=Outputs("none", None, None))
    assert (
        "\noutputs: not compared (the step returns and writes nothing); findings are unverified\n"
    ) in text.render(result, tmp_path)
    unlike = Outputs(
        "none", None, None, "side a is judged by its outputs, side b by its parameters"
    )
    assert (
        "\noutputs: not compared (side a is judged by its outputs, side b by its parameters); "
        "findings are\n  unverified\n"
    ) in text.render(builders.comparison(outputs=unlike), tmp_path)


def test_absent_figures_say_why_and_are_never_0(tmp_path: Path) -> None:
    reason = Absent("the board's counter does not answer")
    side = builders.side(energy_j=reason, residual_j=reason, idle_j=Absent("no idle reading"))
    report = text.render(
        builders.comparison(sides=Sides(side, builders.side(1.5)), findings=()), tmp_path, width=80
    )
    assert "energy of a step  absent (1)             1.50 J (1.49 to 1.51)" in report
    assert "  idle            absent (2)             150 mJ (149 to 152)" in report
    assert "  residual        absent (1)             60.0 mJ (59.4 to 60.6)" in report
    assert "\n(1) absent, because the board's counter does not answer\n" in report
    assert "\n(2) absent, because no idle reading\n" in report


def test_a_finding_of_several_places_without_cause(tmp_path: Path) -> None:
    finding = builders.finding(
        count=4,
        cause=None,
        location=None,
        counterpart=None,
        call_path=(),
        remedy=None,
        candidates=(Candidate("attn_implementation", "equal on both sides"),),
        fix=Fix("pass y=2", (), True, builders.quantity(0.4)),
    )
    report = text.render(builders.comparison(findings=(finding,)), tmp_path, width=80)
    assert report.startswith(
        "performance[f1]: the activation is written out in small operators (in 4 places\n"
        "  alike)\n"
        "  saves 400 mJ (396 to 404), modelled: 20.0 % (19.8 to 20.2) of side a's step\n"
        "  --> no line of the workspace is on the call path\n"
        "  = side a: 500 mJ (495 to 505), modelled; 25.0 ms (24.8 to 25.2)\n"
        "  = side b: 100 mJ (99 to 101), modelled; 5.00 ms (4.95 to 5.05)\n"
        "  = cause: not found\n"
        "  = evidence: 3 operators on side a, 1 on side b\n"
        "  = ruled out: attn_implementation: equal on both sides\n"
        "  = fix: pass y=2: saves 400 mJ (396 to 404), modelled, when tried\n"
        "\n"
    )


def test_a_long_call_path_loses_its_middle(tmp_path: Path) -> None:
    call_path = tuple(builders.location(f"/lib/m{number}.py", number) for number in range(1, 8))
    result = builders.comparison(findings=(builders.finding(call_path=call_path),))
    assert "  = through: m1.py:1 > m2.py:2 > m3.py:3 > m4.py:4 > … > m7.py:7\n" in (
        text.render(result, tmp_path)
    )


def test_a_measurement(tmp_path: Path) -> None:
    files = sources.write(tmp_path, "a.py", "def net(x):\n    y = xx; act(x + 100)\n")
    report = text.render(
        builders.measurement(side=replace(builders.measurement().side, files=files)),
        tmp_path,
        width=120,
    )
    assert report == (
        "energy by source range  share   energy               time     operators\n"
        "a.py:2:13               25.0 %  500 mJ (495 to 505)  25.0 ms  3\n"
        "\n"
        " --> a.py:2:13\n"
        "  |\n"
        "2 |     y = xx; act(x + 100)\n"
        "  |             ^^^^^^^^^^^\n"
        "  |\n"
        "\n"
        "energy by function  share   energy               time     operators\n"
        "forward             25.0 %  500 mJ (495 to 505)  25.0 ms  3\n"
        "\n"
        "energy by module  share   energy               time     operators\n"
        "net.act           25.0 %  500 mJ (495 to 505)  25.0 ms  3\n"
        "net.linear        15.0 %  300 mJ (297 to 303)  15.0 ms  3\n"
        "\n"
        "                  a step\n"
        "energy of a step  2.00 J (1.98 to 2.02)   modelled\n"
        "  operators       1.60 J (1.58 to 1.62)   modelled\n"
        "  host            120 mJ (119 to 121)     modelled\n"
        "  idle            200 mJ (198 to 202)     modelled\n"
        "  residual        80.0 mJ (79.2 to 80.8)  modelled\n"
        "time of a step    100 ms (99 to 101)      measured\n"
        "CPU time          200 ms (198 to 202)     measured\n"
        "operators run     120\n"
        "modelled: estimated from CPU time and step time by a power model, not read by a sensor\n"
        "\n"
        "a.py:build on cpu (Example CPU, 4 threads), Python 3.11.9, torch 2.13.0, meter model\n"
    )  # fmt: skip


@pytest.mark.parametrize(("joules", "explained"), [(2.1, True), (2.0, False)])
def test_shares_above_the_whole_step_are_explained(
    joules: float, explained: bool, tmp_path: Path
) -> None:
    breakdown = builders.breakdown(by_function=(builders.row("step", joules),))
    report = text.render(builders.measurement(breakdown=breakdown), tmp_path, width=300)
    assert f"step                {50 * joules:.1f} %  " in report
    told = (
        "\n\nA share above 100 %: operators are timed in other runs of the step than its energy is "
        "from, and took more in those. What they have too much is the step's residual, which is "
        "below 0; read the interval, not the share, or run again on a quieter machine.\n\n"
    )
    assert (told in report) == explained


def test_long_tables_say_what_they_leave_out(tmp_path: Path) -> None:
    rows = tuple(builders.row(f"layers.{number}") for number in range(14))
    report = text.render(
        builders.measurement(breakdown=builders.breakdown(by_module=rows)), tmp_path
    )
    assert "layers.9 " in report
    assert "layers.10 " not in report
    assert "\n… and 4 more, in the result file\n" in report


def test_a_table_without_rows_is_left_out(tmp_path: Path) -> None:
    empty = builders.breakdown(by_range=(), by_function=(), by_module=())
    report = text.render(builders.measurement(breakdown=empty), tmp_path)
    assert "energy by" not in report
    assert "energy of a step" in report


def test_a_long_label_keeps_its_end(tmp_path: Path) -> None:
    rows = (builders.row("model.decoder.layers.11.self_attention.rotary.frequencies"),)
    report = text.render(
        builders.measurement(breakdown=builders.breakdown(by_module=rows)), tmp_path
    )
    assert "\n…layers.11.self_attention.rotary.frequencies  25.0 %" in report


def test_a_result_without_findings(tmp_path: Path) -> None:
    result = builders.comparison(
        verdict="equal",
        findings=(),
        regions=(builders.region(class_="equal"), builders.region(id="r2", class_="unresolved")),
        breakdowns=Breakdowns(builders.breakdown(), builders.breakdown()),
    )
    lines = text.render(result, tmp_path).splitlines()
    assert lines[-2:] == [
        "regions: 2 matched (1 equal, 1 unresolved)",
        "verdict: equal: no difference beyond the threshold",
    ]


def test_what_would_have_been_seen(tmp_path: Path) -> None:
    result = builders.comparison(verdict="equal", resolvable=Resolvable(0.0213, 0.04))
    lines = text.render(result, tmp_path).splitlines()
    assert lines[-3] == "verdict: equal: no difference beyond the threshold"
    assert " ".join(line.strip() for line in lines[-2:]) == (
        "resolvable: a difference of 2.1 % between the steps would have been told from none, "
        "four times of five"
    )
    found = replace(result, verdict="performance")
    assert "resolvable" not in text.render(found, tmp_path)


def test_steps_that_differ_beside_their_parts(tmp_path: Path) -> None:
    result = builders.comparison(verdict="unresolved", resolvable=Resolvable(0.0213, 0.04))
    assert text.render(result, tmp_path, width=200).splitlines()[-1] == (
        "verdict: unresolved: the steps differ, but no matched parts surely do: see host, "
        "unmatched, residual"
    )
    sides = Sides(builders.side(), builders.side(energy_j=builders.quantity(2.03)))
    lines = text.render(replace(result, sides=sides), tmp_path, width=200).splitlines()
    assert lines[-2] == (
        "verdict: unresolved: the differences lie within the noise; a longer --time-budget "
        "narrows it"
    )
    assert lines[-1].startswith("resolvable: a difference of 2.1 % between the steps would have")


def test_steps_of_which_nothing_matched(tmp_path: Path) -> None:
    result = builders.comparison(verdict="unresolved", regions=(), findings=())
    assert text.render(result, tmp_path, width=200).splitlines()[-1] == (
        "verdict: unresolved: no part of one side computes the same values as a part of the other"
    )


def test_energy_for_one_of_what_a_step_does(tmp_path: Path) -> None:
    sides = Sides(
        builders.side(energy_per_unit_j=builders.quantity(0.00390625)),
        builders.side(1.5, energy_per_unit_j=builders.quantity(0.0029296875)),
    )
    report = text.render(builders.comparison(sides=sides, per=Per("tokens", 512.0)), tmp_path)
    (line,) = [each for each in report.splitlines() if each.startswith("each of")]
    assert line.split("  ")[0] == "each of 512 tokens"
    assert "3.91 mJ (3.87 to 3.95)" in line
    assert "2.93 mJ (2.90 to 2.96)" in line
    side = builders.side(energy_per_unit_j=builders.quantity(0.25))
    alone = builders.measurement(side=side, per=Per("samples", 8.0))
    assert "each of 8 samples" in text.render(alone, tmp_path)


def test_repeated_work_has_no_other_side(tmp_path: Path) -> None:
    files = sources.write(tmp_path, "a.py", "def net(x):\n\treturn table(x)\n")
    found = builders.repeated(location=builders.location("a.py", 2, 8, end_column=16), call_path=())
    lines = [
        "performance[f1]: `table(x)` is computed 4 times from the same values; once is enough",
        "  saves 300 mJ (297 to 303), modelled: 15.0 % (14.8 to 15.1) of the step",
        " --> a.py:2:9",
        "  |",
        "2 |     return table(x)",
        "  |            ^^^^^^^^",
        "  |",
        "  = cause: table(x): 4 times here, once is enough",
        "  = evidence: `table(x)` ran 4 times: aten::cos",
        "  = remedy: compute it once, before the loop, and pass it on as an argument",
        "",
    ]
    alone = builders.measurement(side=builders.side(files=files), findings=(found,))
    assert text.render(alone, tmp_path).split("\n")[:11] == lines
    of_two = builders.comparison(findings=(found,))
    sides = Sides(builders.side(files=files), of_two.sides.b)
    lines[1] = lines[1].replace("the step", "side a's step")
    assert text.render(replace(of_two, sides=sides), tmp_path).split("\n")[:11] == lines


def test_evidence_is_placed(tmp_path: Path) -> None:
    note = Evidence("operators", "side a runs aten::mul", builders.location("a.py", 4, 8))
    result = builders.comparison(findings=(builders.finding(evidence=(note,)),))
    assert "  = evidence: side a runs aten::mul (a.py:4)\n" in text.render(result, tmp_path)


def test_many_lines_of_evidence_are_cut(tmp_path: Path) -> None:
    evidence = builders.repeated().evidence * 20
    report = text.render(
        builders.measurement(findings=(builders.repeated(evidence=evidence),)), tmp_path
    )
    assert report.count("= evidence: `table(x)`") == 12
    assert "  = evidence: … and 8 more, in the result file\n" in report


def test_how_often_a_row_ran(tmp_path: Path) -> None:
    rows = (builders.row("forward", count=32), builders.row("step", count=1))
    breakdown = builders.breakdown(by_function=rows)
    lines = text.render(builders.measurement(breakdown=breakdown), tmp_path).split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("energy by function"))
    assert lines[start : start + 3] == [
        "energy by function  share   energy               time     operators  ran",
        "forward             25.0 %  500 mJ (495 to 505)  25.0 ms  3          ×32",
        "step                25.0 %  500 mJ (495 to 505)  25.0 ms  3",
    ]


def test_gpu_time_by_kernel(tmp_path: Path) -> None:
    breakdown = builders.breakdown(by_kernel=builders.KERNELS)
    report = text.render(builders.measurement(breakdown=breakdown), tmp_path)
    assert (
        "GPU time by kernel  share   launches\n"
        "gemm                75.0 %  2\n"
        "add<float>          25.0 %  1\n"
        "\n"
    ) in report


def test_one_thread_is_no_plural(tmp_path: Path) -> None:
    side = builders.side(conditions=builders.conditions(threads=1))
    assert "(Example CPU, 1 thread)," in text.render(builders.measurement(side=side), tmp_path)


def test_packages_in_other_versions(tmp_path: Path) -> None:
    old, new = {"kit": "1.9", "torch": "2.13.0"}, {"kit": "2.0", "torch": "2.13.0", "own": "1"}
    sides = Sides(*(builders.side(conditions=builders.conditions(packages=x)) for x in (old, new)))
    lines = text.render(builders.comparison(sides=sides), tmp_path).split("\n")
    assert "other versions on side a and b: kit 1.9 and 2.0" in lines
    same = text.render(builders.comparison(), tmp_path)
    assert "other versions" not in same
