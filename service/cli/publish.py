"""`tocsin publish`: write files to the input stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.progress import Progress

from service.articles.files.entries import UnreadableError, fitted
from service.articles.files.feeds import Fields
from service.cli.input.context import context, wait_for
from service.cli.input.files import named, source
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.store import opened
from service.cli.output.terminal import console
from service.errors import BadEntry
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
            metavar="FILE…|-", help="Text, HTML, JSON, JSON lines or a feed; - reads stdin."
        ),
    ],
    stream: Annotated[
        str | None, typer.Option(help="Which of the input streams; default: the first.")
    ] = None,
) -> None:
    """Write articles to the input stream."""
    here = context(quiet=True)
    names = [named(name) for name in files]
    bad = wait_for(_publish(here.settings, names, stream))
    if bad:
        raise typer.Exit(1)


async def _publish(settings: Settings, names: list[str], stream: str | None) -> int:
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
        progress = Progress(console=err, transient=True, disable=not err.is_terminal)
        with progress, LimitedFiles() as reader:
            task = progress.add_task("publishing", total=len(names))
            for each in names:
                batch: list[Fields] = []
                for found in _entries(each, reader, settings.stream.max_article_bytes):
                    if isinstance(found, UnreadableError):
                        err.print(f"tocsin: {found}", style="red", soft_wrap=True)
                        bad += 1
                        continue
                    batch.append(found)
                    if len(batch) == BATCH_SIZE:
                        count += await _write(outbox, batch)
                count += await _write(outbox, batch)
                progress.advance(task)
    failed = f", {bad} failed" if bad else ""
    articles = f"{count} {'article' if count == 1 else 'articles'}"
    console().print(f"{articles} published to {name}{failed}")
    return bad


def _entries(name: str, reader: LimitedFiles, max_bytes: int) -> Iterator[Fields | UnreadableError]:
    """The entries of a file; an error in place of what is none, or would be refused."""
    try:
        for number, found in enumerate(reader.entries(source(name)), 1):
            try:
                if isinstance(found, UnreadableError):
                    yield found
                else:
                    yield fitted(found, max_bytes=max_bytes)
            except BadEntry as error:
                reason = f"the service would refuse entry {number}: {error}"
                yield UnreadableError(f"{name}: {reason}")
    except UnreadableError as error:
        yield error


async def _write(outbox: Outbox, batch: list[Fields]) -> int:
    ids = await outbox.input_stream.publish(batch)
    batch.clear()
    return len(ids)
