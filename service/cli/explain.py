"""`tocsin explain`: what an article says, which watchlists it matches, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from service.alerts.explanation import article_facts, explain, watchlist_facts
from service.articles.article import Article
from service.articles.files import articles_in
from service.cli.input.context import context
from service.cli.input.files import source
from service.cli.input.rules import load_rules
from service.cli.output.explanation import article_view, verdict_view
from service.cli.output.terminal import console
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import judge
from service.rules.rules import Rules

app = typer.Typer(add_completion=False)


@app.command(
    "explain", epilog="Example: tocsin explain article.txt --watchlist pak-turk-fighter-jets"
)
def explain_articles(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="A file as `publish` takes it; - reads stdin.")
    ],
    watchlist: Annotated[
        str | None, typer.Option(help="Only this watchlist, also when it does not match.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="A JSON object for each article, also of what does not match."),
    ] = False,
) -> None:
    """Show what an article says, what matches and why, and what is lacking where nothing does."""
    here = context(quiet=True)
    found = load_rules(here, [rules] if rules else None, None)
    if found.faults:
        number = len(found.faults)
        said = f"{number} mistake{'s' * (number > 1)} in the rules, which `tocsin check` tells"
        console(error=True).print(f"tocsin: {said}", style="yellow", soft_wrap=True)
    if watchlist is not None and watchlist not in found.watchlists:
        raise typer.BadParameter(f"there is no watchlist {watchlist}; `tocsin check` lists faults")
    limit = here.settings.match.max_evidence
    bad = shown = 0
    for each in articles_in(source(article), max_bytes=here.settings.stream.max_article_bytes):
        if not isinstance(each, Article):
            console(error=True).print(f"tocsin: {each}", style="red", soft_wrap=True)
            bad += 1
        elif as_json:
            _write(each, found, watchlist, limit)
        else:
            if shown:
                console().print()
            _show(each, found, watchlist, limit)
            shown += 1
    if bad:
        raise typer.Exit(1)


def _show(article: Article, rules: Rules, only: str | None, limit: int) -> None:
    index = ArticleIndex(article)
    chosen = [rules.watchlists[only]] if only else rules.watchlists.values()
    told = []
    missed = 0
    for watchlist in chosen:
        judgement = judge(watchlist.query, index)
        if only or judgement.score is not None:
            told.append(explain(watchlist, judgement, limit))
        else:
            missed += 1
    out = console()
    out.print(article_view(article, told))
    for explanation in told:
        out.print()
        out.print(verdict_view(explanation))
    if missed:
        out.print()
        out.print(_others(missed, told=bool(told)), style="dim")


def _others(missed: int, *, told: bool) -> str:
    more = "more " if told else ""
    number = f"{missed} {more}watchlist{'' if missed == 1 else 's'}"
    return (
        f"{number} do{'es' if missed == 1 else ''} not match; --watchlist ID tells what one lacks"
    )


def _write(article: Article, rules: Rules, only: str | None, limit: int) -> None:
    index = ArticleIndex(article)
    chosen = [rules.watchlists[only]] if only else rules.watchlists.values()
    facts = {
        "article": article_facts(article),
        "watchlists": [
            watchlist_facts(explain(each, judge(each.query, index), limit)) for each in chosen
        ],
    }
    console().print(json.dumps(facts, ensure_ascii=False), soft_wrap=True)
