"""One alert, read from its event: the headline, the sentences that matched, the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.delivery.message.message import Marked, Quote
from service.delivery.message.wording import message


@dataclass(frozen=True, slots=True)
class AlertView:
    """What every channel for people says of an alert, for a terminal or a page."""

    type: str
    """The event's type, such as `alert.created`."""
    severity: str
    watchlist: str
    """The watchlist's name."""
    score: float | None
    """None where the event has none."""
    headline: Marked
    source: str
    url: str
    news: str
    """What happened to an earlier alert; empty for a new one."""
    quotes: tuple[Quote, ...]
    score_sum: str
    """How the score comes about: `score 100 × √(…) × closeness 1 = 90`."""


def alert_view(event: Mapping[str, Any], body: bytes) -> AlertView:
    """The view of an event about an alert; `body` is the event as JSON."""
    said = message(body)
    data = event.get("data", {})
    score = data.get("score", {}).get("value")
    return AlertView(
        type=event.get("type", ""),
        severity=said.severity,
        watchlist=said.label,
        score=None if score is None else float(score),
        headline=said.headline,
        source=data.get("article", {}).get("source", ""),
        url=said.url,
        news=said.news,
        quotes=said.quotes,
        score_sum=said.score,
    )
