"""The HTML page: whole, self-contained, escaped."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from magneton.report import html
from magneton_agent.schema.judging import Per, Resolvable
from magneton_agent.schema.quantity import Absent, Source
from magneton_agent.schema.result import Breakdowns, Evidence, Fix, KernelRow, Outputs, Sides
from tests import builders

from . import sources

_VOID = {"meta"}


class Page(HTMLParser):
    """Texts of a page, and its attributes; refuses elements that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style" and data.strip():
            self.texts.append(data.strip())


def test_nothing_is_fetched_or_run(tmp_path: Path) -> None:
    for result in (builders.comparison(), builders.measurement()):
        page = Page(html.render(result, tmp_path))
        assert not page.tags & {"script", "link", "img", "iframe", "object"}
        assert not {"src", "href", "onclick"} & {name for name, _ in page.attributes}
    assert "url(" not in html.render(builders.comparison(), tmp_path)
    assert "default-src 'none'" in html.render(builders.comparison(), tmp_path)


def test_verdict_outputs_and_figures(tmp_path: Path) -> None:
    texts = Page(html.render(builders.comparison(), tmp_path)).texts
    assert texts[:4] == [
        "Magneton: performance",
        "performance",
        ": side a needs more energy and more time for the same work",
        "outputs: equal, largest relative error 2e-07",
    ]
    step = texts.index("energy of a step")
    assert texts[step : step + 3] == [
        "energy of a step",
        "2.00 J (1.98 to 2.02), modelled",
        "1.50 J (1.49 to 1.51), modelled",
    ]


def test_what_would_have_been_seen_and_energy_for_each(tmp_path: Path) -> None:
    result = builders.comparison(
        verdict="unresolved",
        resolvable=Resolvable(0.3, 0.6),
        per=Per("tokens", 512.0),
        sides=Sides(
            builders.side(energy_per_unit_j=builders.quantity(0.25)),
            builders.side(energy_per_unit_j=Absent("it failed")),
        ),
    )
    texts = Page(html.render(result, tmp_path)).texts
    assert (
        "resolvable: a difference of 30.0 % between the steps would have been told from none, "
        "four times of five"
    ) in texts
    each = texts.index("each of 512 tokens")
    assert texts[each + 1 : each + 3] == [
        "250 mJ (248 to 252), modelled",
        "absent, because it failed",
    ]


def test_packages_in_other_versions(tmp_path: Path) -> None:
    old, new = {"kit": "1.9", "torch": "2.13.0"}, {"kit": "2.0", "torch": "2.13.0", "own": "1"}
    sides = Sides(*(builders.side(conditions=builders.conditions(packages=x)) for x in (old, new)))
    texts = Page(html.render(builders.comparison(sides=sides), tmp_path)).texts
    row = texts.index("packages in other versions")
    assert texts[row + 1 : row + 3] == ["kit 1.9", "kit 2.0"]
    assert "packages in other versions" not in html.render(builders.comparison(), tmp_path)


def test_a_finding_quotes_its_lines(tmp_path: Path) -> None:
    files = sources.write(tmp_path, "a.py", 'def net(kind="<b>"):\n    return 1\n')
    default = builders.comparison(
        findings=(
            builders.finding(
                cause=builders.cause(location=builders.location("a.py", 1, 8, end_column=18)),
                location=None,
                counterpart=None,
                fix=Fix("pass y=2", (), True, builders.quantity(0.4)),
            ),
        )
    )
    sides = Sides(replace(default.sides.a, files=files), default.sides.b)
    page = html.render(replace(default, sides=sides), tmp_path)
    assert (
        '<span class="number">   1  </span>def net(<mark>kind=&quot;&lt;b&gt;&quot;</mark>):'
    ) in page
    texts = Page(page).texts
    assert "saves 400 mJ (396 to 404), modelled: 20.0 % (19.8 to 20.2) of side a's step" in texts
    assert texts[texts.index("remedy") + 1] == "pass activation='fused'"
    fix = "pass y=2: saves 400 mJ (396 to 404), modelled, when tried"
    assert texts[texts.index("fix") + 1] == fix


