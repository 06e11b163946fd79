"""What is quiet, is back or has a spike → a headline that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.delivery.message.fields import apart, blocks, words

MAX_NAME = 60
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
