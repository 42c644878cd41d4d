"""What a rewrite is asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

from magneton.engine.wishes import Sources, wish_of
from magneton.source.rewrites.rules import rewrite
from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.result import Evidence
from tests.builders import cause, finding

TEXT = "y = x.t().contiguous().t().double()\n"


def at(end: int) -> Location:
    return Location("a.py", None, Position(1, 4), Position(1, end))


def test_all_that_moves_on_one_side_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    sources = Sources(tmp_path, {"a.py": hashlib.sha256(TEXT.encode()).hexdigest()})
    both = TEXT.index(".t().double"), len(TEXT) - 1
    found = finding(
        location=at(both[1]),
        cause=cause(
            kind="redundant",
            name="x.t().contiguous()",
            wasteful_value="once",
            efficient_value="never",
            location=at(both[0]),
        ),
        evidence=(
            Evidence("energy", "these operators take more", at(9)),
            *(Evidence("movement", "it copies", at(end)) for end in both),
        ),
    )
    wish = wish_of(found, (found.location, None), "a.py:build", sources, sources)
    assert wish is not None
    assert [each.location for each in wish.moves] == [at(end) for end in both]
    changed = rewrite(wish)
    assert changed is not None
    assert changed.text == "y = x.t().t()\n"
