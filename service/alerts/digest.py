"""A subscriber's digest: several events in one, by watchlist and story, the best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.alerts.alert import Event, alert_id

MAX_SHOWN = 10
"""Alerts that a digest shows; it counts all."""

Received = Mapping[str, Any]
"""An event as the subscriber would have received it alone."""


def digest_event(
    subscriber: str, events: Sequence[Received], until: str, unread: int = 0
) -> Event | None:
    """The digest of these events, the earliest first; None where nothing is left to send.

    `until` (RFC 3339) is when it was due. `unread` is the number of further events, which are
    counted and not shown. Of a corrected alert it shows the last version. It leaves out an alert
    that was retracted before the subscriber received it.
    """
    items = list(_merge_stories(_latest_versions(events)))
    if not items:
        return None
    watchlists: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        watchlists[item["watchlist"]["id"]].append(item)
    groups = sorted(
        (sorted(group, key=_score, reverse=True) for group in watchlists.values()),
        key=lambda group: _score(group[0]),
        reverse=True,
    )
    ordered = [item for group in groups for item in group]
    data = {
        "reason": "digest",
        "count": sum(item.get("count", 1) for item in ordered) + unread,
        "since": min(event["timestamp"] for event in events),
        "until": until,
        "watchlists": [{**group[0]["watchlist"], "count": len(group)} for group in groups],
        "alerts": [_with_best_evidence(item) for item in ordered[:MAX_SHOWN]],
    }
    # Made of its events' ids: an event that comes late may make a second digest for that time.
    event_id = alert_id("digest", subscriber, *(event["data"]["id"] for event in events))
    return Event("digest.created", event_id, data, (subscriber,))


def _latest_versions(events: Iterable[Received]) -> Iterable[dict[str, Any]]:
    """One item for each alert: its latest event."""
    by_alert: dict[str, list[Received]] = {}
    for event in events:
        data = event["data"]
        by_alert.setdefault(data.get("alert_id", data["id"]), []).append(event)
    for versions in by_alert.values():
        last = versions[-1]
        is_new = versions[0]["type"] == "alert.created"  # to the subscriber
        if is_new and last["type"] == "alert.retracted":
            continue
        kind = "alert.created" if is_new and last["type"] == "alert.updated" else last["type"]
        yield {"type": kind, **last["data"]}


def _merge_stories(items: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """One item for each watchlist and story: that of the article with the best score."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item in items:
        story = item.get("story", {})
        name = (item["watchlist"]["id"], story.get("id", item["id"]))
        known = found.get(name)
        if known is None:
            found[name] = item
        elif story:
            better = item if _score(item) > _score(known) else known
            largest = max(story, known["story"], key=lambda each: each["articles"])
            found[name] = {**better, "story": largest}
    return found.values()


def _score(item: Mapping[str, Any]) -> float:
    value: float = item.get("score", {}).get("value", 0)
    return value


def _with_best_evidence(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item with one piece of evidence: a digest is read at a glance."""
    return {**item, "evidence": list(item.get("evidence", ()))[:1]}
