"""HTML that is escaped unless it was made here."""

from __future__ import annotations

import html
import importlib.resources

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """An element; children that are not :class:`Markup` are escaped, ``class_`` is ``class``."""
    pairs = "".join(
        f' {key.rstrip("_")}="{html.escape(value)}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{pairs}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Children side by side, escaped unless they are :class:`Markup`."""
    return Markup(
        "".join(child if isinstance(child, Markup) else html.escape(child) for child in children)
    )


def bar(share: float, class_: str) -> Markup:
    """A bar that takes ``share`` (0 to 1) of the width there is."""
    width = min(max(share, 0.0), 1.0)
    return tag("span", class_=f"bar {class_}", style=f"width: {width:.2%}")


def page(title: str, *body: str) -> str:
    """A whole page: style inline, nothing fetched, no scripts."""
    style = (importlib.resources.files(__package__) / "page.css").read_text("utf-8")
    return _PAGE.format(
        title=html.escape(title), style=style, body="\n".join(join(part) for part in body)
    )
