"""What a ``match`` statement looks at in its subject, and what it calls that."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_Looked = Iterator[tuple[ast.expr, ast.pattern]]


def examined(match: ast.Match) -> list[ast.expr]:
    """What the patterns tell cases apart by, each once: the subject, its attributes, entries and
    items, without those that a class takes by position."""
    tests = (ast.MatchValue, ast.MatchSingleton, ast.MatchClass)
    found = (each for each, pattern in _looked(match) if isinstance(pattern, tests))
    return list({ast.unparse(each): each for each in found}.values())


def captured(match: ast.Match) -> list[tuple[str, ast.expr]]:
    """The names that the patterns give what they look at."""
    return [
        (pattern.name, each)
        for each, pattern in _looked(match)
        if isinstance(pattern, ast.MatchAs) and pattern.name is not None
    ]


def _looked(match: ast.Match) -> _Looked:
    for case in match.cases:
        yield from _inside(match.subject, case.pattern)


def _inside(subject: ast.expr, pattern: ast.pattern) -> _Looked:
    yield subject, pattern
    parts: list[tuple[ast.expr, ast.pattern]] = []
    match pattern:
        case ast.MatchMapping(keys=keys, patterns=inner):
            entries = (ast.Subscript(subject, key, ast.Load()) for key in keys)
            parts = list(zip(entries, inner, strict=True))
        case ast.MatchClass(kwd_attrs=names, kwd_patterns=inner):
            fields = (ast.Attribute(subject, name, ast.Load()) for name in names)
            parts = list(zip(fields, inner, strict=True))
        case ast.MatchSequence(patterns=inner):
            parts = list(_items(subject, inner))
        case ast.MatchOr(patterns=inner):
            parts = [(subject, each) for each in inner]
        case ast.MatchAs(pattern=ast.pattern() as inner_pattern):
            parts = [(subject, inner_pattern)]
    for each, part in parts:
        yield from _inside(ast.copy_location(each, subject) if each is not subject else each, part)


def _items(subject: ast.expr, patterns: list[ast.pattern]) -> _Looked:
    """The items up to the first that stands for several."""
    written = subject.elts if isinstance(subject, ast.Tuple | ast.List) else None
    for number, pattern in enumerate(patterns):
        if isinstance(pattern, ast.MatchStar):
            return
        if written is None:
            yield ast.Subscript(subject, ast.Constant(number), ast.Load()), pattern
        elif number < len(written):
            yield written[number], pattern
