"""VS Code as its user sees it. Every method waits until what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotThereError

PATIENCE_MS, _PALETTE_MS = 60_000, 3_000
_MENU_TRIES = 6
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Editor:
    """The workbench of ``folder``, in ``page``."""

    def __init__(self, page: Page, address: str, folder: Path) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/?folder={folder}")
        page.locator(".explorer-folders-view").wait_for()

    def open_file(self, name: str) -> None:
        self.page.locator(f".explorer-folders-view [aria-label^='{name}']").first.dblclick()
        self.page.locator(f".tab.active[data-resource-name='{name}']").wait_for()
        self.page.locator(".monaco-editor .view-line").first.wait_for()

    def run_command(self, title: str) -> None:
        self._offered(title).click()

    def listed_commands(self, start: str) -> list[str]:
        """The titles that the palette offers for ``start``."""
        self._offered(start)
        titles = self._rows.locator(".quick-input-list-label").all_inner_texts()
        self.page.keyboard.press("Escape")
        return [title.splitlines()[0] for title in titles]

    def _offered(self, title: str) -> Locator:
        """The palette's first row with ``title``."""
        # The palette lists what there was when it opened: on a busy machine that may be before the
        # extension, or the file's language, is known.
        for _ in range(PATIENCE_MS // _PALETTE_MS):
            self.page.keyboard.press("F1")
            self.quick_input.fill(f">{title}")
            row = self._row(title)
            if row is not None:
                return row
            self.page.keyboard.press("Escape")
        raise AssertionError(f"the palette does not offer {title}")

    def _row(self, text: str) -> Locator | None:
        """The open list's first row with ``text``; None where there is none soon."""
        row = self._rows.filter(has_text=text).first
        try:
            row.wait_for(timeout=_PALETTE_MS)
        except NotThereError:
            return None
        return row

    def pick(self, label: str) -> None:
        """Choose the row ``label`` of the open list."""
        self._rows.filter(has_text=label).first.click()

    def choose_file(self, file: Path, button: str) -> None:
        """Name ``file`` in the open file dialog, whose accepting button is ``button``."""
        self.page.locator(".quick-input-widget").get_by_text(button, exact=True).wait_for()
        # Once it has listed the folder that it begins with, the dialog writes that over what was
        # typed before.
        for _ in range(PATIENCE_MS // _PALETTE_MS):
            self.quick_input.fill(f"{file.parent}/")
            self.quick_input.fill(str(file))
            if self._row(file.name) is not None:
                self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"the dialog does not list {file.name}")

    def go_to_line(self, line: int, column: int = 1) -> None:
        self.page.keyboard.press("Control+g")
        self.quick_input.fill(f":{line}:{column}")
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".quick-input-widget")).to_be_hidden(timeout=PATIENCE_MS)

    def insert_above(self, line: int, text: str) -> None:
        """Type ``text`` as a new line above ``line``."""
        self.go_to_line(line)
        self.page.keyboard.press("Control+Shift+Enter")
        self.page.keyboard.type(text)

    def hover(self, squiggle: Locator) -> Locator:
        """Point at the text under ``squiggle``; the hover that appears."""
        box = squiggle.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
        hover = self.page.locator(".monaco-hover:visible").first
        hover.wait_for()
        return hover

    def quick_fix(self, line: int, column: int, title: str) -> Locator:
        """What is offered for the place, of which ``title`` is part. The menu closes where a
        message takes the focus, and is opened again then, as a user would."""
        found = self.page.locator(".action-widget .monaco-list-row", has_text=title)
        for _ in range(_MENU_TRIES):
            self.go_to_line(line, column)
            self.page.keyboard.press("Control+.")
            try:
                found.first.wait_for(timeout=PATIENCE_MS / _MENU_TRIES)
            except NotThereError:
                self.page.keyboard.press("Escape")
            else:
                break
        return found

    def problems(self, text: str) -> Locator:
        """The rows of the Problems panel that contain ``text``."""
        self.page.keyboard.press("Control+Shift+M")
        self.page.locator(".markers-panel").wait_for()
        return self.page.locator(".markers-panel .monaco-list-row", has_text=text)

    def toast(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.locator(".notification-toast", has_text=text)

    @property
    def quick_input(self) -> Locator:
        return self.page.locator(".quick-input-widget input:visible").first

    @property
    def _rows(self) -> Locator:
        return self.page.locator(".quick-input-list .monaco-list-row")
