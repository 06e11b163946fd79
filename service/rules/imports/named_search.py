"""Searches with their names, as a file of them has them: a table or lines of text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.rules.imports.search import Untranslatable

MAX_NAME_CHARS = 80
NAME_COLUMNS = ("name", "query name", "search name", "title", "alert", "label")
"""Headings of a table's column of names, in lower case."""
SEARCH_COLUMNS = ("query", "search", "search string", "boolean", "expression", "keywords", "string")
"""Headings of its column of searches."""
_OPERATOR = re.compile(r"(?:AND|OR|NOT|O?NEAR(?:/\w+)?|&&|\|\||\(|\))", re.IGNORECASE)
_QUOTES = '"“”„'
_NAMED = re.compile(r"#\s+(?P<comment>.+)|(?P<name>[^\"():=|]{1,80}):\s*")


@dataclass(frozen=True, slots=True)
class NamedSearch:
    """One search of a file; the name is empty where the file gives none."""

    name: str
    text: str
    line: int
    """Of its first line, from 1."""


def named_searches(text: str) -> Iterator[NamedSearch]:
    """The searches of a file, in order.

    In a table (CSV), those of the column of searches. Otherwise each line is one; it goes on in the
    next while a parenthesis or a quotation mark is open or an operator stands at the break. A line
    that begins with `#` and a space, or that only ends with a colon, names the search below it.
    Raises Untranslatable for a table that cannot be read.
    """
    text = text.removeprefix("\ufeff")
    return _of_table(text) if _columns(text) else _of_lines(text)


def _columns(text: str) -> tuple[int | None, int, csv.Dialect | type[csv.Dialect]] | None:
    """The columns of names and of searches; None if the text is no table."""
    first = text.split("\n", 1)[0]
    for delimiter in ",;\t":
        headings = [each.strip(' "\r').lower() for each in first.split(delimiter)]
        wanted = [at for at, heading in enumerate(headings) if heading in SEARCH_COLUMNS]
        if wanted and (len(headings) > 1 or headings[0] in SEARCH_COLUMNS):
            names = [at for at, heading in enumerate(headings) if heading in NAME_COLUMNS]
            return (names[0] if names else None), wanted[0], _dialect(delimiter)
    return None


def _dialect(delimiter: str) -> type[csv.Dialect]:
    return type("Table", (csv.excel,), {"delimiter": delimiter})


def _of_table(text: str) -> Iterator[NamedSearch]:
    columns = _columns(text)
    if columns is None:
        return
    name_at, search_at, dialect = columns
    # A cell that is too long is for the grammar to refuse: the others are imported.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    rows = csv.reader(io.StringIO(text, newline=""), dialect)
    next(rows)
    before = rows.line_num
    for row in _read(rows):
        line, before = before + 1, rows.line_num
        search = row[search_at].strip() if search_at < len(row) else ""
        name = row[name_at].strip() if name_at is not None and name_at < len(row) else ""
        if search:
            yield NamedSearch(name[:MAX_NAME_CHARS], search, line)


def _read(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise Untranslatable(f"it is no table: {error}") from None


def _of_lines(text: str) -> Iterator[NamedSearch]:
    name, parts, begin = "", list[str](), 0
    opened, quotes = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        open_still = opened > 0 or quotes % 2 == 1
        if parts and (not said or not (open_still or _goes_on(parts[-1], said))):
            yield NamedSearch(name, " ".join(parts), begin)
            name, parts, opened, quotes = "", [], 0, 0
        if not said:
            continue
        if not parts and (named := _NAMED.fullmatch(said)):
            name = (named["comment"] or named["name"]).strip()[:MAX_NAME_CHARS]
            continue
        begin = begin if parts else number
        parts.append(said)
        opened += said.count("(") - said.count(")")
        quotes += sum(map(said.count, _QUOTES))
    if parts:
        yield NamedSearch(name, " ".join(parts), begin)


def _goes_on(before: str, line: str) -> bool:
    """Whether a search goes on in this line, as an operator stands at the break."""
    last, first = before.rsplit(maxsplit=1)[-1], line.split(maxsplit=1)[0]
    return bool(
        (_OPERATOR.fullmatch(last) and last != ")") or (_OPERATOR.fullmatch(first) and first != "(")
    )
