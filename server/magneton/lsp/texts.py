"""What the server says to people: errors and escaped Markdown."""

from __future__ import annotations

import re

from pygls.exceptions import JsonRpcException

from magneton.report.printable import printable
from magneton_agent.schema.errors import MagnetonError

REQUEST_FAILED = -32803
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~&$@:])")
_CODE = re.compile(rf"(`[^`]+`)|{_MARKDOWN.pattern}")
_SPACE = re.compile(r"\s+")


def describe(error: MagnetonError) -> str:
    """Fact, cause and remedy, a line each, then the traceback of the user's frames."""
    lines = [_sentence(printable(error.fact))]
    if error.cause:
        lines.append(f"Cause: {printable(error.cause)}")
    if error.remedy:
        lines.append(f"Remedy: {printable(error.remedy)}")
    return unlinked("\n".join([*lines, *(printable(line.rstrip()) for line in error.trace)]))


def unlinked(text: str) -> str:
    """``text`` without links: editors make ``[label](command:…)`` clickable in notifications and
    progress bars, and a result or a program may have written it."""
    return text.replace("](", "] (")


def refusal(error: MagnetonError) -> JsonRpcException:
    """The response to a request that cannot be served."""
    return JsonRpcException(describe(error), REQUEST_FAILED)


def plain(text: str) -> str:
    """``text`` on one line, so that Markdown shows it as it is: it may quote anyone's source."""
    return _MARKDOWN.sub(r"\\\1", _SPACE.sub(" ", printable(text))).strip()


def marked(text: str) -> str:
    """As :func:`plain`, but what stands between two backticks is a code span: in it Markdown
    means nothing."""
    text = _SPACE.sub(" ", printable(text)).strip()
    return _CODE.sub(lambda found: found[0] if found[1] else "\\" + found[2], text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
