"""Text for people: escaped Markdown."""

from __future__ import annotations

from magneton.lsp.texts import marked


def test_code_in_a_message_is_a_code_span_and_the_rest_is_escaped() -> None:
    text = "`self.act` is set in __init__ from `A[c.f]`, ` alone"
    assert marked(text) == r"`self.act` is set in \_\_init\_\_ from `A[c.f]`, \` alone"
