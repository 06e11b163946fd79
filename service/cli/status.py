"""`tocsin status`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from service.app.redis.server_risks import loss_risks, read_info
from service.cli.input.context import context, wait_for
from service.cli.input.store import opened
from service.cli.output.terminal import console, counted, one_line, print_json
from service.settings import Settings
from service.store.outbox import Outbox
from service.views.status import (
    Backlogs,
    QuietStatus,
    RulesStatus,
    Status,
    StoreStatus,
    StreamStatus,
    read_backlogs,
    read_status,
)
from service.views.times import parse_time, short_duration

app = typer.Typer(add_completion=False)

LOOK_EVERY = timedelta(seconds=2)
"""Between two looks of `--watch`."""
FIRST_LOOK = timedelta(seconds=1)
"""Between the two looks by which a rate is known."""
MAX_NAME = 20
"""Characters of a worker's name."""
MAX_QUIET = 5
"""Lines of those that are quiet."""
MAX_TEXT = 66
"""Characters beside a name of eleven, in 80 columns."""


@app.command(epilog="Example: tocsin status --watch")
def status(
    watch: Annotated[bool, typer.Option(help="Look again every two seconds.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write JSON, for programs; with --watch, a line a look.")
    ] = False,
) -> None:
    """Show on one screen what waits and since when, rules, store and workers."""
    wait_for(_show(context(quiet=True).settings, watch=watch, as_json=as_json))


async def _show(settings: Settings, *, watch: bool, as_json: bool) -> None:
    out = console()
    async with opened(settings) as outboxes:
        earlier, pause = await read_backlogs(outboxes), FIRST_LOOK
        while True:
            await _pause(pause.total_seconds())
            backlogs = await read_backlogs(outboxes)
            found = await _look(settings, outboxes, backlogs, earlier)
            if as_json:
                print_json(found, one_line=watch)
            else:
                if watch and out.is_terminal:
                    out.clear()
                out.print(_screen(found))
            if not watch:
                return
            earlier, pause = backlogs, LOOK_EVERY


async def _look(
    settings: Settings, outboxes: Mapping[str, Outbox], backlogs: Backlogs, earlier: Backlogs
) -> Status:
    clients = dict.fromkeys(outbox.redis for outbox in outboxes.values())
    servers = await asyncio.gather(*map(read_info, clients))
    return await read_status(
        outboxes,
        backlogs,
        earlier,
        servers,
        risks=loss_risks(*servers, embedded=settings.store.embedded),
        own_time=datetime.now(UTC),
    )


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _screen(found: Status) -> RenderableType:
    parts: list[RenderableType] = [_streams(found), _deliveries(found), Text()]
    for name, (text, good) in (
        ("rules", _rules_line(found.rules, found.at)),
        ("store", _store_line(found.store)),
        ("clock", _clock_line(found.store)),
        ("quiet", _quiet_line(found.quiet)),
    ):
        parts.append(Text.assemble((f"{name:<11}", "dim"), (one_line(text, MAX_TEXT), _ok(good))))
    parts += _quiet(found)
    parts += [Text(one_line(risk, 300), "yellow") for risk in found.store.risks]
    return Group(*parts, Text(), _workers(found))


def _streams(found: Status) -> Table:
    table = _table("STREAM", "ADDED/S", "UNREAD", "IN HAND", "LAG", "LAST", "DEAD", "VANISHED")
    for one in found.streams:
        late = one.lag_seconds > 60
        table.add_row(
            one_line(one.stream, 20),
            "–" if one.added_per_second is None else f"{one.added_per_second:g}",
            "?" if one.unread is None else f"{one.unread:,}",
            f"{one.pending:,}",
            Text(_seconds(one.lag_seconds), _ok(not late)),
            _ago(one.last_added, found.at),
            f"{one.dead_letters:,}",
            Text(f"{one.vanished:,}", _ok(not one.vanished)),
        )
    return table


def _deliveries(found: Status) -> Table:
    table = _table("DELIVERIES", "WAITING", "DUE", "OLDEST", "FAILED", "LANES")
    table.columns[-1].justify = "left"
    for one in found.streams:
        late = one.oldest_due_seconds > 60
        table.add_row(
            one_line(one.stream, 20),
            f"{one.deliveries:,}",
            f"{one.due:,}",
            Text(_seconds(one.oldest_due_seconds), _ok(not late)),
            f"{one.failed:,}",
            Text(_lanes(one), _ok({*one.lanes} <= {"ok", "new"})),
        )
    return table


