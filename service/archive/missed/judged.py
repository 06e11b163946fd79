"""What the rules of today say of an article: which watchlists match, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from service.archive.missed.trail import CutTrail, WatchlistTrail
from service.articles.article import Article
from service.articles.cut import Cut
from service.articles.paragraphs import BREAK
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Judgement, Verdict, judge
from service.matching.syntax.notation import unparse
from service.rules.checks.explanation import explain, reasons
from service.rules.rules import Watchlist
from service.views.explanation import verdict_words

VERDICTS = {
    Verdict.MATCHED: "matched",
    Verdict.MISSED: "missed",
    Verdict.EXCEPTED: "excepted",
    Verdict.BELOW: "below",
}
NEAREST = 3
"""Watchlists that are shown where none matches."""
MAX_CUT_CHARS = 300


class JudgedArticle:
    """One article before the watchlists."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._index = ArticleIndex(article)
        self._with_cuts = [(cut, ArticleIndex(_with(article, [cut]))) for cut in article.cuts]
        self._with_all = ArticleIndex(_with(article, article.cuts)) if article.cuts else None

    def trail(self, watchlist: Watchlist) -> WatchlistTrail:
        """What becomes of the article at one watchlist."""
        judgement = judge(watchlist.query, self._index)
        missed = judgement.verdict is Verdict.MISSED
        return WatchlistTrail(
            watchlist.id,
            VERDICTS[judgement.verdict],  # type: ignore[arg-type]  # its values are the literals
            tuple(_why(watchlist, judgement)),
            watchlist.notify,
            cut=self._cut(watchlist) if missed else None,
        )

    def share(self, watchlist: Watchlist) -> float:
        """Which share of its clauses holds."""
        held, clauses = explain(watchlist, judge(watchlist.query, self._index), 0).clauses
        return held / clauses

    def _cut(self, watchlist: Watchlist) -> CutTrail | None:
        """The text that was cut and would make it match: one of them, or all together."""
        if self._with_all is None or not _matches(watchlist, self._with_all):
            return None
        for cut, index in self._with_cuts:
            if _matches(watchlist, index):
                return CutTrail(cut.reason, cut.text[:MAX_CUT_CHARS])
        names = ", ".join(dict.fromkeys(cut.reason for cut in self._article.cuts))
        texts = " / ".join(cut.text for cut in self._article.cuts)
        return CutTrail(names, texts[:MAX_CUT_CHARS])


def _with(article: Article, cuts: Iterable[Cut]) -> Article:
    return replace(article, body=BREAK.join([article.body, *(cut.text for cut in cuts)]))


def _matches(watchlist: Watchlist, index: ArticleIndex) -> bool:
    return judge(watchlist.query, index).verdict is not Verdict.MISSED


def _why(watchlist: Watchlist, judgement: Judgement) -> list[str]:
    match judgement.verdict:
        case Verdict.MATCHED:
            return []
        case Verdict.MISSED:
            return reasons(judgement)
    explanation = explain(watchlist, judgement, 1)
    said = [verdict_words(explanation)]
    for held in explanation.exceptions:
        quotes = "".join(f": “{one.text}” in “{one.sentence}”" for one in held.evidence[:1])
        said.append(f"{held.name} is {unparse(held.expression)}{quotes}")
    return said
