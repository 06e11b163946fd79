"""A list of thousands on a terminal: columns of one width, and a last one that is folded.

It looks like a table of rich without lines, and takes a twentieth of the time: rich measures and
lays out each cell by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from service.cli.output.terminal import console
from service.telemetry.log import visible

INDENT = 2
"""Spaces in front of a line below the columns."""
LEAST_FOLDED = 10
"""Characters of the last column on a terminal that has no room for it."""

_ONE_CELL = re.compile(r"[ -~¡-¬®-ɏ‐-‧→]*")
"""Of characters that take one place each; rich folds the others, which takes it far longer."""

Line = Sequence[tuple[str, str]]
"""Texts of one line, each with its style."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is as wide as its widest text."""

    title: str
    right: bool = False
    """Whether its texts stand at its right."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list."""

    cells: Sequence[tuple[str, str]]
    """A text and its style for each column but the last."""
    last: Sequence[Line]
    """The lines of the last column; one that is too long is folded."""
    below: Sequence[Line] = ()
    """Lines below the columns, folded likewise."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows beneath the titles of their columns."""

    columns: Sequence[Column]
    last_title: str
    rows: Sequence[Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, without spaces at their ends."""
        titles = Row([(each.title, "dim") for each in self.columns], [[(self.last_title, "dim")]])
        shown = [_visible(each) for each in (titles, *self.rows)]
        widths = [
            max(cell_len(row.cells[number][0]) for row in shown)
            for number in range(len(self.columns))
        ]
        indent = sum(widths) + len(widths)
        folded = max(options.max_width - indent, LEAST_FOLDED)
        for row in shown:
            yield from self._first_cells(console, row, widths)
            lines = [part for line in row.last for part in _folded(console, line, folded)]
            for number, line in enumerate(lines):
                if number:
                    yield Segment(" " * indent)
                yield from line
                yield Segment("\n")
            for below in row.below:
                for part in _folded(console, below, options.max_width - INDENT):
                    yield Segment(" " * INDENT)
                    yield from part
                    yield Segment("\n")

    def _first_cells(self, console: Console, row: Row, widths: Sequence[int]) -> Iterable[Segment]:
        for (text, style), column, width in zip(row.cells, self.columns, widths, strict=True):
            space = " " * (width - cell_len(text))
            before, after = (space, "") if column.right else ("", space)
            if style:
                yield Segment(before)
                yield _segment(console, text, style)
                yield Segment(f"{after} ")
            else:
                yield Segment(f"{before}{text}{after} ")


def print_rows(columns: Sequence[Column], last_title: str, rows: Sequence[Row]) -> None:
    """Print a list; `last_title` is that of the column that is folded."""
    # With soft_wrap, rich takes the lines as they are.
    console().print(Rows(columns, last_title, rows), soft_wrap=True)


def _visible(row: Row) -> Row:
    """The row as it will be shown, which is as wide as it is measured."""

    def seen(line: Line) -> Line:
        return [(visible(text), style) for text, style in line]

    return Row(seen(row.cells), [*map(seen, row.last)], [*map(seen, row.below)])


def _folded(console: Console, line: Line, width: int) -> Iterable[Iterable[Segment]]:
    text = "".join(part for part, _ in line)
    if not _ONE_CELL.fullmatch(text):
        for lines in Text.assemble(*line).wrap(console, width, overflow="fold"):
            lines.rstrip()
            yield lines.render(console)
    elif len(text) <= width:
        yield (_segment(console, part, style) for part, style in line)
    else:
        for start, end in _parts(text, width):
            yield _cut(console, line, start, end)


def _parts(text: str, width: int) -> Iterable[tuple[int, int]]:
    """Where each line of a text begins and ends, as rich folds it."""
    start = 0
    while len(text) - start > width:
        end = text.rfind(" ", start, start + width + 1)
        if end <= start:  # a word that is longer
            end = start + width
        yield start, end
        start = end
        while text[start : start + 1] == " ":
            start += 1
    if start < len(text):
        yield start, len(text)


def _cut(console: Console, line: Line, start: int, end: int) -> Iterable[Segment]:
    """The segments of a part of a line."""
    at = 0
    for text, style in line:
        part = text[max(0, start - at) : max(0, end - at)]
        at += len(text)
        if part:
            yield _segment(console, part, style)


def _segment(console: Console, text: str, style: str) -> Segment:
    return Segment(text, console.get_style(style) if style else None)
