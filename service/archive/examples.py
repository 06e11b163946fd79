"""Alerts of a back-test as a reader sees them: the article, its proof, and why others have none."""

from __future__ import annotations

from service.alerts.alert import rfc3339
from service.archive.backtest import Backtest
from service.archive.moments import from_ms, ms_of
from service.archive.report.report import fate
from service.archive.report.tally import AlertRow
from service.archive.report.views import Example
from service.articles.article import Article
from service.delivery.message.message import Quote, marked
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evidence import Evidence
from service.matching.evaluation.judge import Verdict, judge
from service.rules.checks.explanation import explain, reasons
from service.rules.rules import Rules

LONGEST_REASON = 300
"""Characters of why an article does not alert."""
_FATES = {
    "told": "it matches, and a copy of its story alerts",
    "below": "it scores below the threshold",
    "repeated": "it matches, and has alerted before",
}


def example(test: Backtest, row: AlertRow, shown: int, *, is_gone: bool) -> Example:
    """One alert, with `shown` pieces of evidence; `is_gone`: it is one of the other rules only."""
    article = test.places.article(row.entry_id)
    run = test.runs[1 if is_gone else 0]
    index = ArticleIndex(article)
    watchlist = run.rules.watchlists[row.watchlist]
    proof = explain(watchlist, judge(watchlist.query, index), shown).evidence
    otherwise = ""
    if len(test.runs) > 1:
        other = test.runs[0 if is_gone else 1]
        otherwise = _fate(fate(other.tally, row), other.rules, row.watchlist, index)
    return Example(
        article.title or article.lead[:100],
        article.url,
        article.source,
        rfc3339(from_ms(ms_of(row.entry_id))),
        row.score,
        row.held,
        quotes(proof, article),
        otherwise,
    )


def quotes(proof: tuple[Evidence, ...], article: Article) -> tuple[Quote, ...]:
    """The sentences of the evidence, each once; that of the title is the headline already."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in proof:
        if one.sentence != article.title:
            found.setdefault((one.zone, one.sentence), []).append(one.text)
    return tuple(Quote(zone, marked(text, words)) for (zone, text), words in found.items())


def _fate(known: str, rules: Rules, watchlist: str, index: ArticleIndex) -> str:
    """Why other rules make no alert of an article."""
    if known:
        return _FATES[known]
    if watchlist not in rules.watchlists:
        return "the watchlist is not there"
    judgement = judge(rules.watchlists[watchlist].query, index)
    match judgement.verdict:
        case Verdict.MISSED:
            return "; ".join(reasons(judgement))[:LONGEST_REASON]
        case Verdict.EXCEPTED:
            return f"the exception {', '.join(judgement.exceptions)} holds"
        case Verdict.BELOW:
            return _FATES["below"]
        case Verdict.MATCHED:
            return "it matches, and has alerted before"
