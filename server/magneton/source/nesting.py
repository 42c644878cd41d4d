"""How deep the text of a source file nests, told by its tokens alone.

libcst's parser recurses without a bound: a file that nests too deep would end the process, and one
that chains too much would take it minutes.
"""

from __future__ import annotations

import io
import keyword
import re
import token
import tokenize

# Python itself takes no more brackets and blocks than these.
_MOST_BRACKETS, _MOST_BLOCKS = 200, 100
_MOST_CHAINED = 500  # of a sum with more terms Python cannot visit the tree
_MOST_IN_STRING = 5000
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LAYOUT = {token.NEWLINE, token.ENDMARKER, token.INDENT, token.DEDENT}
_SKIPPED = {tokenize.NL, tokenize.COMMENT, token.NUMBER}
_FORMATTED = re.compile(r"(?i)(?:rf|fr|rt|tr|[ft])['\"]")
_PART = re.compile(r"[^\w\s]|\b(?:and|await|else|for|if|in|is|lambda|not|or)\b")


def nests_too_deep(text: str) -> bool:
    """Whether ``text`` nests deeper than is safe to parse.

    Raises:
        SyntaxError, tokenize.TokenError, UnicodeError: it has no tokens that could be counted.
    """
    depth = _Depth()
    return any(
        map(depth.exceeds, tokenize.generate_tokens(io.StringIO(text, newline=None).readline))
    )


class _Depth:
    """An upper bound: within each open bracket, whatever may nest since the last comma."""

    def __init__(self) -> None:
        self._chained = [0]
        self._lambdas = [0]
        self._sum = self._blocks = self._branches = 0

    def exceeds(self, found: tokenize.TokenInfo) -> bool:
        """Whether the text nests too deep at the next token."""
        kind, text = found.type, found.string
        if kind in _LAYOUT:
            self._blocks += (kind == token.INDENT) - (kind == token.DEDENT)
            self._chained, self._lambdas, self._sum = [0], [0], 0
        elif kind == token.STRING and _FORMATTED.match(text) and _in_string(text):
            return True
        elif kind not in _SKIPPED:
            self._count(kind, text)
        return (
            self._sum > _MOST_CHAINED
            or len(self._chained) > _MOST_BRACKETS
            or self._blocks > _MOST_BLOCKS
            or self._branches > _MOST_CHAINED
        )

    def _count(self, kind: int, text: str) -> None:
        if kind == token.OP and text in _CLOSING:
            self._close()
        elif kind == token.OP and text == ",":
            self._reset(self._lambdas[-1])  # a comma does not end the arguments of a lambda
        elif kind != token.NAME or keyword.iskeyword(text) or text in ("match", "case"):
            self._reset(self._chained[-1] + 1)
            self._lambdas[-1] += text == "lambda"
            self._branches += text == "elif"
            if kind == token.OP and text in _OPENING:
                self._chained.append(0)
                self._lambdas.append(0)

    def _close(self) -> None:
        if len(self._chained) > 1:
            self._sum -= self._chained.pop()
            self._lambdas.pop()

    def _reset(self, chained: int) -> None:
        self._sum += chained - self._chained[-1]
        self._chained[-1] = chained


def _in_string(text: str) -> bool:
    """Whether a formatted string that is one token (before Python 3.12) nests too deep: all its
    text is taken for code."""
    depth = 0
    for parts, part in enumerate(_PART.finditer(text), 1):
        depth = max(0, depth + (part[0] in _OPENING) - (part[0] in _CLOSING))
        if depth > _MOST_BRACKETS or parts > _MOST_IN_STRING:
            return True
    return False
