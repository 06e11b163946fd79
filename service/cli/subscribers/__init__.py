"""`tocsin subscribers`: the state of those who receive alerts; test, disable and enable them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.alerts.alert import rfc3339
from service.cli.input.context import context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.output.terminal import console, one_line, print_json
from service.cli.subscribers import move as moving
from service.cli.subscribers import test_message as trying
from service.settings import Settings
from service.store.outbox import Outbox
from service.views.rules.names import RuleNames
from service.views.subscriber import Missed, SubscriberView, missed_deliveries, subscriber_views
from service.views.times import short_duration

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="List, test, move, disable and enable subscribers.",
)

Which = Annotated[list[str], typer.Argument(metavar="NAME…", help="Ids of subscribers.")]
MAX_REASON_CHARS = 300
"""Of the reason for which a subscriber is disabled."""


@app.command("list", epilog="Example: tocsin subscribers list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """List the subscribers of the rules, and those that only have waiting deliveries.

    LAST is the time since the last success, LANE the state of the queue.
    """
    here = context(quiet=True)
    known = names(here)
    found = wait_for(_list(here.settings, known))
    if as_json:
        print_json(found)
        return
    if not found:
        console().print("no subscribers")
        return
    _print_table(found, several=len({row.stream for row in found}) > 1)
    if known.faulty:
        console(error=True).print(
            f"{', '.join(sorted(known.faulty))}: errors in the rules, see `tocsin check`",
            soft_wrap=True,
        )


async def _list(settings: Settings, known: RuleNames) -> list[SubscriberView]:
    async with opened(settings) as outboxes:
        return await subscriber_views(outboxes, known)


def _print_table(rows: list[SubscriberView], *, several: bool) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("SUBSCRIBER", overflow="fold")
    if several:
        table.add_column("STREAM", overflow="fold")
    table.add_column("CHANNEL", no_wrap=True)
    table.add_column("WAITING", justify="right", no_wrap=True)
    table.add_column("FAILED", justify="right", no_wrap=True)
    table.add_column("LAST", justify="right", no_wrap=True)
    table.add_column("LANE", overflow="fold")
    for row in rows:
        last = short_duration(row.at - row.last_success) if row.last_success else "–"
        style = "green" if row.lane in ("ok", "new") else "yellow"
        table.add_row(
            row.subscriber,
            *([row.stream] if several else []),
            row.channel or "–",
            f"{row.pending:,}",
            f"{row.failed:,}{'+' if row.failed_may_be_more else ''}",
            last,
            Text(one_line(row.lane_words, MAX_REASON_CHARS), style),
        )
    console().print(table)


@app.command(epilog="Example: tocsin subscribers enable desk")
def enable(subscribers: Which) -> None:
    """Enable subscribers, reset their failures, and show how to send what they missed."""
    here = context(quiet=True)
    wait_for(_enable(here.settings, names(here), subscribers))


async def _enable(settings: Settings, known: RuleNames, subscribers: list[str]) -> None:
    async with opened(settings) as outboxes:
        every = [*outboxes.values()]
        await _must_exist(every, known, subscribers)
        for name in subscribers:
            missed = await missed_deliveries(every, name)
            changed = [await outbox.lanes.enable(name) for outbox in every]
            result = "is enabled" if any(changed) else "was enabled already"
            console().print(f"{name} {result}", soft_wrap=True)
            if missed is not None:
                _print_missed(name, missed)


def _print_missed(name: str, missed: Missed) -> None:
    deliveries = "1 delivery has" if missed.count == 1 else f"{missed.count:,} deliveries have"
    console().print(
        f"{deliveries} failed meanwhile; to send them again:\n"
        f"tocsin deliveries recover {name} --since {rfc3339(missed.first)}",
        soft_wrap=True,
    )


@app.command(epilog='Example: tocsin subscribers disable desk --reason "its server is moving"')
def disable(
    subscribers: Which,
    reason: Annotated[str, typer.Option(help="Reason, shown to other operators.")],
) -> None:
    """Stop sending to subscribers. Due deliveries are marked failed and kept."""
    if not reason.strip():
        raise typer.BadParameter("give a reason", param_hint="--reason")
    here = context(quiet=True)
    wait_for(_disable(here.settings, names(here), subscribers, reason.strip()))


async def _disable(
    settings: Settings, known: RuleNames, subscribers: list[str], reason: str
) -> None:
    async with opened(settings) as outboxes:
        every = [*outboxes.values()]
        await _must_exist(every, known, subscribers)
        for name in subscribers:
            now = (await every[0].lane_states.of(name)).at  # by the clock of Redis, as all times
            new = [await outbox.lanes.disable(name, reason, at=now) for outbox in every]
            result = "is disabled" if any(new) else "was disabled already; its reason stays"
            console().print(f"{name} {result}", soft_wrap=True)


async def _must_exist(every: list[Outbox], known: RuleNames, subscribers: list[str]) -> None:
    """Raises BadParameter for a name that neither the rules nor a lane has."""
    lanes = set[str]().union(*[await outbox.lane_states.names() for outbox in every])
    for name in subscribers:
        must_be_known("subscriber", name, lanes.union(known.subscriber_ids))


trying.register(app)
moving.register(app)
