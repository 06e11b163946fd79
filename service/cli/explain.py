"""`tocsin explain`: how an article was read, which watchlists it matches, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.articles.article import Article
from service.cli.input.context import Context, context
from service.cli.input.files import source
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.names import is_on_stream
from service.cli.input.recent_scores import RecentScores
from service.cli.input.rules import ALONE, load_rules, rules_of
from service.cli.output.explanation import render_article, render_verdict
from service.cli.output.terminal import alert_panel, console, print_json
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Judgement, judge
from service.rules.checks.explanation import Explanation, explain
from service.rules.rules import Rules, Watchlist
from service.views.alerts.alert import alert_view
from service.views.alerts.score_rank import ScoreRank, score_rank
from service.views.explanation import article_view, routes, watchlist_facts
from service.views.rules.names import unknown_name

if TYPE_CHECKING:
    from service.cli.input.stream_article import StreamArticle
    from service.views.alerts.details import AlertDetails

app = typer.Typer(add_completion=False)


@app.command(
    "explain", epilog="Example: tocsin explain article.txt --watchlist pak-turk-fighter-jets"
)
def explain_articles(
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE",
            help="A file as `publish` takes it, - reads stdin; or an article of the streams: its "
            "URL, the id of its entry, of an alert or a delivery.",
        ),
    ],
    *,
    watchlist: Annotated[
        str | None, typer.Option(help="Only this watchlist, also where it does not match.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(metavar="EXPRESSION", help="Only this expression; no rules are read."),
    ] = None,
    language: Annotated[str, typer.Option(help="The language of the words of --match.")] = "en",
    as_json: Annotated[
        bool,
        typer.Option("--json", help="A JSON object for each article, with all watchlists."),
    ] = False,
) -> None:
    """Show how an article was read, which watchlists match and why, and what is missing where none
    matches.
    """
    here = context(quiet=True)
    named = _on_stream(here, article) if is_on_stream(article) else None
    if match is not None:
        if watchlist is not None or rules is not None:
            raise typer.BadParameter(
                "give it without --watchlist and --rules", param_hint="--match"
            )
        found, watchlist = rules_of(match, language), ALONE
    else:
        found = load_rules(here, [rules] if rules else None, None)
    _warn_of_faults(len(found.faults))
    if watchlist is not None and watchlist not in found.watchlists:
        raise typer.BadParameter(unknown_name("watchlist", watchlist, found.watchlists))
    alert = named.alert if named else None
    if alert is not None and watchlist is None and alert.watchlist_id in found.watchlists:
        watchlist = alert.watchlist_id
    scores = None if match is not None else RecentScores(here.settings)
    asked = _Question(found, watchlist, here.settings.match.max_evidence, scores, alert)
    bad = (
        _explain_stream(asked, named, as_json)
        if named
        else _explain_file(asked, here, article, as_json)
    )
    if scores is not None and scores.problem:
        _warn(f"scores are not compared with those of earlier alerts: {scores.problem}", "yellow")
    if bad:
        raise typer.Exit(1)


def _on_stream(here: Context, name: str) -> StreamArticle:
    # A file is explained without what reads streams, which takes half a second to load.
    from service.cli.archive.kept_articles import kept_search  # noqa: PLC0415
    from service.cli.input.stream_article import stream_article  # noqa: PLC0415

    return stream_article(here.settings, name, kept_search(here.settings))


def _explain_file(asked: _Question, here: Context, name: str, as_json: bool) -> int:
    """How many entries of the file are no articles."""
    bad = shown = 0
    with LimitedFiles() as reader:
        max_bytes = here.settings.stream.max_article_bytes
        for each in reader.articles(source(name), max_bytes=max_bytes):
            if not isinstance(each, Article):
                _warn(str(each), "red")
                bad += 1
            elif as_json:
                _print_json(asked, each)
            else:
                if shown:
                    console().print()
                _show(asked, each)
                shown += 1
    return bad


def _explain_stream(asked: _Question, named: StreamArticle, as_json: bool) -> int:
    """1 if nothing but an alert is left of the article."""
    article, alert = named.found.article, asked.alert
    if alert is not None and not as_json:
        made = f"{alert.id} of {alert.watchlist_id}, made {alert.at}"
        console().print(alert_panel(alert_view(alert.event, alert.body), made))
        if alert.watchlist_id not in asked.rules.watchlists:
            _warn(f"the rules of today have no watchlist {alert.watchlist_id}", "yellow")
    if article is None:
        _warn("no stream keeps the article any more; the alert is what is left of it", "yellow")
        if as_json:
            print_json({"alert": alert.event if alert else None, "article": None}, one_line=True)
        return 1
    if as_json:
        _print_json(asked, article)
    else:
        _show(asked, article)
    return 0


def _warn_of_faults(number: int) -> None:
    if number:
        errors = f"{number} error{'s' * (number > 1)} in the rules"
        _warn(f"{errors}; `tocsin check` lists them", "yellow")


def _warn(text: str, style: str) -> None:
    console(error=True).print(f"tocsin: {text}", style=style, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Question:
    """Which watchlists an article is judged by."""

    rules: Rules
    only: str | None
    limit: int
    """Most pieces of evidence."""
    scores: RecentScores | None
    """Those of earlier alerts; None: the watchlist is in no rules file."""
    alert: AlertDetails | None = None
    """The alert that the question is about."""

    def judged(self, article: Article) -> Iterator[tuple[Watchlist, Judgement]]:
        index = ArticleIndex(article)
        known = self.rules.watchlists
        for watchlist in [known[self.only]] if self.only else known.values():
            yield watchlist, judge(watchlist.query, index)


def _ranks(
    scores: RecentScores | None, explanations: Iterable[Explanation]
) -> dict[str, ScoreRank | None]:
    """How each score compares with those of its watchlist's newest alerts, where any are known."""
    found = {
        each.watchlist.id: each.judgement.score.value
        for each in explanations
        if each.judgement.score is not None
    }
    recent = scores.of(found) if scores is not None and found else {}
    return {name: score_rank(score, recent.get(name, ())) for name, score in found.items()}


def _show(asked: _Question, article: Article) -> None:
    shown = []
    missed = 0
    for watchlist, judgement in asked.judged(article):
        if asked.only or judgement.score is not None:
            shown.append(explain(watchlist, judgement, asked.limit))
        else:
            missed += 1
    ranks = _ranks(asked.scores, shown)
    out = console()
    out.print(render_article(article, shown))
    for explanation in shown:
        out.print()
        rank, sent = ranks.get(explanation.watchlist.id), routes(explanation, asked.rules)
        out.print(render_verdict(explanation, rank, sent))
    if missed:
        out.print()
        out.print(_others(missed, more=bool(shown)), style="dim")


def _others(missed: int, *, more: bool) -> str:
    number = f"{missed} {'more ' if more else ''}watchlist{'' if missed == 1 else 's'}"
    return (
        f"{number} do{'es' if missed == 1 else ''} not match; --watchlist ID shows what is missing"
    )


def _print_json(asked: _Question, article: Article) -> None:
    found = [explain(*one, asked.limit) for one in asked.judged(article)]
    ranks = _ranks(asked.scores, found)
    facts = {
        "article": article_view(article),
        "watchlists": [
            watchlist_facts(each, ranks.get(each.watchlist.id), routes(each, asked.rules))
            for each in found
        ],
    }
    if asked.alert is not None:
        facts = {"alert": asked.alert.event, **facts}
    print_json(facts, one_line=True)
