"""What a subscriber hears of in one message: by watchlist and by story, the best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.alerts.alert import Event, alert_id

SHOWN = 10
"""Most alerts that a digest shows; it counts them all."""

Said = Mapping[str, Any]
"""An event as a subscriber would have received it."""


def digest_event(
    subscriber: str, events: Sequence[Said], until: str, unread: int = 0
) -> Event | None:
    """The digest of these events, which came in this order; None where nothing is left of them.

    `unread` more are counted only.

    `until` (RFC 3339) is when it became due. What was corrected appears as it stands last, and
    what was retracted before anybody heard of it not at all.
    """
    items = list(_by_story(_last_words(events)))
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
        "alerts": [_shortened(item) for item in ordered[:SHOWN]],
    }
    # Made of what it holds: two digests may become due at one moment, if one event came late.
    event_id = alert_id("digest", subscriber, *(event["data"]["id"] for event in events))
    return Event("digest.created", event_id, data, (subscriber,))


def _last_words(events: Iterable[Said]) -> Iterable[dict[str, Any]]:
    """One for each alert: the last that was said of it."""
    by_alert: dict[str, list[Said]] = {}
    for event in events:
        data = event["data"]
        by_alert.setdefault(data.get("alert_id", data["id"]), []).append(event)
    for said in by_alert.values():
        last = said[-1]
        unheard = said[0]["type"] == "alert.created"
        if unheard and last["type"] == "alert.retracted":
            continue
        kind = "alert.created" if unheard and last["type"] == "alert.updated" else last["type"]
        yield {"type": kind, **last["data"]}


def _by_story(items: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """One for each watchlist and story, as the best of its articles tells it."""
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


def _shortened(item: Mapping[str, Any]) -> dict[str, Any]:
    """With its best piece of evidence only: the alert itself is a click away."""
    return {**item, "evidence": list(item.get("evidence", ()))[:1]}
