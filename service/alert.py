"""Matches → alerts: stable ids, and the event that every channel tells alike (DESIGN.md §6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.article import Article
from service.matching.judgement import Match
from service.matching.score import Score, Weight
from service.subscriber import Subscriber
from service.watchlist import Rules, Watchlist

SUMMARY_LENGTH = 1000
"""Most code points of an article's lead that an event carries."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One watchlist's match of one revision of one article, ready for the outbox."""

    id: str
    """Digest of watchlist and article: a re-read entry makes the same alert again."""
    update_id: str
    """Digest of watchlist, article and revision: its id when the first alert already stands."""
    watchlist_id: str
    article_id: str
    revision: str
    data: Mapping[str, Any]
    """The event's `data` object, all but its `id`."""
    subscribers: tuple[str, ...]
    """Who gets a delivery of it."""


def alerts(
    article: Article, matches: Sequence[Match], rules: Rules, *, at: datetime
) -> tuple[Alert, ...]:
    """One alert for each match; `at` is when the article was judged."""
    return tuple(_alert(article, match, rules, at) for match in matches)


def _alert(article: Article, match: Match, rules: Rules, at: datetime) -> Alert:
    watchlist = rules.watchlists[match.query_id]
    data = {
        "watchlist": {
            "id": watchlist.id,
            "name": watchlist.name,
            "severity": watchlist.severity,
            "tags": list(watchlist.tags),
        },
        "score": _score(match.score),
        "article": _article(article),
        "evidence": [
            {
                "term": shown.term,
                "zone": shown.zone,
                "start": shown.start,
                "end": shown.end,
                "text": shown.text,
                "sentence": shown.sentence,
            }
            for shown in match.evidence
        ],
        "rules": rules.digest,
        "matched_at": rfc3339(at),
    }
    return Alert(
        id=_id(watchlist.id, article.id),
        update_id=_id(watchlist.id, article.id, article.revision),
        watchlist_id=watchlist.id,
        article_id=article.id,
        revision=article.revision,
        data=data,
        subscribers=tuple(
            name
            for name in watchlist.notify
            if _wanted(rules.subscribers.get(name), watchlist, match.score)
        ),
    )


def _wanted(subscriber: Subscriber | None, watchlist: Watchlist, score: Score) -> bool:
    """Whether the subscriber's filters let the alert through.

    One that is not configured gets its delivery all the same: it waits until the rules are mended.
    """
    if subscriber is None:
        return True
    severe = not subscriber.severities or watchlist.severity in subscriber.severities
    return severe and score.value >= subscriber.min_score


def _score(score: Score) -> dict[str, Any]:
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


def _article(article: Article) -> dict[str, Any]:
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


def rfc3339(at: datetime) -> str:
    """A moment (with its time zone) as the events write it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(kind: str, alert_id: str, data: Mapping[str, Any], timestamp: str) -> bytes:
    """The body that subscribers receive: compact JSON in UTF-8, keys in the contract's order."""
    body = {"type": kind, "timestamp": timestamp, "data": {"id": alert_id, **data}}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _id(*parts: str) -> str:
    return "alr_" + _digest(parts)


def delivery_id(alert: str, subscriber: str) -> str:
    """The id of one alert's delivery to one subscriber, the same on every attempt."""
    return "dlv_" + _digest((alert, subscriber))


def _digest(parts: tuple[str, ...]) -> str:
    # A length before each part, so that ("ab", "c") and ("a", "bc") differ.
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()
