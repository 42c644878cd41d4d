"""A hover says what both sides spend, why, how that is known, and what to change."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import Evidence, Outputs

from ..builders import cause, measurement, quantity, region, repeated
from .results import B_CALL, CALL, SETTING, compared, found, sides
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio


async def text(session: Session, line: int, character: int) -> str:
    """The hover's Markdown, once the stored result is shown."""
    await session.eventually(lambda: session.diagnostics("a.py"))
    hover = await session.hover("a.py", line, character)
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind == types.MarkupKind.Markdown
    return hover.contents.value


async def test_a_findings_figures_cause_evidence_and_remedy(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        assert (await text(session, 4, 10)).split("\n\n") == [
            "**Magneton: performance**",
            "the activation is written out in small operators: saves 400 mJ \\(396 to 404\\),"
            " modelled\\: 20.0 % \\(19.8 to 20.2\\) of side a's step",
            "| a step | a: a.py\\:build | b: b.py\\:build |\n"
            "| --- | ---: | ---: |\n"
            "| energy | 500 mJ (495 to 505) | 100 mJ (99 to 101) |\n"
            "| time | 25.0 ms (24.8 to 25.2) | 5.00 ms (4.95 to 5.05) |\n"
            "| share of the step | 25.0 % | 6.7 % |",
            "**Cause:** argument activation\\: 'written\\-out' here, 'fused' on the efficient side"
            " \\(not confirmed by flipping it\\)",
            "- 3 operators on side a, 1 on side b",
            "**Remedy:** pass activation='fused'",
            "These energies are *modelled*: estimated from CPU time and step time, not read by a"
            " sensor.",
        ]


async def test_evidence_names_its_place_unless_that_is_the_marked_line(workspace: Path) -> None:
    notes = tuple(
        Evidence("operators", f"side {name} runs aten::mul", place)
        for name, place in (("a", SETTING), ("b", B_CALL))
    )
    store(workspace, compared(found(evidence=notes)))
    async with connected(workspace) as session:
        told = (await text(session, 4, 10)).split("\n\n")
    assert ("- side a runs aten\\:\\:mul\n- side b runs aten\\:\\:mul \\(b.py\\:7\\)") in told


async def test_places_alike_are_counted(workspace: Path) -> None:
    store(workspace, compared(found(count=32)))
    async with connected(workspace) as session:
        told = await text(session, 4, 10)
    assert "small operators (in 32 places alike): saves" in told.replace("\\", "")
    assert "| a step, ×32 | a: a.py\\:build | b: b.py\\:build |" in told


async def test_repeated_work_of_a_measurement(workspace: Path) -> None:
    measured = measurement(side=sides().a, findings=(repeated(location=CALL, call_path=()),))
    store(workspace, measured)
    async with connected(workspace) as session:
        assert (await text(session, 6, 28)).split("\n\n") == [
            "**Magneton: performance**",
            "`table(x)` is computed 4 times from the same values; once is enough: saves 300 mJ"
            " \\(297 to 303\\), modelled\\: 15.0 % \\(14.8 to 15.1\\) of the step",
            "| a step, ×4 | superfluous |\n"
            "| --- | ---: |\n"
            "| energy | 300 mJ (297 to 303) |\n"
            "| share of the step | 15.0 % (14.8 to 15.1) |",
            "**Cause:** table\\(x\\)\\: 4 times here, once is enough",
            "- `table(x)` ran 4 times\\: aten\\:\\:cos",
            "**Remedy:** compute it once, before the loop, and pass it on as an argument",
            "These energies are *modelled*: estimated from CPU time and step time, not read by a"
            " sensor.",
        ]


async def test_the_hovered_range_is_the_marks_in_the_clients_units(workspace: Path) -> None:
    store(workspace, compared(found(cause=None)))
    async with connected(workspace) as session:
        assert "**Cause:** not found" in await text(session, 6, 28)
        hover = await session.hover("a.py", 6, 31)
        assert hover is not None
        assert str(hover.range) == "6:27-6:31"
        assert await session.hover("a.py", 6, 26) is None
        assert await session.hover("a.py", 6, 32) is None
        assert await session.hover("nowhere.py", 0, 0) is None


async def test_measured_energies_are_not_called_modelled(workspace: Path) -> None:
    parts = {
        name: type(getattr(region(), name))(
            ("aten::mul",), quantity(0.4, source="measured"), quantity(0.1), None
        )
        for name in ("a", "b")
    }
    measured = found(saving_j=quantity(0.4, source="apportioned"))
    store(workspace, compared(measured, regions=(region(**parts),)))
    async with connected(workspace) as session:
        told = await text(session, 4, 10)
    assert told.endswith("These energies are *apportioned* and *measured*.")
    assert "modelled" not in told


async def test_an_absent_figure_says_why(workspace: Path) -> None:
    store(workspace, compared(found(saving_j=Absent("no sensor answered"))))
    async with connected(workspace) as session:
        assert "saves absent, because no sensor answered" in await text(session, 4, 10)


async def test_what_was_taken_from_sources_is_shown_as_it_is(workspace: Path) -> None:
    hostile = found(
        message="![x](http://x) <b>\n# head",
        remedy="`code` | *bold*",
        evidence=(Evidence("call", "[run](command:evil)", None),),
        cause=cause(location=SETTING, wasteful_value="'a|b'"),
    )
    store(workspace, compared(hostile))
    async with connected(workspace) as session:
        told = await text(session, 4, 10)
    assert r"\!\[x\]\(http\://x\) \<b\> \# head: saves" in told
    assert r"- \[run\]\(command\:evil\)" in told
    assert r"`code` \| \*bold\*" in told
    assert r"'a\|b' here" in told


async def test_two_findings_on_one_range_are_both_explained(workspace: Path) -> None:
    store(workspace, compared(found(), found(id="f2", message="it is computed twice")))
    async with connected(workspace) as session:
        told = await text(session, 4, 10)
    assert told.count("**Magneton: performance**") == 2
    assert "it is computed twice" in told


async def test_after_an_edit_it_says_that_an_older_version_was_measured(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        assert "older version" not in await text(session, 4, 10)
        session.open("a.py")
        session.insert("a.py", 0, 0, "\n")
        hover = await session.hover("a.py", 5, 10)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.value.endswith("Measured on an older version of this file.")


async def test_differing_outputs_are_explained_at_the_target(workspace: Path) -> None:
    outputs = Outputs("outputs", False, 0.5, "output 0: relative error 0.5")
    store(workspace, compared(verdict="different", outputs=outputs, findings=()))
    async with connected(workspace) as session:
        assert (await text(session, 3, 5)).split("\n\n") == [
            "**Magneton: different**",
            "the two sides do not compute the same, so nothing is called waste\\: output 0\\:"
            " relative error 0.5",
        ]
