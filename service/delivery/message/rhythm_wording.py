"""What is quiet, is back or has a spike → a headline that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.delivery.message.fields import apart, blocks, words
from service.delivery.message.message import Item

MAX_NAME = 60
MOST_ITEMS = 10
LISTS = {
    "source.quiet": "sources",
    "stream.quiet": "streams",
    "watchlist.quiet": "watchlists",
    "watchlist.spike": "watchlists",
}
"""In which list such an event has those that it tells of, by its type."""
_BEGINS = {"streams": "Stream "}
_HEADLINES = {
    ("source.quiet", "quiet"): ("sends", "send", "nothing any more"),
    ("source.quiet", "back"): ("sends", "send", "again"),
    ("stream.quiet", "quiet"): ("gets", "get", "no articles any more"),
    ("stream.quiet", "back"): ("gets", "get", "articles again"),
    ("watchlist.quiet", "quiet"): ("has", "have", "had no new story for long"),
    ("watchlist.quiet", "back"): ("has", "have", "a new story again"),
    ("watchlist.spike", "quiet"): ("has", "have", "many more new stories than usual"),
}
"""What one does, and several do."""


def rhythm_headline(kind: str, data: Mapping[str, Any]) -> str:
    """The first of those, how many others, and what is with them; "" for other events."""
    listed = blocks(data.get(LISTS.get(kind, "")))
    name = words(listed[0].get("name"), MAX_NAME) if listed else ""
    state = "back" if data.get("state") == "back" else "quiet"
    said = _HEADLINES.get((kind, state))
    if not name or said is None:
        return ""
    count = data.get("count")
    more = count - 1 if isinstance(count, int) and count > 1 else 0
    name = f"{_BEGINS.get(LISTS[kind], '')}{apart(name)}"
    one, several, what = said
    return f"{name} and {more:,} more {several} {what}" if more else f"{name} {one} {what}"


def rhythm_items(kind: str, data: Mapping[str, Any]) -> tuple[Item, ...]:
    """The first of several, a line each; none where there is one: the message says all of it."""
    listed = blocks(data.get(LISTS.get(kind, "")))
    if len(listed) < 2:
        return ()
    back = data.get("state") == "back"
    return tuple(
        Item(apart(words(one.get("name"), MAX_NAME)) or "?", "", _about(kind, back, one))
        for one in listed[:MOST_ITEMS]
    )


def _about(kind: str, back: bool, one: Mapping[str, Any]) -> str:
    """What is unusual with it; parts that are missing are left out."""
    if kind == "watchlist.spike":
        usual = _number(one.get("usual_stories"), ",.1f")
        return f"{_number(one.get('stories'))} new stories today; {usual} are usual in a day"
    since = words(one.get("last_seen"), 30)[:16].replace("T", " ")
    if back:
        return f"it was quiet since {since} UTC"
    if kind == "watchlist.quiet":
        usual = _number(one.get("usual_gap_articles"), ",.0f")
        read = _number(one.get("articles"))
        return f"no new story in {read} articles, since {since} UTC; one in {usual} is usual"
    gap = one.get("usual_gap_seconds")
    every = f"; one every {_span(gap)} is usual" if isinstance(gap, int) and gap > 0 else ""
    return f"no article since {since} UTC{every}"


def _number(value: object, form: str = ",") -> str:
    return format(value, form) if isinstance(value, int | float) else "?"


def _span(seconds: int) -> str:
    minutes = max(1, round(seconds / 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "d"), (hours, "h"), (rest if not days else 0, "m"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count)
