"""`tocsin silence`: mute alerts for a time; they are recorded and not sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence, Target
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known, names
from service.cli.input.store import opened
from service.cli.input.times import duration_option, time_option
from service.cli.output.terminal import console, one_line, print_json
from service.errors import TocsinError
from service.settings import Settings
from service.views.silence import SilenceView, silence_views

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Mute alerts of a watchlist, tag or subscriber for a time. "
    "Muted alerts are recorded, not sent.",
)
MAX_REASON_CHARS = 500


@app.command(epilog='Example: tocsin silence add --watchlist jets --for 2h --reason "air show"')
def add(
    *,
    reason: Annotated[str, typer.Option(help="Reason, shown to other operators.")],
    watchlist: Annotated[str, typer.Option(help="Mute this watchlist.")] = "",
    tag: Annotated[str, typer.Option(help="Mute all watchlists with this tag.")] = "",
    subscriber: Annotated[str, typer.Option(help="Mute everything for this subscriber.")] = "",
    span: Annotated[
        timedelta | None,
        typer.Option(
            "--for", parser=duration_option, metavar="DURATION", help="Such as 20m, 2h or 3d."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(parser=time_option, metavar="WHEN", help="Such as 2026-11-23T18:00:00Z."),
    ] = None,
) -> None:
    """Mute a watchlist, a tag or a subscriber. The silence ends by itself.

    Alerts in that time are recorded; they are not sent later.
    """
    target, name = _target(watchlist, tag, subscriber)
    if (span is None) == (until is None):
        raise typer.BadParameter("give --for or --until")
    if not reason.strip():
        raise typer.BadParameter("give a reason", param_hint="--reason")
    here = context(quiet=True)
    _must_exist(here, target, name)
    made = partial(_silence, target, name, reason.strip()[:MAX_REASON_CHARS], until or span)
    silence = wait_for(_add(here.settings, made))
    console().print(f"{silence.id}: {target} {name} is muted until {silence.until}", soft_wrap=True)


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


def _silence(
    target: Target, name: str, reason: str, given: datetime | timedelta | None, now: datetime
) -> Silence:
    """A silence from `now`, until `given` or for as long; `now` is by the clock of Redis."""
    end = given if isinstance(given, datetime) else now + (given or timedelta())
    if end <= now:
        raise typer.BadParameter(f"{rfc3339(end)} is in the past", param_hint="--until")
    return Silence(f"sil_{secrets.token_hex(4)}", target, name, rfc3339(end), reason, rfc3339(now))


def _must_exist(here: Context, target: Target, name: str) -> None:
    known = names(here)
    match target:
        case "watchlist":
            must_be_known("watchlist", name, known.watchlist_ids)
        case "tag":
            must_be_known("tag", name, known.tags)
        case "subscriber":
            must_be_known("subscriber", name, known.subscriber_ids)


async def _add(settings: Settings, made: Callable[[datetime], Silence]) -> Silence:
    async with opened(settings) as outboxes:
        every = [outbox.silences for outbox in outboxes.values()]
        silence = made(await every[0].now())
        for each in every:
            await each.add(silence)
    return silence


@app.command("list", epilog="Example: tocsin silence list --json")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """List the silences in force; the one that ends first comes first."""
    here = context(quiet=True)
    found = wait_for(_list(here.settings))
    out = console()
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("no silences")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("SILENCE", no_wrap=True)
    table.add_column("UNTIL", no_wrap=True)
    table.add_column("WHAT", overflow="fold")
    table.add_column("REASON", overflow="fold")
    for silence in found:
        what = Text(one_line(f"{silence.target} {silence.name}", MAX_REASON_CHARS))
        until = f"{silence.until[:19]}Z"  # to the second
        table.add_row(silence.id, until, what, Text(one_line(silence.reason, MAX_REASON_CHARS)))
    out.print(table)


async def _list(settings: Settings) -> list[SilenceView]:
    async with opened(settings) as outboxes:
        found = {stream: await each.silences.in_force() for stream, each in outboxes.items()}
        return silence_views({stream: each.silences for stream, each in found.items()})


@app.command(epilog="Example: tocsin silence remove sil_1f0c2d3e")
def remove(
    silences: Annotated[list[str], typer.Argument(metavar="ID…", help="sil_…, from the list.")],
) -> None:
    """End silences now. Alerts that were muted are not sent later."""
    here = context(quiet=True)
    wait_for(_remove(here.settings, silences))


async def _remove(settings: Settings, silences: list[str]) -> None:
    unknown = []
    async with opened(settings) as outboxes:
        for id_ in silences:
            done = [await outbox.silences.remove(id_) for outbox in outboxes.values()]
            if any(done):
                console().print(f"{id_} has ended", soft_wrap=True)
            else:
                unknown.append(id_)
    if unknown:
        raise TocsinError(
            f"there is no silence {', '.join(unknown)}; `tocsin silence list` shows them"
        )
