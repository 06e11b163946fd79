"""What `tocsin missed` prints for people: the way of the article, a line each."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from service.archive.missed.answer import Answer, WatchlistAnswer
from service.archive.missed.cause import Cause
from service.cli.output.terminal import console, one_line

LONGEST = 500
"""Characters of a line."""
TITLES = {
    "never": "never came",
    "unread": "not read yet",
    "dead_letter": "dead letter",
    "wall": "a wall",
    "cut": "cut from the page",
    "clause": "does not match",
    "exception": "an exception holds",
    "threshold": "below the threshold",
    "story": "its story was told",
    "rules": "other rules then",
    "not_notified": "not notified",
    "filter": "filtered",
    "throttle": "held by the throttle",
    "digest": "in a digest",
    "silence": "muted",
    "quiet_hours": "quiet hours",
    "lane": "its lane",
    "attempts": "attempts failed",
    "waits": "waits",
    "unknown": "not told",
    "delivered": "delivered",
}
"""By the kind of a cause."""
ENDING = ("throttle", "digest", "silence", "quiet_hours", "waits")
"""Kinds of causes whose time is that of their end."""


def print_answer(told: Answer) -> None:
    """Print where an article stopped."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim")
    rows.add_column(overflow="fold")
    for name, value in (("article", told.title), ("id", told.id), ("url", told.url)):
        if value:
            rows.add_row(name, Text(one_line(value, LONGEST)))
    if told.entry:
        rows.add_row("entry", f"{told.entry.id} of {told.entry.stream}, added {told.entry.at}")
    if told.cause:
        rows.add_row("stopped", _line(told.cause))
    out = console()
    out.print(rows)
    for each in told.watchlists:
        _print_watchlist(each)
    if told.others:
        number = f"{told.others:,} more watchlist{'' if told.others == 1 else 's'}"
        match = "does not match" if told.others == 1 else "do not match"
        out.print(f"{number} {match}; --watchlist ID says why", style="dim", soft_wrap=True)


def _print_watchlist(each: WatchlistAnswer) -> None:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="bold")
    rows.add_column(overflow="fold")
    if each.alert:
        retracted = ", retracted" if each.alert.retracted else ""
        rows.add_row(each.id, Text(f"alert {each.alert.id}, made {each.alert.at}{retracted}"))
        if not each.subscribers:
            rows.add_row("", Text("only recorded: it notifies nobody", "dim"))
    if each.cause:
        rows.add_row(each.id, _line(each.cause))
    for one in each.subscribers:
        rows.add_row("", Text(f"{one.id}: ").append(_line(one.cause)))
    console().print(rows)


def _line(cause: Cause) -> Text:
    style = "green" if cause.kind == "delivered" else "bold yellow"
    line = Text(TITLES[cause.kind], style)
    if cause.at:
        line.append(f" {'until ' if cause.kind in ENDING else ''}{cause.at}")
    return line.append(f"\n  {one_line(cause.words, LONGEST)}", "dim")
