"""`tocsin suggest`: what would keep noise away from a watchlist, and what that may lose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from service.archive.kept.block import Block
from service.archive.kept.reader import ArchiveReader, RawEntry
from service.archive.kept.segment import SegmentFile
from service.archive.suggestions.article_words import by_article
from service.archive.suggestions.changes import Change
from service.archive.suggestions.suggester import Suggester
from service.archive.suggestions.suggestion import KnownAlert
from service.cli.archive.kept_articles import progress_bar, stream_articles
from service.cli.archive.suggestion_text import print_suggestions
from service.cli.input.context import Context, context, wait_for
from service.cli.input.names import must_be_known
from service.cli.input.rules import load_rules, rules_texts
from service.cli.input.store import opened
from service.cli.output.rules_file import replace_file
from service.cli.output.terminal import console, print_json
from service.concurrency.processes import usable_cores
from service.delivery.channels.registry import CHANNELS
from service.errors import TocsinError
from service.matching.query import Query
from service.rules.rules import Watchlist, load
from service.rules.subscribers.subscriber import SubscriberReader
from service.rules.yaml.edits import with_exception, with_match
from service.store.outbox import Outbox
from service.views.alerts.alert_list import AlertFilter, AlertLine, alert_lines

MOST_UNJUDGED = 2_000
"""Alerts without a verdict that are looked at, the newest; all that have one are."""
AT_ONCE = 500
"""Entries that are asked for in one call."""

app = typer.Typer(add_completion=False)
Kept = list[tuple[str, Block, int]]
"""Of alerts the id, a block, and the number of the article in it."""


@app.command(epilog="Example: tocsin suggest port-strikes")
def suggest(
    watchlist: Annotated[str, typer.Argument(metavar="WATCHLIST", help="Its id.")],
    *,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
    accept: Annotated[
        str, typer.Option(metavar="ID", help="Write this suggestion into the file: sug_…")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Suggest from verdicts how a watchlist makes less noise. Changes nothing by itself.

    Each shows every alert that it would have removed, and what it may lose.
    docs/verdicts.md says how that is counted.
    """
    here = context(quiet=True)
    found = load_rules(here, [rules] if rules else None, None)
    must_be_known("watchlist", watchlist, found.watchlists)
    wanted = found.watchlists[watchlist]
    suggester = wait_for(_suggester(here, wanted.query))
    if accept:
        change = suggester.change(accept)
        if change is None:
            raise TocsinError(
                f"{accept} is not suggested for {watchlist} (any more); `tocsin suggest "
                f"{watchlist}` shows what is: other verdicts may suggest other changes"
            )
        _accept(here, rules, wanted, change)
        return
    told = suggester.suggestions(wanted.expression)
    if as_json:
        print_json(told)
    else:
        print_suggestions(told, wanted.file)


async def _suggester(here: Context, query: Query) -> Suggester:
    """The watchlist with its alerts, and with the archive where there are verdicts enough."""
    settings = here.settings
    alerts: dict[str, KnownAlert] = {}
    kept: Kept = []
    max_bytes = settings.stream.max_article_bytes
    with progress_bar() as progress:
        async with (
            opened(settings) as outboxes,
            ArchiveReader(usable_cores(), max_bytes=max_bytes) as reader,
        ):
            for outbox in outboxes.values():
                lines = await _alerts(outbox, query.id)
                new = {one.id: one for one in lines if one.id not in alerts}
                alerts |= {id_: _known(one) for id_, one in new.items()}
                kept += await _texts(outbox, reader, new)
            with_text = {id_ for id_, _, _ in kept}
            lost = [one for one in alerts.values() if one.id not in with_text]
            no_text = sum(one.verdict != "none" for one in lost)
            suggester = Suggester(query, alerts, kept, no_text)
            if suggester.is_ready:
                async with stream_articles(settings, outboxes.values(), progress) as found:
                    for each in found:
                        _read(suggester, each.segments, progress)
    return suggester


def _read(suggester: Suggester, segments: Sequence[SegmentFile], progress: Progress) -> None:
    task = progress.add_task("counting", total=sum(each.count for each in segments))
    for each in segments:
        suggester.read(each.load().blocks)
        progress.advance(task, each.count)
    progress.remove_task(task)


async def _alerts(outbox: Outbox, watchlist: str) -> list[AlertLine]:
    """Those with a verdict, and the newest of the others."""
    only = (AlertFilter(watchlist, verdict="any"), AlertFilter(watchlist, verdict="none"))
    judged = [line async for line in alert_lines(outbox, only[0], None)]
    others: list[AlertLine] = []
    async for line in alert_lines(outbox, only[1], None):
        others.append(line)
        if len(others) == MOST_UNJUDGED:
            break
    return [one for one in (*judged, *others) if not one.retracted]


def _known(line: AlertLine) -> KnownAlert:
    return KnownAlert(line.id, line.at, line.verdict.verdict if line.verdict else "none")


async def _texts(outbox: Outbox, reader: ArchiveReader, lines: Mapping[str, AlertLine]) -> Kept:
    """The articles of alerts, read as the live service reads them."""
    entries: dict[str, RawEntry] = {}
    ids = [*lines]
    for first in range(0, len(ids), AT_ONCE):
        some = {id_: lines[id_].entry for id_ in ids[first : first + AT_ONCE]}
        for id_, (entry_id, fields) in (await outbox.verdicts.entries(some)).items():
            entries[id_] = RawEntry(entry_id, fields)
    if not entries:
        return []
    alert_of = {entry.entry_id: id_ for id_, entry in entries.items()}
    segment = await reader.segment([*entries.values()])
    return [(alert_of[id_], block, number) for id_, block, number in by_article(segment.blocks)]


def _accept(here: Context, rules: Path | None, watchlist: Watchlist, change: Change) -> None:
    """Write a change into the watchlist's file; nothing else in it is touched."""
    texts = rules_texts(here, [rules] if rules else None)
    before = texts[watchlist.file]
    if change.kind == "exception":
        after = with_exception(before, watchlist.id, change.name, change.written)
    else:
        after = with_match(before, watchlist.id, change.written)
    reader = SubscriberReader(CHANNELS, None, here.environment.get)
    found = load({**texts, watchlist.file: after}, reader).watchlists.get(watchlist.id)
    if found is None or found.query != change.query:
        raise TocsinError(
            f"{watchlist.file}: written there it would mean something else; write it by hand"
        )
    replace_file(Path(watchlist.file), after)
    out = console()
    lines = unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    for line in [*lines][2:]:
        out.print(line, soft_wrap=True)
    said = f"{watchlist.file} is changed; `tocsin test` says whether its tests hold"
    out.print(said, soft_wrap=True)
