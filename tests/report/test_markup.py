"""HTML that is escaped unless it was made here."""

from __future__ import annotations

from magneton.report.markup import bar, page, tag


def test_text_and_attributes_are_escaped() -> None:
    made = tag("p", "<b> & ", tag("i", '"x"'), id='a"b')
    assert made == '<p id="a&quot;b">&lt;b&gt; &amp; <i>&quot;x&quot;</i></p>'


def test_a_bar_stays_in_its_cell() -> None:
    assert bar(0.25, "a") == '<span class="bar a" style="width: 25.00%"></span>'
    assert bar(7.0, "b") == '<span class="bar b" style="width: 100.00%"></span>'
    assert bar(-1.0, "b") == '<span class="bar b" style="width: 0.00%"></span>'


def test_a_title_is_escaped() -> None:
    assert "<title>&lt;script&gt;</title>" in page("<script>")
