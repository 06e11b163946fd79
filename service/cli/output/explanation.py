"""`tocsin explain` on a terminal: the article, and why each watchlist matches or does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.articles.article import Article
from service.cli.output.terminal import highlighted_at, one_line, quoted
from service.delivery.message.message import Quote, marked
from service.matching.evaluation.evidence import Evidence
from service.matching.evaluation.judge import Verdict
from service.matching.evaluation.score import Boost, Score, geometric_mean
from service.matching.syntax.notation import unparse
from service.rules.checks.explanation import IMPOSSIBLE, Explanation, gap_lines
from service.views.alerts.score_rank import ScoreRank
from service.views.explanation import RouteView, verdict_words

INDENT = 2
STYLES = {
    Verdict.MATCHED: "bold green",
    Verdict.MISSED: "bold red",
    Verdict.EXCEPTED: "bold yellow",
    Verdict.BELOW: "bold yellow",
}
MAX_CUT_CHARS = 200
"""Of a cut text that is shown."""


def render_article(article: Article, explanations: Iterable[Explanation]) -> RenderableType:
    """The article as the watchlists saw it: zones, all that counted marked, and what was cut."""
    rows = Table.grid(padding=(0, 1))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    mentions = {mention for explanation in explanations for mention in explanation.mentions}
    for zone, text in article.zones():
        if text:
            spans = sorted((one.start, one.end) for one in mentions if one.zone == zone)
            rows.add_row(zone, highlighted_at(text, spans))
    facts = {
        "id": article.id,
        "scope": article.scope,
        "language": article.language or "unknown",
        "source": article.source,
        "author": article.author,
        "published": article.published_at,
        "url": article.url,
        "tags": ", ".join(article.tags),
    }
    for name, value in facts.items():
        if value:
            rows.add_row(name, Text(value, "dim"))
    for cut in article.cuts:
        shown = one_line(cut.text, MAX_CUT_CHARS)
        rows.add_row("cut", Text(f"[{cut.reason}] ", "magenta").append(shown, "dim strike"))
    return rows


def render_verdict(
    explanation: Explanation, rank: ScoreRank | None = None, sent: Sequence[RouteView] = ()
) -> RenderableType:
    """Why a watchlist matched or did not: the score and the words, or what is missing.

    `rank`: how the score compares with those of its newest alerts. `sent`: the routes of its alert.
    """
    parts: list[RenderableType] = [Text(explanation.watchlist.expression, "dim")]
    if explanation.judgement.score is None:
        parts += _missing(explanation)
    else:
        parts += _because(explanation, explanation.judgement.score, rank)
    if sent:
        parts += _routes(sent)
    return Group(
        _head(explanation), *(Padding(part, (0, 0, 0, INDENT), expand=False) for part in parts)
    )


def _head(explanation: Explanation) -> Text:
    verdict, colon, reason = verdict_words(explanation).partition(":")
    head = Text("■ ").append(explanation.watchlist.id, "bold").append(" ")
    return head.append(verdict, STYLES[explanation.judgement.verdict]).append(colon + reason)


def _missing(explanation: Explanation) -> Iterator[RenderableType]:
    if explanation.gaps is None:
        yield Text(IMPOSSIBLE)
        return
    yield Text("missing for a match", "bold")
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(overflow="fold", max_width=36)
    rows.add_column(overflow="fold")
    for gap in explanation.gaps:
        for line in gap_lines(gap, explanation.judgement):
            rows.add_row(line.clause, line.instead)
    yield Padding(rows, (0, 0, 0, INDENT), expand=False)


def _because(
    explanation: Explanation, score: Score, rank: ScoreRank | None
) -> Iterator[RenderableType]:
    for held in explanation.exceptions:
        yield Text(f"exception {held.name}: {unparse(held.expression)}", "yellow")
        if held.evidence:
            yield from _quotes(held.evidence)
        else:
            yield Padding(
                Text("it holds by metadata or by what the article does not contain", "dim"),
                (0, 0, 0, INDENT),
                expand=False,
            )
    yield _sum(score, explanation.idle)
    if rank is not None:
        alerts = "its last alert" if rank.alerts == 1 else f"its last {rank.alerts} alerts"
        lower = f"{rank.lower} of {alerts} ({rank.percentile} %)"
        yield Text(f"higher than {lower}", "dim")
    yield Text("evidence", "bold")
    yield from _quotes(explanation.evidence)


def _routes(sent: Sequence[RouteView]) -> Iterator[RenderableType]:
    yield Text("sent", "bold")
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(overflow="fold", max_width=36)
    rows.add_column(overflow="fold")
    for each in sent:
        rows.add_row(each.subscriber, Text(each.words, "dim" if each.sending == "not" else ""))
    yield Padding(rows, (0, 0, 0, INDENT), expand=False)


def _sum(score: Score, idle: Sequence[Boost]) -> RenderableType:
    """The sum, a line each: clauses, mean, closeness, boosts, total."""
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(overflow="fold", max_width=40)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for one in score.clauses:
        table.add_row(
            one.label, f"{one.value:.3f}", f"mass {one.mass:.4g}: {one.mass:.4g}/{one.mass + 1:.4g}"
        )
    if len(score.clauses) > 1:
        value = geometric_mean([one.value for one in score.clauses])
        table.add_row("geometric mean", f"{value:.3f}", "")
    near = {1.0: "all in one sentence", 0.9: "all in one paragraph"}
    table.add_row("× closeness", f"{score.closeness:g}", near.get(score.closeness, "far apart"))
    for boost in score.boosts:
        table.add_row(f"boost {boost.when}", f"{boost.points:+g}", "points")
    for boost in idle:
        table.add_row(Text(f"boost {boost.when}", "dim"), "", f"did not hold ({boost.points:+g})")
    table.add_row(Text("score", "bold"), Text(f"{score.value:g}", "bold"), "")
    return table


def _quotes(evidence: Sequence[Evidence]) -> Iterator[RenderableType]:
    """Each sentence once, with its words and their places in the zone."""
    for (zone, sentence), found in groupby(evidence, key=lambda one: (one.zone, one.sentence)):
        pieces = list(found)
        words = [" ".join(one.text.split()) for one in pieces]
        quote = Quote(zone, marked(sentence, words))
        yield Padding(quoted(quote), (0, 0, 0, INDENT), expand=False)
        places = [f"{one.start}–{one.end} {word}" for one, word in zip(pieces, words, strict=True)]
        yield Padding(Text(" · ".join(places), "dim"), (0, 0, 0, 2 * INDENT), expand=False)
