"""`tocsin deliveries`: what happened to each alert on its way to a subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated

import typer

from service.alerts.alert import rfc3339
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.input.times import past_option
from service.cli.output.delivery import print_deliveries, print_delivery
from service.cli.output.terminal import console, print_json
from service.errors import ConfigError, TocsinError
from service.settings import Settings
from service.store.deliveries.delivery import State
from service.store.deliveries.search import DeliveryFilter
from service.views.delivery import (
    DeliveryDetails,
    DeliveryView,
    find_delivery,
    newest_deliveries,
)

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
            parser=past_option,
            metavar="WHEN",
            help=f"Only those whose state changed since then. {WHEN}",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the most recent state change first; AGE is the time since then."""
    here = context(quiet=True)
    wanted = DeliveryFilter(subscriber, watchlist, since)
    found = wait_for(_list(here.settings, which, limit, wanted))
    if not found:
        _must_be_known(here, wanted)
    if as_json:
        print_json(found)
    elif found:
        print_deliveries(found, datetime.now(UTC))
    else:
        narrow = which or wanted != DeliveryFilter()
        console().print("no such deliveries" if narrow else "no deliveries yet")


async def _list(
    settings: Settings, which: Which | None, limit: int, wanted: DeliveryFilter
) -> list[DeliveryView]:
    state: State | None = which.value if which else None
    async with opened(settings) as outboxes:
        return await newest_deliveries(outboxes.values(), state=state, only=wanted, limit=limit)


@app.command(epilog="Example: tocsin deliveries show dlv_1f0c…")
def show(delivery: Id, as_json: AsJson = False) -> None:
    """Show one delivery: each attempt, why it waits, and the event that it carries."""
    here = context(quiet=True)
    found = wait_for(_find(here, delivery))
    if as_json:
        print_json(found)
    else:
        print_delivery(found)


async def _find(here: Context, delivery: str) -> DeliveryDetails:
    def known(subscriber: str) -> bool:
        try:
            return subscriber in names(here).subscribers
        except ConfigError:  # this machine has no rules
            return True

    async with opened(here.settings) as outboxes:
        found = await find_delivery(outboxes.values(), delivery, known=known)
    if found is None:
        raise _unknown(delivery)
    return found


@app.command(epilog="Example: tocsin deliveries retry --subscriber desk --state pending")
def retry(
    deliveries: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="dlv_…, or none and options.")
    ] = None,
    *,
    subscriber: Annotated[str, typer.Option(help="All to this subscriber.")] = "",
    watchlist: Annotated[str, typer.Option(help="All of this watchlist.")] = "",
    which: Annotated[
        Which | None,
        typer.Option("--state", help="All in this state; without it, pending and failed ones."),
    ] = None,
) -> None:
    """Send deliveries again now; their webhook-id stays the same.

    Those with these IDs, whatever their state; or all that the options select.
    """
    wanted = DeliveryFilter(subscriber, watchlist)
    selects = wanted != DeliveryFilter()
    if bool(deliveries) == selects or (deliveries and which):
        raise typer.BadParameter("write IDs; or --subscriber or --watchlist, and perhaps --state")
    here = context(quiet=True)
    if deliveries:
        wait_for(_retry(here.settings, deliveries))
        return
    states: Sequence[State] = (which.value,) if which else ("pending", "failed")
    count = wait_for(_retry_all(here.settings, wanted, states))
    if not count:
        _must_be_known(here, wanted)
    what = "1 delivery is" if count == 1 else f"{count:,} deliveries are"
    console().print(f"{what} due now", soft_wrap=True)


async def _retry(settings: Settings, deliveries: list[str]) -> None:
    async with opened(settings) as outboxes:
        for one in deliveries:
            done = [await outbox.deliveries.retry(one) for outbox in outboxes.values()]
            if not any(done):
                raise _unknown(one)
            console().print(f"{one} is due now")


async def _retry_all(settings: Settings, wanted: DeliveryFilter, states: Sequence[State]) -> int:
    async with opened(settings) as outboxes:
        found = [
            await outbox.deliveries.retry_all(wanted, state)
            for outbox in outboxes.values()
            for state in states
        ]
    return sum(found)


@app.command(epilog="Example: tocsin deliveries recover desk --since 2026-11-23T09:00:00Z")
def recover(
    subscriber: Annotated[str, typer.Argument(metavar="SUBSCRIBER", help="A subscriber's id.")],
    since: Annotated[
        datetime,
        typer.Option(
            parser=past_option, metavar="WHEN", help=f"Only those created since then. {WHEN}"
        ),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(parser=past_option, metavar="WHEN", help="Only those created until then."),
    ] = None,
) -> None:
    """Send all failed deliveries of a subscriber again, with the same ids, the oldest first.

    Pending and delivered ones are not touched; running it again is safe.
    """
    if until is not None and until < since:
        raise typer.BadParameter("--until is earlier than --since")
    here = context(quiet=True)
    wanted = DeliveryFilter(subscriber, created_since=since, created_until=until)
    count = wait_for(_recover(here.settings, wanted))
    if not count:
        _must_be_known(here, wanted)
    deliveries = "delivery" if count == 1 else "deliveries"
    created = f"since {rfc3339(since)}" + (f" until {rfc3339(until)}" if until else "")
    out = console()
    out.print(f"{count:,} failed {deliveries} to {subscriber} will be sent again,", soft_wrap=True)
    out.print(f"created {created}")


async def _recover(settings: Settings, wanted: DeliveryFilter) -> int:
    async with opened(settings) as outboxes:
        found = [await o.deliveries.retry_all(wanted, "failed") for o in outboxes.values()]
    return sum(found)


def _must_be_known(here: Context, only: DeliveryFilter) -> None:
    """Raises BadParameter for a name that the rules have not; it may be a typing error."""
    try:
        known = names(here)
    except ConfigError:  # this machine has no rules
        return
    if only.subscriber:
        must_be_known("subscriber", only.subscriber, known.subscriber_ids)
    if only.watchlist:
        must_be_known("watchlist", only.watchlist, known.watchlist_ids)


def _unknown(delivery: str) -> TocsinError:
    return TocsinError(f"there is no delivery {delivery}; `tocsin deliveries list` shows them")
