"""`tocsin stories`: what a story counted, and whether two articles are one story."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from service.articles.article import Article
from service.cli.input.context import context, wait_for
from service.cli.input.files import source
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.store import opened
from service.cli.output.story import print_story
from service.cli.output.terminal import console, print_json
from service.errors import TocsinError
from service.settings import Settings
from service.views.alerts.story import StoryView, find_story, same_story

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Show what a story counted, and whether two articles are one story.",
)


@app.command(epilog="Example: tocsin stories show sty_0b6d3c…")
def show(
    story: Annotated[
        str, typer.Argument(metavar="ID", help="Of a story (sty_…), or of an alert (alr_…).")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show a story: the alerts that told it, and the articles that were counted instead."""
    found = wait_for(_find(context(quiet=True).settings, story))
    if as_json:
        print_json(found)
    else:
        print_story(found)


async def _find(settings: Settings, id_: str) -> StoryView:
    async with opened(settings) as outboxes:
        found = await find_story(outboxes.values(), id_)
    if found is None:
        hours = settings.match.story_window_hours
        raise TocsinError(
            f"no story has the id {id_!r}, nor an alert with it; a story is kept for {hours:g} "
            "hours (TOCSIN_STORY_WINDOW_HOURS)"
        )
    return found


@app.command(epilog="Example: tocsin stories compare article.txt other.txt")
def compare(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="A file as `publish` takes it; - reads stdin.")
    ],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The file of the other article.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Say whether two articles are one story, and why."""
    settings = context(quiet=True).settings
    ours, theirs = (_only_article(settings, each) for each in (article, other))
    compared = same_story(ours, theirs, settings.match.story_similarity)
    if as_json:
        print_json(compared)
    else:
        console().print(compared.why, soft_wrap=True, markup=False)


def _only_article(settings: Settings, name: str) -> Article:
    most = settings.stream.max_article_bytes
    with LimitedFiles() as reader:
        found = [*islice(reader.articles(source(name), max_bytes=most), 2)]
    if len(found) != 1 or not isinstance(found[0], Article):
        bad = [str(each) for each in found if not isinstance(each, Article)]
        raise TocsinError(bad[0] if bad else f"{name}: hold one article in a file to compare it")
    return found[0]
