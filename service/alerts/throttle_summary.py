"""What a throttle held back, in one message: how many alerts there were, and the best of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.alerts.alert import Event, alert_id
from service.alerts.events.facts import WatchlistFacts

BEST = 5
"""Alerts that a summary shows."""


@dataclass(frozen=True, slots=True)
class Held:
    """One alert that waits for the summary."""

    id: str
    score: float
    subscribers: tuple[str, ...]
    at: str
    """RFC 3339; when it was made."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one group of subscribers is told: those for whom the same alerts were held."""

    subscribers: tuple[str, ...]
    alerts: tuple[Held, ...]
    """The best one first."""


def summaries(held: Sequence[Held]) -> list[Summary]:
    """One for each group of subscribers; filters may keep some of the alerts from some of them."""
    by_subscriber: defaultdict[str, list[Held]] = defaultdict(list)
    for alert in sorted(held, key=lambda one: (-one.score, one.at, one.id)):
        for name in alert.subscribers:
            by_subscriber[name].append(alert)
    groups: defaultdict[tuple[Held, ...], list[str]] = defaultdict(list)
    for name, alerts in by_subscriber.items():
        groups[tuple(alerts)].append(name)
    return [Summary(tuple(sorted(names)), alerts) for alerts, names in groups.items()]


def summary_event(
    summary: Summary, watchlist: str, bodies: Mapping[str, Mapping[str, Any]], until: str
) -> Event:
    """The event of a summary; `bodies` holds the events of its best alerts by alert id.

    `watchlist` is an id, `until` (RFC 3339) when the throttle's span ended.
    """
    best = [
        {"type": bodies[one.id]["type"], **bodies[one.id]["data"]}
        for one in summary.alerts[:BEST]
        if one.id in bodies
    ]
    data = {
        "reason": "throttle",
        "watchlist": best[0]["watchlist"] if best else _unknown(watchlist),
        "count": len(summary.alerts),
        "since": min(one.at for one in summary.alerts),
        "until": until,
        "alerts": best,
    }
    event_id = alert_id("summary", watchlist, *(one.id for one in summary.alerts))
    return Event("digest.created", event_id, data, summary.subscribers)


def _unknown(watchlist: str) -> WatchlistFacts:
    """Stands in for a watchlist of which no event can be read."""
    return {"id": watchlist, "name": watchlist, "severity": "medium", "tags": []}
