"""Calls in a file that others wrote get one more argument, and nothing else changes."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import libcst as cst

from magneton.source.edits import apply_edits, edits_between
from magneton.source.rewrites.argument import rewrite
from magneton.source.rewrites.module import SourceModule
from magneton.source.rewrites.wish import Place
from magneton_agent.schema.location import Location, Position

from .wishes import wish


class _Without(ast.NodeTransformer):
    """Takes the argument ``mode`` away again."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        node.keywords = [each for each in node.keywords if each.arg != "mode"]
        return node


def test_one_argument_more_and_nothing_else() -> None:
    text = Path(textwrap.__file__).read_text("utf-8")
    module = SourceModule("a.py", text)
    meant = ast.dump(ast.parse(text))
    calls = list(module.all(cst.Call))[::4]
    changed = 0
    for call in calls:
        start, end = module.span(call)
        place = Place(module, Location("a.py", None, Position(*start), Position(*end)))
        found = rewrite(wish(deciding=place))
        if found is None:
            continue
        changed += 1
        assert apply_edits(text, edits_between(text, found.text)) == found.text
        assert found.text.count("mode=") == text.count("mode=") + 1
        assert ast.dump(_Without().visit(ast.parse(found.text))) == meant
        # Comments, line ends and blank lines are none of the syntax tree's.
        assert found.text.count("#") == text.count("#")
        assert all(edit.text.count(",") <= 2 for edit in edits_between(text, found.text))
    assert changed > 0.8 * len(calls) > 10
