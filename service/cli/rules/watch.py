"""Files that are looked at again and again until one of them changes."""

from __future__ import annotations

import time
from datetime import timedelta
from math import ceil
from pathlib import Path

from rich.console import Console
from rich.text import Text

from service.errors import ConfigError
from service.rules.live.folder import WatchedFolder

INTERVAL = timedelta(milliseconds=300)
"""Between two looks."""
_LAST_LINES = 3
"""The sums, which stay on the screen however much stands above them."""


class WatchedPaths:
    """Rules files, folders of them, and other files, as they were when they were noted."""

    def __init__(self) -> None:
        self._folders: dict[Path, WatchedFolder] = {}
        self._there: dict[Path, bool] = {}

    def note(self, path: Path) -> None:
        """Look at this path, too; called before its content is used."""
        if path not in self._folders:
            self._folders[path] = WatchedFolder(path)
            self._there[path] = False
            self._changes(path)

    def wait(self) -> None:
        """Until one of them is another than before."""
        while not sum(self._changes(path) for path in self._folders):  # each is noted
            time.sleep(INTERVAL.total_seconds())

    def _changes(self, path: Path) -> bool:
        was_there, folder = self._there[path], self._folders[path]
        try:
            content = folder.read_change()
        except (ConfigError, OSError):  # it is gone, or is being written
            self._there[path] = False
            return was_there
        self._there[path] = True
        if content is not None:
            folder.accept(content)
        return content is not None or not was_there


def show_screen(out: Console, text: str) -> None:
    """As much of a text as one screen holds: its beginning and its last lines."""
    lines = [Text.from_ansi(line) for line in text.splitlines()]
    rows = [max(1, ceil(line.cell_len / out.width)) for line in lines]
    most = out.height - 2
    if out.is_terminal and sum(rows) > most and len(lines) > _LAST_LINES:
        shown, left = 0, most - sum(rows[-_LAST_LINES:]) - 1
        while left >= rows[shown]:
            left -= rows[shown]
            shown += 1
        more = len(lines) - shown - _LAST_LINES
        lines = [*lines[:shown], Text(f"… {more} more lines", "dim"), *lines[-_LAST_LINES:]]
    out.clear()
    for line in lines:
        out.print(line, soft_wrap=True)
