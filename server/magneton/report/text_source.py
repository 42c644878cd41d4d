"""A source range the way compilers show it: place, numbered lines, carets."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from magneton_agent.schema.location import Location

from .excerpt import MarkedLine, Sources
from .findings import place
from .paint import Paint, Role

_LEFT_OUT = "…"


@dataclass(frozen=True)
class SourceView:
    """Renders ranges of one side within ``width`` terminal cells."""

    sources: Sources
    paint: Paint
    width: int

    def block(self, location: Location, role: Role) -> list[str]:
        """``--> path:line:column``, then the lines with the range underlined in ``role``."""
        excerpt = self.sources.excerpt(location)
        gutter = max((len(str(line.number or "")) for line in excerpt.lines), default=1)
        head = " " * gutter + self.paint("--> ", "frame") + place(location)
        if not excerpt.lines:
            return [f"{head} ({excerpt.missing})" if excerpt.missing else head]
        bar = " " * gutter + self.paint(" |", "frame")
        body = [text for line in excerpt.lines for text in self._line(line, gutter, bar, role)]
        return [head, bar, *body, bar]

    def _line(self, line: MarkedLine, gutter: int, bar: str, role: Role) -> list[str]:
        if line.number is None:
            return [self.paint("." * (gutter + 2), "frame")]
        shown = clip(line, self.width - gutter - 3)
        number = self.paint(f"{line.number:>{gutter}} |", "frame")
        carets = "^" * max(1, cell_len(shown.marked))
        return [
            f"{number} {shown.before}{shown.marked}{shown.after}".rstrip(),
            f"{bar} {' ' * cell_len(shown.before)}{self.paint(carets, role)}",
        ]


def clip(line: MarkedLine, width: int) -> MarkedLine:
    """``line`` cut to ``width`` cells around the marked part."""
    if cell_len(line.before + line.marked + line.after) <= width:
        return line
    before, marked = line.before, line.marked
    if cell_len(before + marked) > width - 1:
        keep = width // 4
        before = _LEFT_OUT + before[-keep:] if cell_len(before) > keep else before
        marked = _cut(marked, width - 1 - cell_len(before))
    return MarkedLine(
        line.number, before, marked, _cut(line.after, width - cell_len(before + marked))
    )


def _cut(text: str, width: int) -> str:
    """The beginning of ``text``; an ellipsis takes the last of ``width`` cells if it is cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + _LEFT_OUT
