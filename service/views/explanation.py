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
from service.rules.checks.routes import find_route
from service.rules.rules import Rules
from service.rules.schema.hours import DigestTimes, QuietHours
from service.rules.schema.values import Sending
from service.rules.subscribers.terms import Terms
from service.views.alerts.filters import filtered
from service.views.alerts.score_rank import ScoreRank
from service.views.times import exact_duration


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


@dataclass(frozen=True, slots=True)
class RouteView:
    """How one subscriber is sent an alert, but for silences and for what reached it before."""

    subscriber: str
    sending: Sending
    words: str
    """The same, with when it comes, or which filter leaves it out."""


def routes(explanation: Explanation, rules: Rules) -> tuple[RouteView, ...]:
    """Those of an article that matches, to all whom the watchlist notifies."""
    judgement, watchlist = explanation.judgement, explanation.watchlist
    if judgement.verdict is not Verdict.MATCHED or judgement.score is None:
        return ()
    found = []
    for name in watchlist.notify:
        terms = rules.terms.get(name)
        sending = find_route(watchlist, rules.terms, name, judgement.score.value).sending
        why = filtered(terms, watchlist.severity, judgement.score.value)
        words = _sending_words(terms, sending, why, watchlist.severity)
        found.append(RouteView(name, sending, words))
    return tuple(found)


def _sending_words(terms: Terms | None, sending: Sending, why: str, severity: str) -> str:
    if terms is None:
        return "not: it is disabled, or has a mistake"
    if sending == "not":
        return f"not: {why}"
    words = "at once" if terms.digest is None else _digest_words(terms.digest)
    if terms.quiet is None or (severity in terms.quiet.except_severities and not terms.digest):
        return words
    return f"{words}, but not {_quiet_words(terms.quiet)}"


def _digest_words(times: DigestTimes) -> str:
    if times.every:
        return f"in a digest every {exact_duration(times.every)}"
    return f"in a digest at {', '.join(f'{at:%H:%M}' for at in times.at)} {times.zone.key}"


def _quiet_words(quiet: QuietHours) -> str:
    return f"from {quiet.begin:%H:%M} to {quiet.end:%H:%M} {quiet.zone.key}"


def watchlist_facts(
    explanation: Explanation, rank: ScoreRank | None = None, sent: Sequence[RouteView] = ()
) -> dict[str, Any]:
    """A watchlist's verdict as JSON: with the score and proof of an alert, or with what is missing.

    `rank`: how the score compares with those of its newest alerts, where any are known. `sent`: the
    routes of its alert.
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
        "notify": [asdict(each) for each in sent],
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
