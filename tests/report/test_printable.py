"""What programs and files say reaches a reader as text, and as nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.report import github, html, text
from magneton.report.printable import printable
from magneton_agent.schema.result import Comparison, Sides
from tests import builders

TURNED = "a\u202e\u2066py.b\u2069"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("é😀 = f(x) 重み", "é😀 = f(x) 重み"),
        ("red \x1b[1;31malert\x1b[0m", "red alert"),
        ("\x1b[2J\x1b[1;1Hgone\x1b[K", "gone"),
        ("\x1b]0;title\x07named \x9b31mred", "named red"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b(Bcharset \x1bc", "charset "),
        ("never ended \x1b]0;title", "never ended 0;title"),
        ("cut off \x1b", "cut off �"),
        ("bell\x07 back\x08 null\x00 delete\x7f", "bell� back� null� delete�"),
        ("two\nlines\r\n\tof\u2028 four", "two lines   of  four"),
        (TURNED, "a��py.b�"),
        ("\u200fmark \u061c\ufeff\u200bnothing", "�mark ���nothing"),
        ("half \ud83d", "half �"),
        ("👩\u200d💻 क्\u200cष", "👩\u200d💻 क्\u200cष"),
    ],
)
def test_only_text_is_left(given: str, shown: str) -> None:
    assert printable(given) == shown


def hostile() -> Comparison:
    place = builders.location(f"{TURNED}\nwaste[f9]: forged")
    finding = builders.finding(
        message="low\x1b[8m\n::error::cost",
        remedy="type \x9b2K ls",
        cause=builders.cause(name="act\u202e", wasteful_value="'\x07'", location=place),
    )
    conditions = builders.conditions(warnings=("cold\x1b[31m\rwarm",))
    sides = Sides(
        builders.side(target="a\u202e.py:build", conditions=conditions), builders.side(1.5)
    )
    return builders.comparison(sides=sides, findings=(finding,))


def test_the_text_report(tmp_path: Path) -> None:
    report = text.render(hostile(), tmp_path)
    assert "performance[f1]: low ::error::cost\n" in report
    assert "\n --> a��py.b� waste[f9]: forged:1:1\n" in report
    assert "argument act�: '�' here, 'fused' on the efficient side" in report
    assert "= remedy: type  ls\n" in report
    assert "cold warm" in report
    assert report.replace("\n", "").isprintable()


def test_the_page(tmp_path: Path) -> None:
    page = html.render(hostile(), tmp_path)
    assert "low ::error::cost" in page
    assert "<code>a�.py:build</code>" in page
    assert page.replace("\n", "").isprintable()


def test_annotations() -> None:
    annotation, verdict = github.render(hostile()).splitlines()
    assert annotation.startswith("::warning file=a��py.b� waste[f9]%3A forged,line=1,")
    assert "::low ::error::cost%0Asaves 400 mJ" in annotation
    assert annotation.endswith("%0ARemedy: type  ls")
    assert "energy a step: a�.py:build 2.00 J" in verdict
