"""docs/imports.md says what the import does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.rules.imports.watchlists import SYSTEMS, imported

PAGE = (Path(__file__).parents[3] / "docs" / "imports.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\w[\w ]+) \| (`.+`).* \| (`.+`) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("system", "there", "here"), ROWS)
def test_a_row_is_true(system: str, there: str, here: str) -> None:
    """Each search of the row becomes the expression of the same place."""
    name = system.lower().replace(" ", "-")
    searches, expressions = re.findall("`([^`]+)`", there), re.findall("`([^`]+)`", here)
    found = [imported(name, search.encode())[0].match for search in searches]
    assert found == expressions


def test_there_are_rows_and_all_systems_are_named() -> None:
    """A table that is read as empty proves nothing."""
    assert len(ROWS) > 10
    assert [name for name in SYSTEMS if f"`{name}`" not in PAGE] == []
