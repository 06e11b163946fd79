"""Matches, articles and stories as JSON in events, the same for every channel (DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from service.alerts.events.shortening import encode, max_body_bytes, shorten

if TYPE_CHECKING:  # a command that shows stored events does not load the engine
    from service.alerts.events.blocks import (
        ArticleFacts,
        EvidenceFacts,
        ScoreFacts,
        StoryFacts,
        StoryIfKnown,
        WatchlistFacts,
    )
    from service.alerts.events.event_types import EventType, MatchFacts
    from service.alerts.stories.story import Story
    from service.articles.article import Article
    from service.matching.evaluation.evidence import Evidence
    from service.matching.evaluation.judge import Match
    from service.matching.evaluation.score import Score, Weight
    from service.rules.rules import Watchlist

SUMMARY_MAX_CHARS = 1000
"""Code points of an article's lead that an event carries."""


def match_facts(
    article: ArticleFacts,
    match: Match,
    watchlist: Watchlist,
    *,
    story: Story | None,
    rules: str,
    at: str,
) -> MatchFacts:
    """The `data` of an event about a match, without its `id`.

    `article`: its facts, the same for all its matches. `rules` is the digest of the rules that it
    was judged by, `at` (RFC 3339) the time.
    """
    if_known: StoryIfKnown = {"story": story_facts(story)} if story else {}
    return {
        "watchlist": watchlist_facts(watchlist),
        "score": score_facts(match.score),
        "article": article,
        "evidence": evidence_facts(match.evidence),
        **if_known,
        "rules": rules,
        "matched_at": at,
    }


def watchlist_facts(watchlist: Watchlist) -> WatchlistFacts:
    """The watchlist as events name it."""
    return {
        "id": watchlist.id,
        "name": watchlist.name,
        "severity": watchlist.severity,
        "tags": list(watchlist.tags),
    }


def story_facts(story: Story) -> StoryFacts:
    """The story as events name it."""
    return {
        "id": story.id,
        "first_seen": story.first_seen,
        "articles": story.articles,
        "sources": list(story.sources),
    }


def evidence_facts(evidence: Sequence[Evidence]) -> list[EvidenceFacts]:
    """The evidence as events show it."""
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


def evidence_lines(data: Mapping[str, Any]) -> list[str]:
    """The evidence in an event's `data`, a line for each: `lead 120-132 “fighter jets”`."""
    return [
        f"{one['zone']} {one['start']}-{one['end']} “{' '.join(one['text'].split())}”"
        for one in data.get("evidence", ())
    ]


def score_facts(score: Score) -> ScoreFacts:
    """The score as events show it: the value, and what it is computed from."""
    return {
        "value": score.value,
        "closeness": score.closeness,
        "terms": [
            {"term": one.label, "mass": _mass(one), "value": round(one.value, 3)}
            for one in score.terms
        ],
        "clauses": [
            {"clause": one.label, "mass": _mass(one), "value": round(one.value, 3)}
            for one in score.clauses
        ],
        "boosts": [{"when": boost.when, "points": boost.points} for boost in score.boosts],
    }


def _mass(weight: Weight) -> float:
    return int(weight.mass) if weight.mass.is_integer() else round(weight.mass, 3)


def article_facts(article: Article) -> ArticleFacts:
    """Which article it is, for the subscriber's readers; without its text."""
    return {
        "id": article.id,
        "scope": article.scope,
        "url": article.url,
        "title": article.title,
        "summary": _summary(article.lead),
        "source": article.source,
        "author": article.author,
        "language": article.language,
        "published_at": article.published_at,
    }


def _summary(lead: str) -> str:
    if len(lead) <= SUMMARY_MAX_CHARS:
        return lead
    return lead[:SUMMARY_MAX_CHARS].rsplit(" ", 1)[0] + "…"


def body(kind: EventType, event_id: str, data: Mapping[str, Any], timestamp: str) -> bytes:
    """The body that subscribers receive: compact JSON in UTF-8, no more than `max_body_bytes`."""
    event = {"type": kind, "timestamp": timestamp, "data": {"id": event_id, **data}}
    whole = encode(event)
    return whole if len(whole) <= max_body_bytes(event) else shorten(event)
