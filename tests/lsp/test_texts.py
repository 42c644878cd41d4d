"""Text for people: escaped Markdown."""

from __future__ import annotations

import pytest
from lsprotocol import types

from magneton.lsp.server import MagnetonServer
from magneton.lsp.texts import describe, marked, unlinked
from magneton_agent.schema.errors import MagnetonError


def test_code_in_a_message_is_a_code_span_and_the_rest_is_escaped() -> None:
    text = "`self.act` is set in __init__ from `A[c.f]`, ` alone"
    assert marked(text) == r"`self.act` is set in \_\_init\_\_ from `A[c.f]`, \` alone"


def test_what_an_editor_would_obey_is_not_in_it() -> None:
    assert marked("`a\u202eb` \x1b[31mred") == "`a�b` red"
    error = MagnetonError("it\u202e stopped", "a\x1b[2Jb", "", trace=("line\r1",))
    assert describe(error) == "It� stopped\nCause: ab\nline 1"


def test_nothing_in_a_notification_is_a_link() -> None:
    link = "[Repair](command:workbench.action.terminal.new)"
    error = MagnetonError(f"it {link}", f"saw {link}", f"Run {link}", trace=(link,))
    broken = "[Repair] (command:workbench.action.terminal.new)"
    expected = f"It {broken}\nCause: saw {broken}\nRemedy: Run {broken}\n{broken}"
    assert describe(error) == expected
    assert unlinked(link) == broken


def test_no_message_of_the_server_has_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    server = MagnetonServer()
    sent: list[str] = []
    monkeypatch.setattr(server.protocol, "notify", lambda _, params: sent.append(params.message))
    server.window_show_message(types.ShowMessageParams(types.MessageType.Info, "[x](command:y)"))
    assert sent == ["[x] (command:y)"]
