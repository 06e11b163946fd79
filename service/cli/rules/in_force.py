"""`tocsin rules`: which rules all workers judge by, since when, and what differs."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from service.cli.input.context import Context, context, wait_for
from service.cli.input.store import opened
from service.cli.output.terminal import console, counted, one_line, print_json
from service.delivery.channels.registry import CHANNELS
from service.errors import TocsinError
from service.rules.in_force.shared_set import SharedSet
from service.rules.live.folder import DecodedTexts, read_files
from service.rules.rules import load_after
from service.rules.subscribers.subscriber import SubscriberReader
from service.settings import Settings
from service.views.rules.in_force import (
    DifferenceView,
    PastSetView,
    StatusView,
    difference_view,
    past_set_view,
    read_set,
    status_view,
)
from service.views.times import parse_time, short_duration

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Show the rules in force, their history, and what differs.",
)
MAX_TEXT = 300
"""Characters of a line."""

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


@app.command(epilog="Example: tocsin rules status")
def status(as_json: AsJson = False) -> None:
    """Show the set of rules that all workers judge by, and what became of each worker's files."""
    found = wait_for(_status(context(quiet=True).settings))
    if as_json:
        print_json(found)
        return
    out = console()
    for name, text in status_lines(found):
        out.print(f"{name:<9} {one_line(text, MAX_TEXT)}", soft_wrap=True)
    out.print()
    out.print(_workers(found))
    for worker in found.workers:
        if worker.problem:
            out.print(f"{worker.worker}: {worker.problem}", style="red", soft_wrap=True)


def status_lines(found: StatusView) -> list[tuple[str, str]]:
    """What is in force, as names and texts. Ages are by the clock of Redis, as all times here."""
    since = "with no watchlist yet"
    if found.since:
        since = f"since {found.since} ({_ago(found, found.since)})"
    lines = [
        (
            "set",
            f"{found.set}, {counted(found.watchlists, 'watchlist')}; alerts name it {found.rules}",
        ),
        ("in force", f"{since}, by {found.by}"),
        ("files", f"{found.folder} ({found.files})"),
    ]
    if found.running_last_good:
        lines.append(("kept", f"last good version of {', '.join(found.running_last_good)}"))
    if found.left_out:
        lines.append(("left out", ", ".join(found.left_out)))
    return lines


def _workers(found: StatusView) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("WORKER", "FILES", "THESE FILES", "FAULTS", "SEEN"):
        table.add_column(name, overflow="fold", justify="right" if name == "FAULTS" else "left")
    for one in found.workers:
        style = {"in force": "green", "refused": "red"}.get(one.standing, "yellow")
        standing = Text(one.standing, style)
        table.add_row(
            one.worker, one.files, standing, f"{one.faults:,}", f"{_ago(found, one.seen)} ago"
        )
    return table


def _ago(found: StatusView, time: str) -> str:
    return short_duration(parse_time(found.at) - parse_time(time))


async def _status(settings: Settings) -> StatusView:
    async with opened(settings) as outboxes:
        record = next(iter(outboxes.values())).rules
        in_force = await record.in_force()
        if in_force is None:
            stream = next(iter(outboxes))
            raise TocsinError(
                f"no rules are in force for stream {stream} yet; `tocsin run` puts them in force"
            )
        return status_view(in_force, await record.workers(), await record.now())


@app.command(epilog="Example: tocsin rules history")
def history(as_json: AsJson = False) -> None:
    """List the sets that came into force, the last one first, with what they changed."""
    found = wait_for(_history(context(quiet=True).settings))
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("IN FORCE FROM", "SET", "WATCHLISTS", "CHANGES"):
        right = name == "WATCHLISTS"
        table.add_column(name, overflow="fold", justify="right" if right else "left")
    for one in found:
        at = f"{one.at[:19]}Z"
        table.add_row(at, one.set[:8], f"{one.watchlists:,}", one_line(_changes(one), MAX_TEXT))
    console().print(table if found else "no set has come into force yet")


def _changes(one: PastSetView) -> str:
    kinds = (("+", "added"), ("−", "removed"), ("~", "changed"), ("subscribers ", "subscribers"))
    said = []
    for sign, kind in kinds:
        names = getattr(one, kind)
        more = one.counts.get(kind, 0) - len(names[:5])
        if names:
            said.append(f"{sign}{', '.join(names[:5])}" + (f" and {more:,} more" if more else ""))
    return "; ".join(said)


async def _history(settings: Settings) -> list[PastSetView]:
    async with opened(settings) as outboxes:
        past = await next(iter(outboxes.values())).rules.history()
    return [past_set_view(one) for one in past]


@app.command(epilog="Example: tocsin rules diff")
def diff(
    sets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SET] [SET]", help="Sets of the history; their beginnings will do."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the rules files here would change; with SET, what the set in force changed since.

    With two, what the second has otherwise than the first.
    """
    if len(sets or ()) > 2:
        raise typer.BadParameter("give two sets at most", param_hint="SET")
    here = context(quiet=True)
    found = wait_for(_diff(here, sets or []))
    if as_json:
        print_json(found)
    elif found.is_empty:
        console().print("no difference")
    else:
        _print_difference(found)


async def _diff(here: Context, sets: list[str]) -> DifferenceView:
    root = str(here.settings.match.rules)
    async with opened(here.settings) as outboxes:
        record = next(iter(outboxes.values())).rules
        before = await read_set(record, sets[0] if sets else "", root)
        if sets:
            after = await read_set(record, sets[1] if len(sets) > 1 else "", root)
        else:
            after = _files_here(here, before)
    return difference_view(before, after)


def _files_here(here: Context, in_force: SharedSet) -> SharedSet:
    """The set that the rules files of this machine would come to."""
    files = DecodedTexts(read_files(here.settings.match.rules))
    return load_after(files, SubscriberReader(CHANNELS, None), in_force).shared


def _print_difference(found: DifferenceView) -> None:
    out = console()
    for id_ in found.added:
        out.print(f"+ {id_}", style="green", soft_wrap=True)
    for id_ in found.removed:
        out.print(f"- {id_}", style="red", soft_wrap=True)
    for one in found.changed:
        why = "" if one.fields else ": a list that it names"
        out.print(f"~ {one.watchlist}{why}", style="yellow", soft_wrap=True)
        for field in one.fields:
            before, after = (
                one_line(_said(each), MAX_TEXT) for each in (field.before, field.after)
            )
            out.print(f"    {field.field}: {before} → {after}", soft_wrap=True)
    for name in found.subscribers:
        out.print(f"~ subscriber {name}", style="yellow", soft_wrap=True)


def _said(value: object) -> str:
    return "–" if value is None else str(value)


@app.command(epilog="Example: tocsin rules accept 9c0e12aa03b45f17")
def accept(
    files: Annotated[str, typer.Argument(metavar="FILES", help="As `rules status` shows them.")],
) -> None:
    """Put rules files in force that were refused, because most watchlists are gone from them."""
    wait_for(_accept(context(quiet=True).settings, files))
    console().print(f"{files}: accepted; the worker that has these files puts them in force")


async def _accept(settings: Settings, files: str) -> None:
    async with opened(settings) as outboxes:
        record = next(iter(outboxes.values())).rules
        refused = {one.offer for one in await record.workers() if one.said.standing == "refused"}
        if files not in refused:
            known = f"those that were: {', '.join(sorted(refused))}" if refused else "none were"
            raise TocsinError(
                f"no running worker has rules files {files} that were refused; {known}"
            )
        await record.accept(files)
