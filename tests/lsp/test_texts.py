"""Text for people: escaped Markdown."""

from __future__ import annotations

from magneton.lsp.texts import describe, marked
from magneton_agent.schema.errors import MagnetonError


def test_code_in_a_message_is_a_code_span_and_the_rest_is_escaped() -> None:
    text = "`self.act` is set in __init__ from `A[c.f]`, ` alone"
    assert marked(text) == r"`self.act` is set in \_\_init\_\_ from `A[c.f]`, \` alone"


def test_what_an_editor_would_obey_is_not_in_it() -> None:
    assert marked("`a\u202eb` \x1b[31mred") == "`a�b` red"
    error = MagnetonError("it\u202e stopped", "a\x1b[2Jb", "", trace=("line\r1",))
    assert describe(error) == "It� stopped\nCause: ab\nline 1"
