"""Alerts on a terminal: one with all that became of it, a list, and sums."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from service.alerts.people.verdict import MAX_BY_CHARS, GivenVerdict
from service.cli.output.rows import Column, Line, Row, print_rows
from service.cli.output.terminal import console, one_line
from service.views.alerts.alert_list import AlertLine
from service.views.alerts.details import AlertDetails
from service.views.alerts.shares import AlertShare
from service.views.alerts.sums import AlertSum

MAX_WORDS_CHARS = 300
"""Of what became of an alert for one subscriber."""
MAX_SHORT_CHARS = 120
"""Of the same, and of a headline, in a list."""
MAX_SHOWN = 6
"""Subscribers of an alert that a list shows."""
_VERDICT_STYLES = {"useful": "green", "noise": "red"}
_STYLES = {"delivered": "green", "failed": "red", "bundled": "green", "left_out": "dim"}


def print_alert(found: AlertDetails) -> None:
    """Print everything about an alert."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("alert", found.id)
    facts.add_row("watchlist", found.watchlist_id)
    facts.add_row("article", found.article_id)
    facts.add_row("headline", found.headline)
    facts.add_row("made", found.at)
    if found.retracted:
        facts.add_row("retracted", "its article no longer matches after a correction")
    for number, given in enumerate(found.verdicts):
        facts.add_row("before that" if number else "verdict", verdict_line(given))
    event = ""
    for share in found.shares:
        facts.add_row(share.event if share.event_id != event else "", share_line(share))
        event = share.event_id
    if not found.shares:
        facts.add_row("subscribers", "none: the alert is only recorded")
    for number, one in enumerate(found.held):
        title = one_line(one.title or one.url, MAX_SHORT_CHARS)
        said = Text(f"{title} ").append(f"{one.watchlist} {one.id}", "dim")
        facts.add_row("" if number else f"held {len(found.held)}", said)
    console().print(facts)


def verdict_line(given: GivenVerdict) -> Text:
    """What somebody said of an alert, who, when, and by which way."""
    return Text.assemble(*_verdict_parts(given))


def _verdict_parts(given: GivenVerdict) -> Line:
    by = one_line(given.by, MAX_BY_CHARS) or "somebody"
    way = "a link" if given.way == "link" else "the command"
    said = f" by {by}, {given.at[:19].replace('T', ' ')}, with {way}"
    return [(given.verdict, _VERDICT_STYLES[given.verdict]), (said, "")]


def share_line(share: AlertShare) -> Text:
    """What became of an event for one subscriber."""
    delivery = f"  {share.delivery}" if share.delivery else ""
    return Text.assemble(*_share_parts(share, MAX_WORDS_CHARS), (delivery, "dim"))


def _share_parts(share: AlertShare, longest: int) -> Line:
    words = one_line(share.words, longest)
    return [(f"{share.subscriber}: ", ""), (words, _STYLES.get(share.state, "yellow"))]


def print_alerts(found: Sequence[AlertLine]) -> None:
    """Print alerts, each with its headline, and a line for each subscriber."""
    rows = [
        Row(((one.at[:19].replace("T", " "), ""), (f"{one.score:g}", "")), _lines(one))
        for one in found
    ]
    print_rows((Column("MADE"), Column("SCORE", right=True)), "ALERT", rows)


def _lines(one: AlertLine) -> list[Line]:
    head = [(one_line(one.headline, MAX_SHORT_CHARS), "bold")]
    if one.retracted:
        head.append((" (retracted)", "yellow"))
    where = " · ".join(part for part in (one.watchlist, one.source, one.id) if part)
    lines: list[Line] = [head, [(one_line(where, MAX_WORDS_CHARS), "dim")]]
    lines += [_share_parts(share, MAX_SHORT_CHARS) for share in one.shares[:MAX_SHOWN]]
    if len(one.shares) > MAX_SHOWN:
        lines.append([(f"and {len(one.shares) - MAX_SHOWN} more", "dim")])
    if not one.shares:
        lines.append([("only recorded: its watchlist notifies nobody", "dim")])
    if one.verdict:
        lines.append([("verdict: ", ""), *_verdict_parts(one.verdict)])
    return lines


def print_sums(sums: Sequence[AlertSum]) -> None:
    """Print sums, of which there is at least one: a line for each group, and how many in all."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in sums[0].group:
        table.add_column(name.upper(), overflow="fold")
    for name in ("ALERTS", "RETRACTED", "HIGHEST", "MEAN", "USEFUL", "NOISE"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in sums:
        table.add_row(
            *(Text(one_line(each, MAX_SHORT_CHARS)) for each in one.group.values()),
            f"{one.alerts:,}",
            f"{one.retracted:,}",
            f"{one.highest:g}",
            f"{one.mean:g}",
            f"{one.useful:,}",
            f"{one.noise:,}",
        )
    console().print(table)
    console().print(f"{sum(one.alerts for one in sums):,} alerts", style="dim")