def _lanes(one: StreamStatus) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in one.lanes.items()) or "–"


def _rules_line(rules: RulesStatus | None, now: str) -> tuple[str, bool]:
    if rules is None:
        return "none in force yet; `tocsin run` puts them in force", False
    parts = [
        f"{counted(rules.watchlists, 'watchlist')}, {counted(rules.subscribers, 'subscriber')}",
        f"in force for {_ago(rules.since, now)}",
    ]
    if rules.running_last_good:
        parts.append(f"{rules.running_last_good:,} last good")
    if rules.left_out:
        parts.append(f"{rules.left_out:,} left out")
    return ", ".join(parts), not (rules.running_last_good or rules.left_out)


def _store_line(store: StoreStatus) -> tuple[str, bool]:
    return ", ".join(_store_parts(store)) or "does not tell", not store.risks


def _store_parts(store: StoreStatus) -> Iterator[str]:
    if store.version:
        yield store.version
    if store.servers > 1:
        yield f"the fullest of {store.servers} servers"
    if store.memory_bytes is not None:
        most = f" of {store.max_memory_bytes / 2**20:,.0f}" if store.max_memory_bytes else ""
        yield f"{store.memory_bytes / 2**20:,.0f}{most} MiB"
    if store.policy:
        yield store.policy
    if store.append_only is not None:
        yield "append-only" if store.append_only else "no append-only file"


def _clock_line(store: StoreStatus) -> tuple[str, bool]:
    ahead = store.clock_ahead_seconds
    if abs(ahead) < 1:
        return "the same here and at Redis", True
    than = "ahead of" if ahead > 0 else "behind"
    return f"this machine is {_seconds(abs(ahead))} {than} Redis", abs(ahead) < 30


def _quiet_line(quiet: QuietStatus) -> tuple[str, bool]:
    counts = (
        (quiet.streams, "stream", "streams"),
        (quiet.sources, "source", "sources"),
        (quiet.watchlists, "watchlist", "watchlists"),
    )
    parts = [f"{count:,} {one if count == 1 else more}" for count, one, more in counts if count]
    return ", ".join(parts) or "nobody for longer than usual", not parts


def _quiet(found: Status) -> Iterator[Text]:
    """Streams, then those that are quiet for longest; --json has more."""
    for one in sorted(found.quiet.listed, key=lambda one: one.kind != "stream")[:MAX_QUIET]:
        usual = (
            f"1 story in {one.usual_gap_articles:,.0f} articles is usual"
            if one.usual_gap_articles is not None
            else f"every {_seconds(one.usual_gap_seconds or 0)} is usual"
        )
        said = f": for {_ago(one.since, found.at)}; {usual}"
        named = one_line(f"{one.kind} {one.name}", MAX_TEXT - len(said))
        yield Text(f"{'':<11}{named}{said}")


def _workers(found: Status) -> RenderableType:
    if not found.workers:
        return Text("no worker has said in the last minute that it runs: tocsin run", "red")
    table = _table("WORKER", "ROLES", "VERSION", "UP", "SEEN", "ARTICLES/S", "SENT/S")
    table.columns[1].justify = "left"
    for one in found.workers:
        table.add_row(
            _end(one_line(one.worker, 99)),
            ",".join(one.roles),
            one.version,
            _ago(one.started, found.at),
            _ago(one.seen, found.at),
            f"{one.articles_per_second:g}",
            f"{one.deliveries_per_second:g}",
        )
    return table


def _end(name: str) -> str:
    """The end of a worker's name, which no other worker has."""
    return name if len(name) <= MAX_NAME else f"…{name[1 - MAX_NAME :]}"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, no_wrap=True, overflow="ellipsis")
    for name in others:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _ago(time: str | None, now: str) -> str:
    return short_duration(parse_time(now) - parse_time(time)) if time else "–"


def _seconds(seconds: float) -> str:
    return short_duration(timedelta(seconds=seconds))


def _ok(good: bool) -> str:
    return "" if good else "red"
