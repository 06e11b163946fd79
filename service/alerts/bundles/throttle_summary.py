"""The summary of the alerts that a throttle held: their number, and the best of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.alerts.alert import Event, alert_id
from service.alerts.bundles.digest import MAX_COUNTED, entry
from service.alerts.events.blocks import WatchlistFacts

MAX_SHOWN = 5
"""Alerts that a summary shows with their proof; of the others it has id, title and URL."""


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """One alert that waits for the summary."""

    id: str
    score: float
    subscribers: tuple[str, ...]
    at: str
    """When the alert was made (RFC 3339)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The alerts that were held for each subscriber of a group."""

    subscribers: tuple[str, ...]
    alerts: tuple[HeldAlert, ...]
    """The best one first."""


def summaries(held: Sequence[HeldAlert]) -> list[Summary]:
    """One summary for each group of subscribers for whom the same alerts were held.

    Filters may hold back some of the alerts from some subscribers.
    """
    by_subscriber: defaultdict[str, list[HeldAlert]] = defaultdict(list)
    for alert in sorted(held, key=lambda one: (-one.score, one.at, one.id)):
        for name in alert.subscribers:
            by_subscriber[name].append(alert)
    groups: defaultdict[tuple[HeldAlert, ...], list[str]] = defaultdict(list)
    for name, alerts in by_subscriber.items():
        groups[tuple(alerts)].append(name)
    return [Summary(tuple(sorted(names)), alerts) for alerts, names in groups.items()]


def summary_parts(summary: Summary) -> list[Summary]:
    """The same alerts in as few summaries as hold no more than MAX_COUNTED each."""
    return [
        Summary(summary.subscribers, summary.alerts[begin : begin + MAX_COUNTED])
        for begin in range(0, len(summary.alerts), MAX_COUNTED)
    ]


def summary_event(
    summary: Summary, watchlist: str, bodies: Mapping[str, Mapping[str, Any]], until: str
) -> Event:
    """The event of a summary; `bodies` holds the events of its alerts by alert id.

    `watchlist` is an id. `until` (RFC 3339) is when the throttle's period ended.
    """
    found = [
        {"type": bodies[one.id]["type"], **bodies[one.id]["data"]}
        for one in summary.alerts
        if one.id in bodies
    ]
    data = {
        "reason": "throttle",
        "watchlist": found[0]["watchlist"] if found else _unknown(watchlist),
        "count": len(summary.alerts),
        "since": min(one.at for one in summary.alerts),
        "until": until,
        "alerts": found[:MAX_SHOWN],
        "others": [entry(one) for one in found[MAX_SHOWN:]],
    }
    event_id = alert_id("summary", watchlist, *(one.id for one in summary.alerts))
    return Event("digest.created", event_id, data, summary.subscribers)


def _unknown(watchlist: str) -> WatchlistFacts:
    """Takes the place of the watchlist when none of its events can be read."""
    return {"id": watchlist, "name": watchlist, "severity": "medium", "tags": []}
