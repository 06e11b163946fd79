"""A subscriber's digest: several events in one, by watchlist and story, the best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.alerts.alert import Event, alert_id

MAX_SHOWN = 10
"""Alerts that a digest shows with their proof; of the others it has id, title and URL."""
MAX_COUNTED = 200
"""Alerts of one digest: with more, several are sent. So many fit into its body."""

Received = Mapping[str, Any]
"""An event as the subscriber would have received it alone."""
Item = dict[str, Any]
"""An alert: the type of its latest event, and that event's `data`."""


def digest_events(subscriber: str, events: Sequence[Received], until: str) -> list[Event]:
    """The digests of these events, the earliest first; none where nothing is left to send.

    `until` (RFC 3339) is when they were due. Of a corrected alert they have the last version. They
    leave out an alert that was retracted before the subscriber received it.
    """
    items = [*_merge_stories(_latest_versions(_single_events(events)))]
    watchlists: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        watchlists[item["watchlist"]["id"]].append(item)
    groups = sorted(
        (sorted(group, key=_score, reverse=True) for group in watchlists.values()),
        key=lambda group: _score(group[0]),
        reverse=True,
    )
    ordered = [item for group in groups for item in group]
    ids = [event["data"]["id"] for event in events]
    since = min((event["timestamp"] for event in events), default=until)
    return [
        # Made of its events' ids: an event that comes late may make a second digest for that time.
        Event(
            "digest.created",
            alert_id("digest", subscriber, *ids, *([str(number)] if number else ())),
            {"reason": "digest", **_contents(part, since, until)},
            (subscriber,),
        )
        for number, part in enumerate(_parts(ordered))
    ]


def entry(item: Mapping[str, Any]) -> dict[str, Any]:
    """What a digest says of an alert that it counts and does not show."""
    article = item["article"]
    return {
        "type": item["type"],
        "id": item["id"],
        **({"alert_id": item["alert_id"]} if "alert_id" in item else {}),
        "watchlist": item["watchlist"]["id"],
        "title": article.get("title", ""),
        "url": article.get("url", ""),
    }


def _parts(ordered: Sequence[Item]) -> Iterator[list[Item]]:
    for begin in range(0, len(ordered), MAX_COUNTED):
        yield [*ordered[begin : begin + MAX_COUNTED]]


def _contents(items: Sequence[Item], since: str, until: str) -> dict[str, Any]:
    shown = [item for item in items if not _is_entry(item)][:MAX_SHOWN]
    ids = {item["id"] for item in shown}
    counts: dict[str, dict[str, Any]] = {}
    for item in items:
        watchlist = item["watchlist"]
        counts.setdefault(watchlist["id"], {**watchlist, "count": 0})["count"] += 1
    return {
        "count": len(items),
        "since": since,
        "until": until,
        "watchlists": [*counts.values()],
        "alerts": shown,
        "others": [entry(item) for item in items if item["id"] not in ids],
    }


def _single_events(events: Iterable[Received]) -> Iterator[Received]:
    """The events, each about one alert: in place of a throttle's summary those that it counts."""
    for event in events:
        data = event["data"]
        if "article" in data:
            yield event
            continue
        for item in data.get("alerts", ()):
            yield {"type": item["type"], "timestamp": event["timestamp"], "data": _untyped(item)}
        for item in data.get("others", ()):
            article = {"title": item["title"], "url": item["url"]}
            told = {**_untyped(item), "watchlist": data["watchlist"], "article": article}
            yield {"type": item["type"], "timestamp": event["timestamp"], "data": told}


def _untyped(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "type"}


def _latest_versions(events: Iterable[Received]) -> Iterator[Item]:
    """One item for each alert: its latest event. The spread of a story is news beside it."""
    by_alert: dict[str, list[Received]] = {}
    for event in events:
        data = event["data"]
        spread = event["type"] == "story.updated"
        first = data["id"] if spread else data.get("alert_id", data["id"])
        by_alert.setdefault(first, []).append(event)
    for versions in by_alert.values():
        last = versions[-1]
        is_new = versions[0]["type"] == "alert.created"  # to the subscriber
        if is_new and last["type"] == "alert.retracted":
            continue
        kind = "alert.created" if is_new and last["type"] == "alert.updated" else last["type"]
        yield {"type": kind, **last["data"]}


def _merge_stories(items: Iterable[Item]) -> Iterable[Item]:
    """One item for each watchlist and story: that of the article with the best score."""
    found: dict[tuple[str, str], Item] = {}
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


def _is_entry(item: Mapping[str, Any]) -> bool:
    """Whether only id, title and URL of it are known."""
    return "id" not in item["article"]


def _score(item: Mapping[str, Any]) -> float:
    value: float = item.get("score", {}).get("value", 0)
    return value
