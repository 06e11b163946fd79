"""`tocsin publish`: write files to the input stream."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress

from service.articles.feeds import Fields
from service.articles.files import Source, UnreadableError, entries
from service.cli.input.context import context, wait_for
from service.cli.input.files import source
from service.cli.input.store import opened
from service.cli.output.terminal import console
from service.settings import Settings
from service.store.outbox import Outbox

BATCH_SIZE = 100
"""Entries that are written in one step."""


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: tocsin publish article.txt page.html feed.xml")
def publish(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…|-", help="Text, HTML, JSON, JSON lines, RSS or Atom; - reads stdin."
        ),
    ],
    stream: Annotated[
        str | None, typer.Option(help="Which of the input streams; default: the first.")
    ] = None,
) -> None:
    """Write articles to the input stream."""
    here = context(quiet=True)
    sources = [source(name) for name in files]
    bad = wait_for(_publish(here.settings, sources, stream))
    if bad:
        raise typer.Exit(1)


async def _publish(settings: Settings, sources: list[Source], stream: str | None) -> int:
    """Publish all that can be read; returns how many could not."""
    name = stream or settings.stream.streams[0]
    if name not in settings.stream.streams:
        known = ", ".join(settings.stream.streams)
        raise typer.BadParameter(f"{name} is not an input stream; TOCSIN_STREAMS names: {known}")
    err = console(error=True)
    count, bad = 0, 0
    async with opened(settings) as outboxes:
        outbox = outboxes[name]
        await outbox.input_stream.ensure_group()
        # Shown on a terminal only, and gone when it is done.
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("publishing", total=len(sources))
            for each in sources:
                batch: list[Fields] = []
                for found in entries(each):
                    if isinstance(found, UnreadableError):
                        err.print(f"tocsin: {found}", style="red")
                        bad += 1
                        continue
                    batch.append(found)
                    if len(batch) == BATCH_SIZE:
                        count += await _write(outbox, batch)
                count += await _write(outbox, batch)
                progress.advance(task)
    console().print(f"{count} {'article' if count == 1 else 'articles'} published to {name}")
    return bad


async def _write(outbox: Outbox, batch: list[Fields]) -> int:
    ids = await outbox.input_stream.publish(batch)
    batch.clear()
    return len(ids)
