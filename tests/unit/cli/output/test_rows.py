"""A list of thousands on a terminal."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from service.cli.output.rows import Column, Row, Rows
from service.cli.output.terminal import SafeConsole
from service.telemetry.log import visible

WORDS = st.text("aé戦→ \x1b\u202e", max_size=30) | st.text("abc→ ", max_size=150)
STYLES = st.sampled_from(["", "red", "dim"])
PARTS = st.tuples(WORDS.map(str.strip), STYLES)
NAMES = st.tuples(WORDS.map(lambda text: text.strip()[:30]), STYLES)
COLUMNS = (Column("NAME"), Column("TRIES", right=True))
ROWS = st.lists(
    st.builds(
        Row,
        st.tuples(NAMES, st.tuples(st.integers(0, 9_999).map(str), STYLES)),
        st.lists(st.lists(PARTS, min_size=1, max_size=3), min_size=1, max_size=3),
    ),
    max_size=4,
)


def by_rich(rows: list[Row]) -> Table:
    """The same as a table of rich, which measures and lays out each cell by itself."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("NAME", no_wrap=True)
    table.add_column("TRIES", justify="right", no_wrap=True)
    table.add_column("LAST", overflow="fold")
    for row in rows:
        lines = [Text().join(map(seen, line)) for line in row.last]
        table.add_row(*map(seen, row.cells), Text("\n").join(lines))
    return table


def seen(part: tuple[str, str]) -> Text:
    """A part of a line; what is unseen is written out before it is measured."""
    text, style = part
    return Text(visible(text), style)


def shown(what: Table | Rows, width: int) -> list[str]:
    """The lines on a terminal so wide, without the spaces at their ends."""
    file = io.StringIO()
    SafeConsole(file=file, width=width, markup=False).print(what, soft_wrap=isinstance(what, Rows))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_a_line_below_a_row_is_folded_by_itself() -> None:
    """It begins under the first column, whatever the width of the others."""
    row = Row((("desk", ""), ("1", "")), [[("sent", "")]], [[("about ", ""), ("the jets", "red")]])
    lines = shown(Rows(COLUMNS, "LAST", [row]), 12)
    assert lines == ["NAME TRIES LAST", "desk     1 sent", "  about the", "  jets"]


@given(ROWS, st.integers(120, 200))
def test_rows_look_like_a_table_of_rich(rows: list[Row], width: int) -> None:
    """With no space at the ends of lines."""
    assert shown(Rows(COLUMNS, "LAST", rows), width) == shown(by_rich(rows), width)
