"""Tables of text, printed line by line as the figures come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, and how many characters it takes."""

    head: str
    width: int
    left: bool = False

    def cell(self, text: str) -> str:
        """The text as it stands in the column."""
        return f"{text:<{self.width}}" if self.left else f"{text:>{self.width}}"


class Table:
    """Lines with the same columns."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def head(self) -> None:
        """Print the columns' heads and a rule."""
        self.row(*(column.head for column in self._columns))
        print(" ".join("─" * column.width for column in self._columns))

    def row(self, *texts: str) -> None:
        """Print a line at once, so that a long run shows how far it is; the last may be longer."""
        cells = (column.cell(text) for column, text in zip(self._columns, texts, strict=False))
        print(" ".join(cells).rstrip(), flush=True)
