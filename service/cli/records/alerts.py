"""`tocsin alerts`: what was alerted, who has heard of it, and what holds it back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated

import typer

from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.output.alert import print_alert, print_alerts, print_sums
from service.cli.output.csv_rows import (
    ALERT_COLUMNS,
    SUM_COLUMNS,
    Cell,
    alert_row,
    print_rows,
    sum_row,
)
from service.cli.output.terminal import console, print_json
from service.cli.records.alert_options import (
    By,
    FromSource,
    MaxScore,
    MinScore,
    OfStory,
    OfWatchlist,
    Since,
    ToSubscriber,
    Until,
    WithVerdict,
    checked_groups,
    verdict_word,
)
from service.errors import ConfigError, TocsinError
from service.views.alerts.alert_list import EVERY_ALERT, AlertFilter, AlertLine, alert_lines
from service.views.alerts.details import AlertDetails, find_alert
from service.views.alerts.left_out import RulesOfAlerts
from service.views.alerts.sums import AlertSum, AlertSums

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="List, show and export alerts: who has heard of them, and what holds them back.",
)

AT_ONCE = 500
"""Alerts that are written in one go."""
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


@app.command("list", epilog="Example: tocsin alerts list --watchlist jets --since 2h")
def list_(
    *,
    watchlist: OfWatchlist = "",
    subscriber: ToSubscriber = "",
    source: FromSource = "",
    story: OfStory = "",
    since: Since = None,
    until: Until = None,
    min_score: MinScore = None,
    max_score: MaxScore = None,
    verdict: WithVerdict = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first: headline, score, who got each and when, who did not and why.

    Or count all that fit, by day and watchlist.
    """
    only = AlertFilter(
        watchlist,
        subscriber,
        source,
        story,
        since,
        until,
        min_score,
        max_score,
        verdict_word(verdict),
    )
    groups = checked_groups(only, by)
    here = context(quiet=True)
    found: Sequence[AlertSum | AlertLine]
    if groups:
        found = sums = wait_for(_sums(here, only, groups))
    else:
        found = lines = wait_for(_newest(here, only, limit))
    if not found:
        _must_exist(here, only)
    if as_json:
        print_json(found)
    elif not found:
        console().print("no alerts yet" if only == EVERY_ALERT else "no such alerts")
    elif groups:
        print_sums(sums)
    else:
        print_alerts(lines)


@app.command(epilog="Example: tocsin alerts export --since 30d --by day,watchlist > report.csv")
def export(
    *,
    watchlist: OfWatchlist = "",
    subscriber: ToSubscriber = "",
    source: FromSource = "",
    story: OfStory = "",
    since: Since = None,
    until: Until = None,
    min_score: MinScore = None,
    max_score: MaxScore = None,
    verdict: WithVerdict = None,
    by: By = "",
    as_csv: Annotated[bool, typer.Option("--csv/--json", help="CSV, or JSON, one a line.")] = True,
) -> None:
    """Write all alerts that fit, newest first, or sums of them, for other programs.

    In CSV, what a spreadsheet would take for a formula begins with an apostrophe.
    """
    only = AlertFilter(
        watchlist,
        subscriber,
        source,
        story,
        since,
        until,
        min_score,
        max_score,
        verdict_word(verdict),
    )
    groups = checked_groups(only, by)
    here = context(quiet=True)
    if groups:
        sums = wait_for(_sums(here, only, groups))
        if not sums:
            _must_exist(here, only)
        if as_csv:
            print_rows([(*groups, *SUM_COLUMNS), *map(sum_row, sums)])
        else:
            for one in sums:
                print_json(one, one_line=True)
    elif not wait_for(_export(here, only, as_csv=as_csv)):
        _must_exist(here, only)
        if as_csv:
            print_rows([ALERT_COLUMNS])


@app.command(epilog="Example: tocsin alerts show alr_0b6d3c…")
def show(
    alert: Annotated[
        str, typer.Argument(metavar="ID", help="Of an alert (alr_…), or of a delivery (dlv_…).")
    ],
    as_json: AsJson = False,
) -> None:
    """Show one alert: for each subscriber what was sent, or what holds it back, and until when.

    Of a digest, or of the summary of a throttle, also what it held.
    """
    here = context(quiet=True)
    found = wait_for(_find(here, alert))
    if as_json:
        print_json(found)
    else:
        print_alert(found)


async def _find(here: Context, alert: str) -> AlertDetails:
    async with opened(here.settings) as outboxes:
        found = await find_alert(outboxes.values(), alert, _rules(here))
    if found is None:
        raise TocsinError(
            f"there is no alert {alert}; `tocsin alerts list`, `tocsin deliveries show` and the "
            "log name their ids"
        )
    return found


def _rules(here: Context) -> RulesOfAlerts:
    """What the rules say; nothing on a machine that has no rules."""
    try:
        known = names(here)
    except ConfigError:
        return RulesOfAlerts()
    terms = {name: one.terms for name, one in known.subscribers.items()}
    return RulesOfAlerts(known.notified, terms)


async def _newest(here: Context, only: AlertFilter, limit: int) -> list[AlertLine]:
    rules = _rules(here)
    found: list[AlertLine] = []
    async with opened(here.settings) as outboxes:
        for outbox in outboxes.values():
            left = limit
            async with aclosing(alert_lines(outbox, only, rules)) as lines:
                async for line in lines:
                    found.append(line)
                    left -= 1
                    if not left:
                        break
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


async def _sums(here: Context, only: AlertFilter, groups: Sequence[str]) -> list[AlertSum]:
    found = AlertSums(groups)
    async with opened(here.settings) as outboxes:
        for outbox in outboxes.values():
            async for line in alert_lines(outbox, only, None):
                found.add(line)
    return found.sums()


async def _export(here: Context, only: AlertFilter, *, as_csv: bool) -> int:
    """Write the alerts of one stream after the other; how many there were."""
    rules = _rules(here)
    count = 0
    rows: list[Sequence[Cell]] = [ALERT_COLUMNS]
    async with opened(here.settings) as outboxes:
        for outbox in outboxes.values():
            async for line in alert_lines(outbox, only, rules):
                count += 1
                if not as_csv:
                    print_json(line, one_line=True)
                    continue
                rows.append(alert_row(line))
                if len(rows) == AT_ONCE:
                    print_rows(rows)
                    rows = []
    if as_csv and count:
        print_rows(rows)
    return count


def _must_exist(here: Context, only: AlertFilter) -> None:
    """Raises BadParameter where no alert was found, for names that may be typing errors."""
    try:
        known = names(here)
    except ConfigError:
        return
    if only.watchlist:
        must_be_known("watchlist", only.watchlist, known.watchlist_ids)
    if only.subscriber:
        must_be_known("subscriber", only.subscriber, known.subscriber_ids)
