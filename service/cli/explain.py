"""`tocsin explain`: how an article was read, which watchlists it matches, and why."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from service.alerts.explanation import explain
from service.articles.article import Article
from service.cli.input.context import context, wait_for
from service.cli.input.files import source
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.rules import load_rules
from service.cli.input.store import opened
from service.cli.output.explanation import render_article, render_verdict
from service.cli.output.story import print_story
from service.cli.output.terminal import console, print_json
from service.errors import TocsinError
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import judge
from service.rules.rules import Rules
from service.settings import Settings
from service.views.explanation import article_view, watchlist_facts
from service.views.rules.names import unknown_name
from service.views.story import StoryView, find_story, same_story

app = typer.Typer(add_completion=False)


@app.command(
    "explain", epilog="Example: tocsin explain article.txt --watchlist pak-turk-fighter-jets"
)
def explain_articles(
    article: Annotated[
        str | None,
        typer.Argument(metavar="ARTICLE", help="A file as `publish` takes it; - reads stdin."),
    ] = None,
    *,
    watchlist: Annotated[
        str | None, typer.Option(help="Only this watchlist, also where it does not match.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
    same_as: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Say only whether it is the same story as this article."),
    ] = None,
    story: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Instead: a story (sty_…, alr_…) and what it counted."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="A JSON object for each article, with all watchlists."),
    ] = False,
) -> None:
    """Show how an article was read, which watchlists match and why, and what is missing where none
    matches.
    """
    here = context(quiet=True)
    if story is not None and article is None:
        _show_story(here.settings, story, as_json=as_json)
        return
    if article is None or story is not None:
        raise typer.BadParameter("name an article, or the id of a story with --story")
    if same_as is not None:
        _compare(here.settings, article, same_as, as_json=as_json)
        return
    found = load_rules(here, [rules] if rules else None, None)
    _warn_of_faults(len(found.faults))
    if watchlist is not None and watchlist not in found.watchlists:
        raise typer.BadParameter(unknown_name("watchlist", watchlist, found.watchlists))
    limit = here.settings.match.max_evidence
    max_bytes = here.settings.stream.max_article_bytes
    bad = shown = 0
    with LimitedFiles() as reader:
        for each in reader.articles(source(article), max_bytes=max_bytes):
            if not isinstance(each, Article):
                _warn(str(each), "red")
                bad += 1
            elif as_json:
                _print_json(each, found, watchlist, limit)
            else:
                if shown:
                    console().print()
                _show(each, found, watchlist, limit)
                shown += 1
    if bad:
        raise typer.Exit(1)


def _warn_of_faults(number: int) -> None:
    if number:
        errors = f"{number} error{'s' * (number > 1)} in the rules"
        _warn(f"{errors}; `tocsin check` lists them", "yellow")


def _warn(text: str, style: str) -> None:
    console(error=True).print(f"tocsin: {text}", style=style, soft_wrap=True)


def _compare(settings: Settings, name: str, other: str, *, as_json: bool) -> None:
    """Whether two articles would be one story."""
    ours, theirs = (_only_article(settings, each) for each in (name, other))
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


def _show_story(settings: Settings, id_: str, *, as_json: bool) -> None:
    found = wait_for(_find_story(settings, id_))
    if as_json:
        print_json(found)
    else:
        print_story(found)


async def _find_story(settings: Settings, id_: str) -> StoryView:
    async with opened(settings) as outboxes:
        found = await find_story(outboxes.values(), id_)
    if found is None:
        hours = settings.match.story_window_hours
        raise TocsinError(
            f"no story has the id {id_!r}, nor an alert with it; a story is kept for {hours:g} "
            "hours (TOCSIN_STORY_WINDOW_HOURS)"
        )
    return found


def _show(article: Article, rules: Rules, only: str | None, limit: int) -> None:
    index = ArticleIndex(article)
    chosen = [rules.watchlists[only]] if only else rules.watchlists.values()
    shown = []
    missed = 0
    for watchlist in chosen:
        judgement = judge(watchlist.query, index)
        if only or judgement.score is not None:
            shown.append(explain(watchlist, judgement, limit))
        else:
            missed += 1
    out = console()
    out.print(render_article(article, shown))
    for explanation in shown:
        out.print()
        out.print(render_verdict(explanation))
    if missed:
        out.print()
        out.print(_others(missed, more=bool(shown)), style="dim")


def _others(missed: int, *, more: bool) -> str:
    number = f"{missed} {'more ' if more else ''}watchlist{'' if missed == 1 else 's'}"
    return (
        f"{number} do{'es' if missed == 1 else ''} not match; --watchlist ID shows what is missing"
    )


def _print_json(article: Article, rules: Rules, only: str | None, limit: int) -> None:
    index = ArticleIndex(article)
    chosen = [rules.watchlists[only]] if only else rules.watchlists.values()
    facts = {
        "article": article_view(article),
        "watchlists": [
            watchlist_facts(explain(each, judge(each.query, index), limit)) for each in chosen
        ],
    }
    print_json(facts, indent=None)
