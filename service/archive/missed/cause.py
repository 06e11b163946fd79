"""Trail → cause: where an article stopped on its way, and why. Pure: the facts are collected.

The first thing that stopped it is the cause. What an alert says is worth more than the rules of
today, by which the article may match no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.archive.missed.trail import (
    AlertTrail,
    ArticleTrail,
    DeliveryTrail,
    SubscriberTrail,
    WatchlistTrail,
)

Kind = Literal[
    "never",
    "unread",
    "dead_letter",
    "wall",
    "cut",
    "clause",
    "exception",
    "threshold",
    "story",
    "rules",
    "not_notified",
    "filter",
    "throttle",
    "digest",
    "silence",
    "quiet_hours",
    "lane",
    "attempts",
    "waits",
    "unknown",
    "delivered",
]
"""In the order of the way: the stream, the watchlist, the subscriber."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an article did not get further; or that it did: `delivered`."""

    kind: Kind
    words: str
    at: str = ""
    """When that was, or when it ends (RFC 3339); empty where no time belongs to it."""


def article_cause(trail: ArticleTrail) -> Cause | None:
    """Why the article came to no watchlist; None: it did."""
    if any(each.alert for each in trail.watchlists):
        return None
    entry, letter = trail.entry, trail.letter
    if letter and (entry is None or _place(letter.entry) >= _place(entry.id)):
        words = f"{letter.reason} (`tocsin dead show {letter.id}`)"
        return Cause("wall" if letter.is_wall else "dead_letter", words, letter.at)
    if entry is None:
        kept = f"the oldest entry is of {trail.oldest}" if trail.oldest else "there is no entry"
        words = f"no entry and no dead letter of the streams has it; {kept}"
        return Cause("never", words)
    if entry.state != "done":
        given = "a reader has it now" if entry.state == "pending" else "no reader was given it"
        return Cause("unread", f"{given} (`tocsin status`)", entry.at)
    if trail.refused:
        return Cause("wall" if trail.refused_as_wall else "dead_letter", trail.refused, entry.at)
    return None


def watchlist_cause(trail: WatchlistTrail) -> Cause | None:
    """Why the watchlist made no alert of it; None: it did."""
    if trail.alert:
        return None
    why = "; ".join(trail.why)
    match trail.verdict:
        case "missed" if trail.cut:
            words = f"with this text, which was cut as {trail.cut.reason}, it would match: "
            return Cause("cut", words + trail.cut.text)
        case "missed":
            return Cause("clause", f"missing: {why}")
        case "excepted":
            return Cause("exception", why)
        case "below":
            return Cause("threshold", why)
    if trail.told_by:
        return Cause("story", _told(trail.told_by, trail.story), trail.told_by.at)
    words = (
        "it matches by the rules of today and made no alert: the rules were others when it was "
        "read (`tocsin rules history`), or the alert is past its retention"
    )
    return Cause("rules", words)


def subscriber_cause(trail: SubscriberTrail, alert: AlertTrail) -> Cause:
    """Why the subscriber has not got the alert; or that it has."""
    if trail.delivery:
        return _delivery_cause(trail.delivery)
    match trail.held:
        case "muted":
            return Cause("silence", trail.held_words, trail.until)
        case "digest" | "bundled":
            return Cause("digest", trail.held_words, trail.until)
        case "throttle":
            return Cause("throttle", trail.held_words, trail.until)
        case "waits":
            return Cause("waits", trail.held_words, trail.until)
    if not trail.is_notified:
        return Cause("not_notified", "the watchlist does not notify it")
    if trail.filtered:
        return Cause("filter", trail.filtered)
    if trail.reached_by:
        return Cause("story", _told(trail.reached_by, ""), trail.reached_by.at)
    if alert.retracted:
        words = "the alert was retracted before it was sent"
        return Cause("unknown", words, alert.at)
    return Cause("unknown", "the rules did not name it when the alert was made", alert.at)


def _delivery_cause(delivery: DeliveryTrail) -> Cause:
    if delivery.state == "delivered":
        words = f"delivered as {delivery.id}"
        return Cause("delivered", words, delivery.at)
    if delivery.state == "failed" and not delivery.attempts:
        return Cause("lane", f"failed unsent: {delivery.error} ({delivery.id})", delivery.at)
    tries = f"{delivery.attempts} attempt{'' if delivery.attempts == 1 else 's'}"
    if delivery.state == "failed":
        words = f"failed for good after {tries}: {delivery.error} ({delivery.id})"
        return Cause("attempts", words, delivery.at)
    if delivery.lane:
        return Cause("lane", delivery.words, delivery.due)
    if delivery.in_quiet_hours:
        return Cause("quiet_hours", delivery.words, delivery.due)
    if delivery.attempts:
        words = f"{delivery.words}, after {tries}: {delivery.error} ({delivery.id})"
        return Cause("attempts", words, delivery.due)
    return Cause("waits", delivery.words, delivery.due)


def _told(alert: AlertTrail, story: str) -> str:
    of = f"its story {story}" if story else "its story"
    return f"{of} was told by {alert.id} (`tocsin alerts show`)"


def _place(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))
