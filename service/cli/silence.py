"""`tocsin silence`: for a time, alerts are recorded and not sent."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.alerts.alert import rfc3339
from service.alerts.silence import Silence, Target
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.input.times import length, moment
from service.cli.output.terminal import console, one_line
from service.errors import TocsinError
from service.settings import Settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="For a time, record the alerts of a watchlist, of a tag or to a subscriber, unsent.",
)
LONGEST_REASON = 500


@app.command(epilog='Example: tocsin silence add --watchlist jets --for 2h --reason "air show"')
def add(
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever wonders.")],
    watchlist: Annotated[str, typer.Option(help="Of this watchlist.")] = "",
    tag: Annotated[str, typer.Option(help="Of all watchlists with this tag.")] = "",
    subscriber: Annotated[str, typer.Option(help="To this subscriber.")] = "",
    span: Annotated[
        timedelta | None,
        typer.Option("--for", parser=length, metavar="SPAN", help="Such as 20m, 2h or 3d."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="WHEN", help="Such as 2026-11-23T18:00:00Z."),
    ] = None,
) -> None:
    """Silence a watchlist, a tag or a subscriber; it ends by itself.

    What matches meanwhile is recorded, and not sent later.
    """
    now = datetime.now(UTC)
    target, name = _target(watchlist, tag, subscriber)
    end = _end(now, span, until)
    if not reason.strip():
        raise typer.BadParameter("give a reason: others will wonder", param_hint="--reason")
    here = context(quiet=True)
    _must_exist(here, target, name)
    id_ = f"sil_{secrets.token_hex(4)}"
    silence = Silence(
        id_, target, name, rfc3339(end), reason.strip()[:LONGEST_REASON], rfc3339(now)
    )
    wait_for(_add(here.settings, silence))
    console().print(f"{id_}: {target} {name} is silent until {silence.until}", soft_wrap=True)


def _target(watchlist: str, tag: str, subscriber: str) -> tuple[Target, str]:
    given: list[tuple[Target, str]] = [
        ("watchlist", watchlist),
        ("tag", tag),
        ("subscriber", subscriber),
    ]
    chosen = [(target, name) for target, name in given if name]
    if len(chosen) != 1:
        raise typer.BadParameter("give one of --watchlist, --tag and --subscriber")
    return chosen[0]


def _end(now: datetime, span: timedelta | None, until: datetime | None) -> datetime:
    if (span is None) == (until is None):
        raise typer.BadParameter("give --for or --until")
    end = until or now + (span or timedelta())
    if end <= now:
        raise typer.BadParameter(f"{rfc3339(end)} is over", param_hint="--until")
    return end


def _must_exist(here: Context, target: Target, name: str) -> None:
    known = names(here)
    match target:
        case "watchlist":
            must_be_known("watchlist", name, known.watchlists)
        case "tag":
            must_be_known("tag", name, known.tags)
        case "subscriber":
            must_be_known("subscriber", name, known.subscriber_ids)


async def _add(settings: Settings, silence: Silence) -> None:
    async with opened(settings) as outboxes:
        for outbox in outboxes.values():
            await outbox.silences.add(silence)


@app.command("list", epilog="Example: tocsin silence list --json")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """List the silences in force, the one that ends first being the first."""
    here = context(quiet=True)
    now = datetime.now(UTC)
    found = wait_for(_list(here.settings, now))
    out = console()
    if as_json:
        rows = [asdict(silence) | {"streams": streams} for silence, streams in found]
        out.print(json.dumps(rows, indent=2), soft_wrap=True)
        return
    if not found:
        out.print("nothing is silent")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("SILENCE", no_wrap=True)
    table.add_column("UNTIL", no_wrap=True)
    table.add_column("WHAT", overflow="fold")
    table.add_column("REASON", overflow="fold")
    for silence, _ in found:
        what = Text(one_line(f"{silence.target} {silence.name}", LONGEST_REASON))
        until = f"{silence.until[:19]}Z"  # to the second
        table.add_row(silence.id, until, what, Text(one_line(silence.reason, LONGEST_REASON)))
    out.print(table)


async def _list(settings: Settings, now: datetime) -> list[tuple[Silence, list[str]]]:
    """Each silence with the streams in which it is in force."""
    found: dict[str, tuple[Silence, list[str]]] = {}
    async with opened(settings) as outboxes:
        for stream, outbox in outboxes.items():
            for silence in await outbox.silences.in_force(now):
                found.setdefault(silence.id, (silence, []))[1].append(stream)
    return sorted(found.values(), key=lambda each: (each[0].until, each[0].id))


@app.command(epilog="Example: tocsin silence remove sil_1f0c2d3e")
def remove(
    silences: Annotated[list[str], typer.Argument(metavar="ID…", help="sil_…, from the list.")],
) -> None:
    """End silences now; what matched meanwhile stays unsent."""
    here = context(quiet=True)
    wait_for(_remove(here.settings, silences))


async def _remove(settings: Settings, silences: list[str]) -> None:
    strangers = []
    async with opened(settings) as outboxes:
        for id_ in silences:
            done = [await outbox.silences.remove(id_) for outbox in outboxes.values()]
            if any(done):
                console().print(f"{id_} has ended", soft_wrap=True)
            else:
                strangers.append(id_)
    if strangers:
        raise TocsinError(
            f"there is no silence {', '.join(strangers)}; `tocsin silence list` shows them"
        )
