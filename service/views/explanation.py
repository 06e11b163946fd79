"""How an article was read, and why each watchlist matches it or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from service.alerts.events.payload import evidence_facts, score_facts
from service.articles.article import Article
from service.matching.evaluation.judge import Judgement, Verdict
from service.matching.evaluation.near_misses import required_clause
from service.matching.evaluation.shortfall import Gap
from service.rules.checks.explanation import Explanation, in_place_of
from service.views.alerts.score_rank import ScoreRank


@dataclass(frozen=True, slots=True)
class CutView:
    """Text that stood on the page and is not part of the article."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ArticleView:
    """The article as the watchlists see it, and what was cut from it."""

    id: str
    scope: str
    url: str
    source: str
    author: str
    language: str
    country: str
    published_at: str
    tags: tuple[str, ...]
    zones: Mapping[str, str]
    cuts: tuple[CutView, ...]


def article_view(article: Article) -> ArticleView:
    """The view of an article."""
    return ArticleView(
        id=article.id,
        scope=article.scope,
        url=article.url,
        source=article.source,
        author=article.author,
        language=article.language,
        country=article.country,
        published_at=article.published_at,
        tags=tuple(article.tags),
        zones=dict(article.zones()),
        cuts=tuple(CutView(cut.reason, cut.text) for cut in article.cuts),
    )


def verdict_words(explanation: Explanation) -> str:
    """The verdict and its reason in one line: `missed: 1 of 3 clauses holds`."""
    judgement = explanation.judgement
    match judgement.verdict:
        case Verdict.MATCHED:
            return "matched"
        case Verdict.MISSED:
            hold, clauses = explanation.clauses
            if clauses == 1:
                return "missed"
            return f"missed: {hold} of {clauses} clauses hold{'s' if hold == 1 else ''}"
        case Verdict.EXCEPTED:
            return f"excepted: the exception {', '.join(judgement.exceptions)} holds"
        case Verdict.BELOW:
            score = judgement.score.value if judgement.score else 0.0
            least = judgement.query.threshold
            return f"below its threshold: it scores {score:g}, its threshold is {least:g}"


def watchlist_facts(explanation: Explanation, rank: ScoreRank | None = None) -> dict[str, Any]:
    """A watchlist's verdict as JSON: with the score and proof of an alert, or with what is missing.

    `rank`: how the score compares with those of its newest alerts, where any are known.
    `shortfall` is None where no set of clauses would make the expression hold.
    """
    judgement = explanation.judgement
    found: dict[str, Any] = {
        "id": explanation.watchlist.id,
        "verdict": judgement.verdict.value,
        "match": explanation.watchlist.expression,
        "threshold": judgement.query.threshold,
    }
    if judgement.score is None:
        gaps = explanation.gaps
        return found | {"shortfall": None if gaps is None else _missing(gaps, judgement)}
    if rank is not None:
        found["rank"] = asdict(rank) | {"percentile": rank.percentile}
    return found | {
        "score": score_facts(judgement.score),
        "evidence": evidence_facts(explanation.evidence),
        "exceptions": [
            {"name": held.name, "evidence": evidence_facts(held.evidence)}
            for held in explanation.exceptions
        ],
    }


def _missing(gaps: Sequence[Gap], judgement: Judgement) -> list[dict[str, Any]]:
    return [
        {
            "clauses": [
                {"clause": required_clause(clause), "instead": in_place_of(clause, judgement)}
                for clause in gap.lacks
            ],
            "or": [list(map(required_clause, way)) for way in gap.alternatives],
            "ways": gap.ways,
        }
        for gap in gaps
    ]