def test_evidence_is_placed(tmp_path: Path) -> None:
    note = Evidence("operators", "side a runs aten::mul", builders.location("a.py", 4, 8))
    result = builders.comparison(findings=(builders.finding(evidence=(note,)),))
    texts = Page(html.render(result, tmp_path)).texts
    assert texts[texts.index("evidence") + 1] == "side a runs aten::mul (a.py:4)"


def test_everything_is_escaped(tmp_path: Path) -> None:
    attack = "<img src=x onerror=alert(1)>"
    finding = builders.finding(
        message=attack, remedy=attack, evidence=(Evidence("call", attack, None),)
    )
    side = builders.side(target=attack, conditions=builders.conditions(warnings=(attack,)))
    rows = builders.breakdown(by_module=(builders.row(attack),))
    result = builders.comparison(
        findings=(finding,), sides=Sides(side, side), breakdowns=Breakdowns(rows, rows)
    )
    page = Page(html.render(result, tmp_path))
    assert "img" not in page.tags
    assert page.texts.count(attack) >= 6


def test_modules_side_by_side_on_one_scale(tmp_path: Path) -> None:
    a = builders.breakdown(by_module=(builders.row("act", 0.4), builders.row("linear", 0.1)))
    b = builders.breakdown(by_module=(builders.row("act", 0.1), builders.row("norm", 0.2)))
    page = html.render(builders.comparison(breakdowns=Breakdowns(a, b)), tmp_path)
    part = page[page.index('<div class="bars">') : page.index("<h2>Conditions")]
    assert Page(part).texts == [
        "act",
        "400 mJ (396 to 404)",
        "100 mJ (99 to 101)",
        "norm",
        "none",
        "200 mJ (198 to 202)",
        "linear",
        "100 mJ (99 to 101)",
        "none",
    ]
    assert part.count('class="bar a" style="width: 100.00%"') == 1
    assert part.count('class="bar b" style="width: 50.00%"') == 1
    assert part.count('class="bar ') == 4


def test_different_outputs_are_the_first_thing_said(tmp_path: Path) -> None:
    outputs = Outputs("outputs", False, 0.5, "output 0: shape (2, 3) against (2, 4)")
    result = builders.comparison(outputs=outputs, verdict="different", findings=())
    assert Page(html.render(result, tmp_path)).texts[1:3] == [
        "Warning:",
        "the outputs differ (output 0: shape (2, 3) against (2, 4)): "
        "the two sides do not do the same work",
    ]


def test_an_absent_figure_says_why(tmp_path: Path) -> None:
    side = builders.side(residual_j=Absent("no sensor"))
    page = html.render(builders.measurement(side=side), tmp_path)
    assert "<td>absent, because no sensor</td>" in page


def test_of_one_side_only_what_it_has_is_said(tmp_path: Path) -> None:
    side = builders.side(unmatched_j=Absent("one side alone has nothing to be matched with"))
    page = html.render(builders.measurement(side=side), tmp_path)
    body = page.partition("<body")[2]
    assert "<th></th><th>a step</th>" in body
    assert body.count("a step</th>") == 1  # the conditions are not a step's
    assert "unmatched" not in body
    assert "side a" not in body
    assert "<td>CPU time</td><td>200 ms (198 to 202), measured</td>" in body


@pytest.mark.parametrize(("source", "told"), [("modelled", True), ("measured", False)])
def test_a_model_is_explained_where_there_is_one(
    source: Source, told: bool, tmp_path: Path
) -> None:
    side = builders.side(energy_j=builders.quantity(2.0, source=source))
    page = html.render(builders.measurement(side=side), tmp_path)
    assert ("modelled: estimated from CPU time" in page) == told


