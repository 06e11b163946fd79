"""`tocsin deliveries`: what became of every alert on its way to a subscriber."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated

import typer
from rich.table import Table

from service.alerts.alert import rfc3339
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.input.times import past
from service.cli.output.delivery import plain, state
from service.cli.output.delivery import show as show_delivery
from service.cli.output.lane import why_it_waits
from service.cli.output.terminal import ago, console
from service.errors import ConfigError, TocsinError
from service.settings import Settings
from service.store.deliveries.delivery import Delivery, State
from service.store.deliveries.search import DeliveryFilter

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, show and resend deliveries."
)

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="A delivery's id: dlv_…")]
WHEN = "Such as 2h, 3d (ago), 2026-11-23 or 2026-11-23T09:00:00Z."


class Which(Enum):
    """The states of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@app.command("list", epilog="Example: tocsin deliveries list --state failed --since 2h")
def list_(
    *,
    which: Annotated[
        Which | None, typer.Option("--state", help="Only those in this state.")
    ] = None,
    subscriber: Annotated[str, typer.Option(help="Only those to this subscriber.")] = "",
    watchlist: Annotated[str, typer.Option(help="Only those of this watchlist.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=past, metavar="WHEN", help=f"Only those in their state since then. {WHEN}"
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries: first those that came into their state last; AGE is how long ago."""
    here = context(quiet=True)
    wanted = DeliveryFilter(subscriber, watchlist, since)
    found = wait_for(_list(here.settings, which, limit, wanted))
    out = console()
    if as_json:
        out.print(json.dumps([plain(one) for one in found], indent=2), soft_wrap=True)
        return
    if not found:
        narrow = which or wanted != DeliveryFilter()
        out.print("no deliveries like that" if narrow else "no deliveries yet")
        return
    # One space between columns, so that the names have room beside the long ids.
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("DELIVERY", no_wrap=True)
    table.add_column("STATE", no_wrap=True)
    table.add_column("AGE", justify="right", no_wrap=True)
    table.add_column("TRIES", justify="right", no_wrap=True)
    table.add_column("WATCHLIST → SUBSCRIBER", overflow="fold")
    now = datetime.now(UTC)
    for one in found:
        what = f"{one.watchlist_id} → {one.subscriber}"
        age = ago((now - one.since).total_seconds())
        table.add_row(one.id, state(one), age, str(len(one.attempts)), what)
    out.print(table)


async def _list(
    settings: Settings, which: Which | None, limit: int, wanted: DeliveryFilter
) -> list[Delivery]:
    chosen: State | None = which.value if which else None
    async with opened(settings) as outboxes:
        each = [
            await outbox.deliveries.newest(state=chosen, limit=limit, only=wanted)
            for outbox in outboxes.values()
        ]
    found = [one for part in each for one in part]
    return sorted(found, key=lambda one: one.since, reverse=True)[:limit]


@app.command(epilog="Example: tocsin deliveries show dlv_1f0c…")
def show(delivery: Id, as_json: AsJson = False) -> None:
    """Show one delivery: every attempt, why it waits, and the event it carries."""
    here = context(quiet=True)
    found, why = wait_for(_find(here, delivery))
    if as_json:
        told = plain(found) | {"waits": why}
        console().print(json.dumps(told, indent=2), soft_wrap=True)
    else:
        show_delivery(found, why)


async def _find(here: Context, delivery: str) -> tuple[Delivery, str]:
    async with opened(here.settings) as outboxes:
        for outbox in outboxes.values():
            found = await outbox.deliveries.get(delivery)
            if found is None:
                continue
            if found.state != "pending":
                return found, ""
            lane = await outbox.lane_states.of(found.subscriber)
            return found, why_it_waits(found, lane, known=_known(here, found.subscriber))
    raise _unknown(delivery)


def _known(here: Context, subscriber: str) -> bool:
    """Whether the rules name the subscriber; where there are none here, they are elsewhere."""
    try:
        return subscriber in names(here).subscribers
    except ConfigError:
        return True


@app.command(epilog="Example: tocsin deliveries retry dlv_1f0c…")
def retry(deliveries: Annotated[list[str], typer.Argument(metavar="ID…", help="dlv_…")]) -> None:
    """Send deliveries again now, whatever their state; their webhook-id stays the same."""
    here = context(quiet=True)
    wait_for(_retry(here.settings, deliveries))


async def _retry(settings: Settings, deliveries: list[str]) -> None:
    async with opened(settings) as outboxes:
        for one in deliveries:
            done = [await outbox.deliveries.retry(one) for outbox in outboxes.values()]
            if not any(done):
                raise _unknown(one)
            console().print(f"{one} is due now")


@app.command(epilog="Example: tocsin deliveries recover desk --since 2026-11-23T09:00:00Z")
def recover(
    subscriber: Annotated[str, typer.Argument(metavar="SUBSCRIBER", help="Its id.")],
    since: Annotated[
        datetime,
        typer.Option(parser=past, metavar="WHEN", help=f"Only what was made since then. {WHEN}"),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(parser=past, metavar="WHEN", help="Only what was made until then."),
    ] = None,
) -> None:
    """Send a subscriber again what failed for good, under the same ids, the oldest first.

    What is pending or delivered is left alone, so that it may be done twice.
    """
    if until is not None and until < since:
        raise typer.BadParameter("--until lies before --since")
    here = context(quiet=True)
    wanted = DeliveryFilter(subscriber, created_since=since, created_until=until)
    count = wait_for(_recover(here.settings, wanted))
    if not count:
        _check(here, subscriber)
    deliveries = "delivery" if count == 1 else "deliveries"
    made = f"since {rfc3339(since)}" + (f" until {rfc3339(until)}" if until else "")
    out = console()
    out.print(f"{count:,} failed {deliveries} to {subscriber} now due again,", soft_wrap=True)
    out.print(f"of those made {made}")


async def _recover(settings: Settings, wanted: DeliveryFilter) -> int:
    async with opened(settings) as outboxes:
        return sum([await outbox.deliveries.recover(wanted) for outbox in outboxes.values()])


def _check(here: Context, subscriber: str) -> None:
    """Where nothing was found, perhaps nobody has that name. Raises BadParameter."""
    try:
        known = names(here).subscriber_ids
    except ConfigError:
        return
    must_be_known("subscriber", subscriber, known)


def _unknown(delivery: str) -> TocsinError:
    return TocsinError(f"there is no delivery {delivery}; `tocsin deliveries list` shows them")
