"""`tocsin missed`: why somebody did not get an article."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.archive.missed.answer import Answer, answer
from service.archive.missed.follow import Follower
from service.archive.missed.wanted import Wanted, wanted_fields
from service.articles.entry import read_entry
from service.articles.files.entries import UnreadableError
from service.cli.archive.kept_articles import kept_search
from service.cli.archive.missed_text import print_answer
from service.cli.input.context import Context, context, wait_for
from service.cli.input.files import named, source
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.names import must_be_known, names
from service.cli.input.rules import load_rules
from service.cli.input.store import opened
from service.cli.input.stream_article import NamedArticle, named_article
from service.cli.output.terminal import print_json
from service.errors import BadEntry, TocsinError
from service.rules.rules import Rules

MOST_WATCHLISTS = 5_000
"""That are asked one after the other."""

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: tocsin missed https://example.org/a-story --subscriber desk")
def missed(
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE",
            help="Its URL or id; the id of its stream entry, of an alert or a delivery; "
            "or a file with it, as `publish` takes it. - reads stdin.",
        ),
    ],
    *,
    watchlist: Annotated[
        str | None, typer.Option(help="Only this watchlist, also where it does not match.")
    ] = None,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber.")] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Follow an article from the stream to each subscriber: what stopped it, and when.

    Its way leads through watchlists, stories and throttles. What stopped it first is the cause.
    """
    here = context(quiet=True)
    given = _given(here, article)
    found = load_rules(here, [rules] if rules else None, None)
    if watchlist is not None:
        must_be_known("watchlist", watchlist, found.watchlists)
    elif len(found.watchlists) > MOST_WATCHLISTS:
        raise typer.BadParameter(
            f"there are {len(found.watchlists):,} watchlists; name one with --watchlist"
        )
    if subscriber is not None:
        must_be_known("subscriber", subscriber, names(here).subscriber_ids)
    told = wait_for(_answer(here, found, given, watchlist, subscriber))
    if as_json:
        print_json(told)
    else:
        print_answer(told)


def _given(here: Context, said: str) -> Wanted | str:
    """The article of a file, or the name by which it is to be looked up."""
    if said == "-" or Path(said).exists():
        return _of_file(here, named(said))
    return said


def _of_file(here: Context, name: str) -> Wanted:
    with LimitedFiles() as reader:
        found = [*reader.entries(source(name))]
    entries = []
    for each in found:
        if isinstance(each, UnreadableError):
            raise each
        entries.append(each)
    if len(entries) != 1:
        raise TocsinError(f"{name}: hold one article in a file to follow it")
    fields = {key.encode(): text.encode() for key, text in entries[0].items()}
    try:
        draft = read_entry(fields, max_bytes=here.settings.stream.max_article_bytes)
    except BadEntry:
        return wanted_fields(name, fields, None)
    return wanted_fields(name, fields, draft)


async def _answer(
    here: Context,
    rules: Rules,
    given: Wanted | str,
    watchlist: str | None,
    subscriber: str | None,
) -> Answer:
    async with opened(here.settings) as outboxes:
        known = (
            await named_article(outboxes, given) if isinstance(given, str) else NamedArticle(given)
        )
        if known.alert is not None:
            watchlist = watchlist or known.alert.watchlist_id
        max_bytes = here.settings.stream.max_article_bytes
        follower = Follower(outboxes, rules, max_bytes=max_bytes, kept=kept_search(here.settings))
        return answer(await follower.trail(known.wanted, watchlist, subscriber))
