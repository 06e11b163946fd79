"""`tocsin subscribers`: how those stand who receive alerts; test, disable and enable them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.alerts.alert import rfc3339
from service.cli import subscribers_test as trying
from service.cli.input.context import context, wait_for
from service.cli.input.names import Names, must_be_known, names
from service.cli.input.store import opened
from service.cli.output.lane import lane_said, moment_said
from service.cli.output.terminal import ago, console
from service.settings import Settings
from service.store.deliveries.search import DeliveryFilter
from service.store.lanes.state import LaneState
from service.store.outbox import Outbox

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, test, disable and enable subscribers."
)

Which = Annotated[list[str], typer.Argument(metavar="NAME…", help="Ids of subscribers.")]
COUNTED = 10_000
"""Failed deliveries that a list looks at in each stream, the newest: it is to answer at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """One subscriber in one stream."""

    stream: str
    channel: str
    """Empty: the rules do not name it."""
    lane: LaneState
    failed: int
    more: bool
    """Whether there may be more of them, older than what was looked at."""


@app.command("list", epilog="Example: tocsin subscribers list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """List the subscribers of the rules, and those that deliveries wait for although unnamed."""
    here = context(quiet=True)
    known = names(here)
    found = wait_for(_list(here.settings, known))
    if as_json:
        rows = [_plain(row) for row in found]
        console().print(json.dumps(rows, indent=2), soft_wrap=True)
        return
    if not found:
        console().print("there are no subscribers")
        return
    _show(found, several=len({row.stream for row in found}) > 1)
    if known.faulty:
        console(error=True).print(
            f"{', '.join(sorted(known.faulty))}: faulty in the rules, see `tocsin check`",
            soft_wrap=True,
        )


async def _list(settings: Settings, known: Names) -> list[Row]:
    rows = []
    async with opened(settings) as outboxes:
        for stream, outbox in outboxes.items():
            failed = await outbox.deliveries.failed(DeliveryFilter(), COUNTED)
            count = Counter(one.subscriber for one in failed)
            strangers = {*await outbox.lane_states.names(), *count} - known.subscribers.keys()
            for name in (*sorted(known.subscribers), *sorted(strangers)):
                subscriber = known.subscribers.get(name)
                channel = subscriber.channel.kind if subscriber else ""
                lane = await outbox.lane_states.of(name)
                rows.append(Row(stream, channel, lane, count[name], len(failed) == COUNTED))
    return rows


def _show(rows: list[Row], *, several: bool) -> None:
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
        lane = row.lane
        last = ago((lane.at - lane.last_success).total_seconds()) if lane.last_success else "–"
        style = "green" if lane.status(known=bool(row.channel)) in ("ok", "new") else "yellow"
        table.add_row(
            lane.subscriber,
            *([row.stream] if several else []),
            row.channel or "–",
            f"{lane.pending:,}",
            f"{row.failed:,}{'+' if row.more else ''}",
            last,
            Text(lane_said(lane, known=bool(row.channel)), style),
        )
    console().print(table)


def _plain(row: Row) -> dict[str, object]:
    lane = row.lane
    return {
        "subscriber": lane.subscriber,
        "stream": row.stream,
        "channel": row.channel or None,
        "lane": lane.status(known=bool(row.channel)),
        "pending": lane.pending,
        "failed": row.failed,
        "failed_may_be_more": row.more,
        "last_success": moment_said(lane.last_success) or None,
        "failures_in_a_row": lane.failures,
        "failing_since": moment_said(lane.failing_since) or None,
        "next_probe": moment_said(lane.next_probe) or None,
        "paused_until": moment_said(lane.paused_until) or None,
        "disabled": lane.disabled or None,
        "disabled_at": moment_said(lane.disabled_at) or None,
    }


@app.command(epilog="Example: tocsin subscribers enable desk")
def enable(subscribers: Which) -> None:
    """Serve subscribers as if nothing had gone wrong, and tell what they have missed."""
    here = context(quiet=True)
    wait_for(_enable(here.settings, names(here), subscribers))


async def _enable(settings: Settings, known: Names, subscribers: list[str]) -> None:
    async with opened(settings) as outboxes:
        every = [*outboxes.values()]
        await _must_exist(every, known, subscribers)
        for name in subscribers:
            since = [await _missed_since(outbox, name) for outbox in every]
            changed = [await outbox.lanes.enable(name) for outbox in every]
            said = "is enabled" if any(changed) else "had no troubles"
            console().print(f"{name} {said}", soft_wrap=True)
            first = min((each for each in since if each), default=None)
            if first is not None:
                await _tell_missed(every, name, first)


async def _missed_since(outbox: Outbox, name: str) -> datetime | None:
    """When the first delivery was made of those that failed in the subscriber's troubles."""
    lane = await outbox.lane_states.of(name)
    if lane.down_since is None:
        return None
    failed = await outbox.deliveries.failed(DeliveryFilter(name, since=lane.down_since))
    return min((one.created_at for one in failed), default=None)


async def _tell_missed(every: list[Outbox], name: str, first: datetime) -> None:
    wanted = DeliveryFilter(name, created_since=first)
    count = sum([len(await outbox.deliveries.failed(wanted)) for outbox in every])
    deliveries = "1 delivery has" if count == 1 else f"{count:,} deliveries have"
    console().print(
        f"{deliveries} failed meanwhile; to send them again:\n"
        f"tocsin deliveries recover {name} --since {rfc3339(first)}",
        soft_wrap=True,
    )


@app.command(epilog='Example: tocsin subscribers disable desk --reason "its server is moving"')
def disable(
    subscribers: Which,
    reason: Annotated[str, typer.Option(help="Why, for whoever wonders.")],
) -> None:
    """Send subscribers nothing: what falls due fails, is kept, and can be recovered."""
    if not reason.strip():
        raise typer.BadParameter("give a reason: others will wonder", param_hint="--reason")
    here = context(quiet=True)
    wait_for(_disable(here.settings, names(here), subscribers, reason.strip()))


async def _disable(settings: Settings, known: Names, subscribers: list[str], reason: str) -> None:
    async with opened(settings) as outboxes:
        every = [*outboxes.values()]
        await _must_exist(every, known, subscribers)
        now = datetime.now(UTC)
        for name in subscribers:
            new = [await outbox.lanes.disable(name, reason, at=now) for outbox in every]
            said = "is disabled" if any(new) else "was disabled already; its reason stays"
            console().print(f"{name} {said}", soft_wrap=True)


async def _must_exist(every: list[Outbox], known: Names, subscribers: list[str]) -> None:
    """Raises BadParameter for names that neither the rules nor a lane knows."""
    lanes = set[str]().union(*[await outbox.lane_states.names() for outbox in every])
    for name in subscribers:
        must_be_known("subscriber", name, lanes.union(known.subscriber_ids))


trying.register(app)
