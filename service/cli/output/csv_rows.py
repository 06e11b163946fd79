"""Alerts as CSV, for spreadsheets: a cell is a text, whatever an article has written into it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from service.cli.output.terminal import console, one_line
from service.views.alerts.alert_list import AlertLine
from service.views.alerts.shares import AlertShare
from service.views.alerts.sums import AlertSum

Cell = str | int | float
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would compute; it takes the wide forms for the narrow."""
ALERT_COLUMNS = (
    *("made", "alert", "stream", "watchlist", "severity", "score", "headline", "source"),
    *("url", "published_at", "story", "retracted", "received", "not_received"),
    *("verdict", "verdict_by", "verdict_at"),
)
SUM_COLUMNS = ("alerts", "retracted", "highest", "mean", "useful", "noise")
MAX_CELL_CHARS = 32_000
"""A spreadsheet takes 32,767."""


def print_rows(rows: Iterable[Sequence[Cell]]) -> None:
    """Print rows as RFC 4180 has them, but for the ends of lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([*map(cell, row)] for row in rows)
    console().print(text.getvalue(), end="", soft_wrap=True)


def cell(value: Cell) -> Cell:
    """A number as it is; a text in one line, and with `'` before it where it looks like a formula.

    That is how people tell a spreadsheet that something is a text.
    """
    if not isinstance(value, str):
        return value
    line = one_line(value, MAX_CELL_CHARS)
    return f"'{line}" if line.startswith(FORMULA) else line


def alert_row(one: AlertLine) -> list[Cell]:
    """The cells of an alert, in the order of `ALERT_COLUMNS`."""
    received = [each for each in one.shares if each.state in ("delivered", "bundled")]
    others = [each for each in one.shares if each not in received]
    return [
        *(one.at, one.id, one.stream, one.watchlist, one.severity, one.score, one.headline),
        *(one.source, one.url, one.published_at, one.story, "yes" if one.retracted else ""),
        " | ".join(f"{each.subscriber} {each.at or each.words}" for each in received),
        " | ".join(map(_said, others)),
        *((one.verdict.verdict, one.verdict.by, one.verdict.at) if one.verdict else ("", "", "")),
    ]


def sum_row(one: AlertSum) -> list[Cell]:
    """The cells of a sum: its group, then those of `SUM_COLUMNS`."""
    sums = (one.alerts, one.retracted, one.highest, one.mean, one.useful, one.noise)
    return [*one.group.values(), *sums]


def _said(share: AlertShare) -> str:
    return f"{share.subscriber}: {share.words}"
