"""Cells of a table: whatever an article has written, a spreadsheet takes it for a text."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cli.output.csv_rows import cell, print_rows
from service.cli.output.terminal import one_line

TEXTS = st.text(max_size=12) | st.text(alphabet="=+-@\t\r\n ,\"'＝1A", max_size=8)


@given(TEXTS)
def test_no_cell_is_a_formula(text: str) -> None:
    """Nor has it several lines; else it stays as people see it."""
    found, shown = str(cell(text)), one_line(text, 100)
    assert found[:1] not in {*"=+-@＝＋－＠"}
    assert len(found.splitlines()) <= 1
    assert found in (shown, f"'{shown}")


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=3), min_size=1, max_size=3))
def test_a_reader_finds_the_cells(rows: list[list[str]]) -> None:
    """Whatever commas and quotation marks are in them."""
    with pytest.MonkeyPatch.context() as patch:
        out = io.StringIO()
        patch.setattr("sys.stdout", out)
        print_rows(rows)
    assert [*csv.reader(io.StringIO(out.getvalue()))] == [[*map(cell, row)] for row in rows]


def test_a_number_stays_a_number() -> None:
    """A minus before it is none of a formula."""
    assert cell(-1.5) == -1.5
    assert cell("-1.5") == "'-1.5"
