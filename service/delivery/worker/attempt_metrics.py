"""What the metrics say of an attempt: its channel, outcome and times."""

from __future__ import annotations

import re
from datetime import datetime

from service.delivery.outcome import Delivered, GiveUp, Outcome
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.leases import Leased
from service.store.lanes.verdict import Postponed
from service.telemetry import metrics
from service.telemetry.metrics import AttemptOutcome

_CREATED = b'{"type":"alert.created"'
_PUBLISHED = re.compile(rb'"published_at":"([^"]+)"')
"""The first in an event is its article's; words of an article in JSON have no bare quote."""


def count_attempt(
    leased: Leased,
    subscriber: Subscriber | None,
    outcome: Outcome,
    *,
    begun: datetime,
    seconds: float,
) -> None:
    """Count an attempt that began at `begun` and took so long."""
    channel = subscriber.channel.kind if subscriber else None
    metrics.count_attempt(channel, _name(outcome), seconds)
    if isinstance(outcome, Postponed):
        return
    metrics.SINCE_DUE.observe(leased.waited.total_seconds())
    if isinstance(outcome, Delivered) and leased.body.startswith(_CREATED):
        if leased.since_added is not None:
            metrics.SINCE_ADDED.observe(leased.since_added.total_seconds() + seconds)
        if (published := published_at(leased.body)) is not None:
            age = (begun - published).total_seconds() + seconds
            metrics.SINCE_PUBLISHED.observe(max(0.0, age))  # a newsroom's clock may be ahead


def published_at(body: bytes) -> datetime | None:
    """When the article of an alert was published, which is not always known."""
    found = _PUBLISHED.search(body)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[1].decode())
    except ValueError:
        return None
    return at if at.tzinfo else None


def _name(outcome: Outcome) -> AttemptOutcome:
    if isinstance(outcome, Postponed):
        return "postponed"
    if isinstance(outcome, Delivered):
        return "delivered"
    return "gave_up" if isinstance(outcome, GiveUp) else "failed"
