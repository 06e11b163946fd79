"""`tocsin alerts`: who has heard of an alert, and what holds it back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import names
from service.cli.input.store import opened
from service.cli.output.terminal import console, one_line, print_json
from service.errors import ConfigError, TocsinError
from service.views.alerts.details import AlertDetails, AlertShare, find_alert

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Show who has heard of an alert, and what holds it back.",
)

MAX_WORDS_CHARS = 300
"""Of what became of an alert for one subscriber."""
_STYLES = {"delivered": "green", "failed": "red", "bundled": "green"}


@app.callback()
def alerts() -> None:
    """Show who has heard of an alert, and what holds it back."""


@app.command(epilog="Example: tocsin alerts show alr_0b6d3c…")
def show(
    alert: Annotated[
        str, typer.Argument(metavar="ID", help="Of an alert (alr_…), or of a delivery (dlv_…).")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show one alert: for each subscriber what was sent, or what holds it back, and until when."""
    here = context(quiet=True)
    found = wait_for(_find(here, alert))
    if as_json:
        print_json(found)
    else:
        _print(found)


async def _find(here: Context, alert: str) -> AlertDetails:
    async with opened(here.settings) as outboxes:
        found = await find_alert(outboxes.values(), alert, _known(here))
    if found is None:
        raise TocsinError(
            f"there is no alert {alert}; `tocsin deliveries show` and the log name their ids"
        )
    return found


def _known(here: Context) -> Collection[str]:
    """The subscribers of the rules; none on a machine that has no rules."""
    try:
        return names(here).subscribers
    except ConfigError:
        return ()


def _print(found: AlertDetails) -> None:
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
    event = ""
    for share in found.shares:
        facts.add_row(share.event if share.event_id != event else "", _line(share))
        event = share.event_id
    if not found.shares:
        facts.add_row("subscribers", "none: the alert is only recorded")
    console().print(facts)


def _line(share: AlertShare) -> Text:
    words = one_line(share.words, MAX_WORDS_CHARS)
    delivery = f"  {share.delivery}" if share.delivery else ""
    return Text.assemble(
        f"{share.subscriber}: ", (words, _STYLES.get(share.state, "yellow")), (delivery, "dim")
    )
