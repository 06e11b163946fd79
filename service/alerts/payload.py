"""What events say of an alert, for every channel the same (DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from service.alerts.shortening import LIMIT, encoded, fitting

if TYPE_CHECKING:  # whoever stores events, or shows what is stored, needs no engine
    from service.alerts.stories.story import Story
    from service.articles.article import Article
    from service.matching.evaluation.evidence import Evidence
    from service.matching.evaluation.judge import Match
    from service.matching.evaluation.score import Score, Weight
    from service.rules.rules import Watchlist

SUMMARY_LENGTH = 1000
"""Most code points of an article's lead that an event carries."""


def payload(
    article: Article,
    match: Match,
    watchlist: Watchlist,
    *,
    story: Story | None,
    rules: str,
    at: str,
) -> dict[str, Any]:
    """The `data` of an event about a match, all but its `id`.

    `rules` is the digest of the rules by which it was judged, `at` when.
    """
    return {
        "watchlist": watchlist_facts(watchlist),
        "score": score_facts(match.score),
        "article": article_facts(article),
        "evidence": evidence_facts(match.evidence),
        **({"story": story_facts(story)} if story else {}),
        "rules": rules,
        "matched_at": at,
    }


def watchlist_facts(watchlist: Watchlist) -> dict[str, Any]:
    """A watchlist as events name it."""
    return {
        "id": watchlist.id,
        "name": watchlist.name,
        "severity": watchlist.severity,
        "tags": list(watchlist.tags),
    }


def story_facts(story: Story) -> dict[str, Any]:
    """A story as events name it."""
    return {
        "id": story.id,
        "first_seen": story.first_seen,
        "articles": story.articles,
        "sources": list(story.sources),
    }


def evidence_facts(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """The proof as events tell it."""
    return [
        {
            "term": shown.term,
            "terms": list(shown.terms),
            "zone": shown.zone,
            "start": shown.start,
            "end": shown.end,
            "text": shown.text,
            "sentence": shown.sentence,
        }
        for shown in evidence
    ]


def shown_evidence(data: Mapping[str, Any]) -> list[str]:
    """The proof in an event's `data`, a line for each: `lead 120-132 “fighter jets”`."""
    return [
        f"{one['zone']} {one['start']}-{one['end']} “{' '.join(one['text'].split())}”"
        for one in data.get("evidence", ())
    ]


def score_facts(score: Score) -> dict[str, Any]:
    """A score as events tell it: the sum and what it is made of."""
    return {
        "value": score.value,
        "closeness": score.closeness,
        "terms": [_weight("term", weight) for weight in score.terms],
        "clauses": [_weight("clause", weight) for weight in score.clauses],
        "boosts": [{"when": boost.when, "points": boost.points} for boost in score.boosts],
    }


def _weight(kind: str, weight: Weight) -> dict[str, Any]:
    mass = int(weight.mass) if weight.mass.is_integer() else round(weight.mass, 3)
    return {kind: weight.label, "mass": mass, "value": round(weight.value, 3)}


def article_facts(article: Article) -> dict[str, Any]:
    """What a subscriber needs to tell its readers which article it is; not the text itself."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "summary": _shortened(article.lead),
        "source": article.source,
        "author": article.author,
        "language": article.language,
        "published_at": article.published_at,
    }


def _shortened(text: str) -> str:
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[:SUMMARY_LENGTH].rsplit(" ", 1)[0] + "…"


def body(kind: str, event_id: str, data: Mapping[str, Any], timestamp: str) -> bytes:
    """The body that subscribers receive: compact JSON in UTF-8, keys in the contract's order."""
    said = {"type": kind, "timestamp": timestamp, "data": {"id": event_id, **data}}
    whole = encoded(said)
    return whole if len(whole) <= LIMIT else fitting(said)