def test_a_measurement_has_bars_by_range_function_and_module(tmp_path: Path) -> None:
    texts = Page(html.render(builders.measurement(), tmp_path)).texts
    assert "Where a.py:build spends energy" in texts
    start = texts.index("Energy by source range")
    assert texts[start : start + 9] == [
        "Energy by source range",
        "a.py:2:13",
        "500 mJ (495 to 505)",
        "Energy by function",
        "forward",
        "500 mJ (495 to 505)",
        "Energy by module",
        "net.act",
        "500 mJ (495 to 505)",
    ]


def test_a_row_that_ran_many_times_opens_to_its_times(tmp_path: Path) -> None:
    instances = tuple(builders.instance(f"net.{number}") for number in range(2))
    rows = (builders.row("forward", count=32, instances=instances), builders.row("once", count=1))
    page = html.render(
        builders.measurement(breakdown=builders.breakdown(by_function=rows)), tmp_path
    )
    texts = Page(page).texts
    start = texts.index("Energy by function") + 1
    assert texts[start : start + 9] == [
        *("forward", "×32"),
        *("net.0", "100 mJ (99 to 101)", "5.00 ms"),
        *("net.1", "100 mJ (99 to 101)", "5.00 ms"),
        "… and 30 more",
    ]
    assert page.count("<details") == 1  # not what ran once


def test_repeated_work_opens_to_the_superfluous_times(tmp_path: Path) -> None:
    texts = Page(html.render(builders.measurement(findings=(builders.repeated(),)), tmp_path)).texts
    assert "Findings (1)" in texts
    start = texts.index("run again ×3")
    assert texts[start + 1 : start + 4] == ["net.1", "100 mJ (99 to 101)", "5.00 ms"]
    assert "side b" not in texts
    many = tuple(builders.instance(f"net.{number}") for number in range(40))
    found = builders.repeated(instances=many)
    page = html.render(builders.comparison(findings=(found,)), tmp_path)
    assert "… and 8 more" in page


def test_places_alike_open_to_their_regions(tmp_path: Path) -> None:
    regions = tuple(builders.region(id=f"r{number}") for number in (1, 2))
    found = builders.finding(regions=("r1", "r2"), count=2)
    page = html.render(builders.comparison(regions=regions, findings=(found,)), tmp_path)
    texts = Page(page).texts
    start = texts.index("in 2 places alike")
    assert texts[start + 1 : start + 7] == [
        *("r1", "500 mJ (495 to 505)", "25.0 ms"),
        *("r2", "500 mJ (495 to 505)", "25.0 ms"),
    ]


def test_places_alike_say_what_they_launched(tmp_path: Path) -> None:
    side = replace(builders.region().a, kernels=builders.KERNELS)
    regions = tuple(builders.region(id=f"r{number}", a=side) for number in (1, 2))
    found = builders.finding(regions=("r1", "r2"), count=2)
    texts = Page(
        html.render(builders.comparison(regions=regions, findings=(found,)), tmp_path)
    ).texts
    start = texts.index("in 2 places alike")
    assert texts[start + 4] == "gemm ×2 (75 %), add<float> (25 %)"


def test_gpu_time_by_kernel(tmp_path: Path) -> None:
    a, b = builders.KERNELS, (KernelRow("gemm", 1, 0.5), KernelRow("mul", 1, 0.5))
    result = builders.comparison(
        breakdowns=Breakdowns(builders.breakdown(by_kernel=a), builders.breakdown(by_kernel=b))
    )
    texts = Page(html.render(result, tmp_path)).texts
    start = texts.index("GPU time by kernel")
    assert texts[start + 1 : start + 12] == [
        *("side a", "side b"),
        *("gemm", "75.0 %, ×2", "50.0 %, ×1"),
        *("mul", "none", "50.0 %, ×1"),
        *("add<float>", "25.0 %, ×1", "none"),
    ]
    assert "GPU time by kernel" not in html.render(builders.comparison(), tmp_path)
    many = tuple(KernelRow(f"k{number:02}", 1, 0.01) for number in range(30))
    alone = builders.measurement(breakdown=builders.breakdown(by_kernel=many))
    page = html.render(alone, tmp_path)
    assert "k24" in page
    assert "k25" not in page
    assert "… and 5 more" in page
