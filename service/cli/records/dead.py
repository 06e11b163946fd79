"""`tocsin dead`: entries that could not become articles."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from service.cli.input.context import context, wait_for
from service.cli.input.store import opened
from service.cli.output.rows import Column, Row, print_rows
from service.cli.output.terminal import console, print_json
from service.errors import StoreError, TocsinError
from service.settings import Settings
from service.telemetry.log import visible
from service.views.dead_letter import (
    DeadLetterDetails,
    DeadLetterView,
    find_dead_letter,
    newest_dead_letters,
)

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, show and replay dead letters."
)

Id = Annotated[str, typer.Argument(metavar="ID", help="A dead letter's id, from the list.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
MAX_FIELD_CHARS = 2_000
"""Of a field that is shown on a terminal."""


@app.command("list", epilog="Example: tocsin dead list --limit 10")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List dead letters, newest first, with the reason of each."""
    here = context(quiet=True)
    found = wait_for(_list(here.settings, limit))
    out = console()
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("no dead letters")
        return
    rows = [Row(((one.id, ""), (f"{one.bytes:,}", "")), [[(one.reason, "")]]) for one in found]
    print_rows((Column("ID"), Column("BYTES", right=True)), "REASON", rows)


async def _list(settings: Settings, limit: int) -> list[DeadLetterView]:
    async with opened(settings) as outboxes:
        return await newest_dead_letters(outboxes, limit)


@app.command(epilog="Example: tocsin dead show 1795426614703-0")
def show(letter: Id, as_json: AsJson = False) -> None:
    """Show one dead letter: its reason, its time, and its fields as they came."""
    here = context(quiet=True)
    found = wait_for(_find(here.settings, letter))
    if as_json:
        print_json(found)
        return
    out = console()
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("id", found.id)
    facts.add_row("entry", found.entry)
    facts.add_row("at", found.at)
    facts.add_row("reason", found.reason)
    facts.add_row("deliveries", str(found.deliveries))
    for name, value in found.fields.items():
        text = visible(value)
        if len(text) > MAX_FIELD_CHARS:
            text = f"{text[:MAX_FIELD_CHARS]}… ({len(text):,} characters)"
        facts.add_row(name, text)
    out.print(facts)


async def _find(settings: Settings, letter: str) -> DeadLetterDetails:
    async with opened(settings) as outboxes:
        found = await find_dead_letter(outboxes, letter)
    if found is None:
        raise TocsinError(_unknown(letter))
    return found


def _unknown(letter: str) -> str:
    return f"there is no dead letter {letter}; `tocsin dead list` shows them"


@app.command(epilog="Example: tocsin dead replay 1795426614703-0; or: tocsin dead replay --all")
def replay(
    letters: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Ids, from the list.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Write dead letters to their input stream again, as they came."""
    if bool(letters) is all_:
        raise typer.BadParameter("name dead letters, or give --all")
    here = context(quiet=True)
    count = wait_for(_replay(here.settings, letters))
    console().print(f"{count} replayed")


async def _replay(settings: Settings, letters: list[str] | None) -> int:
    count = 0
    problems: list[str] = []
    async with opened(settings) as outboxes:
        if letters is None:
            letters = [one.id for one in await newest_dead_letters(outboxes, sys.maxsize)]
        for letter in letters:
            try:
                done = [await outbox.dead_letters.replay(letter) for outbox in outboxes.values()]
            except StoreError as error:  # of this letter; the others are replayed
                problems.append(str(error))
                continue
            if any(done):
                count += 1
            else:
                problems.append(_unknown(letter))
    if problems:
        raise TocsinError("\n".join([*problems, f"{count} replayed"]))
    return count
