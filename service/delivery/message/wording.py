"""Event → message for people.

Every event becomes a message, also one of an unknown type or with missing parts: it is better to
show an alert badly than not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from service.delivery.message.alert_wording import alert_headline, alert_message
from service.delivery.message.digest_wording import digest_message
from service.delivery.message.fields import block, words
from service.delivery.message.message import Message, Stretch, plain
from service.delivery.message.rhythm_wording import LISTS, rhythm_headline, rhythm_items


def message(body: bytes) -> Message:
    """The message for people that the body of an event makes."""
    event = _event(body)
    data, kind = block(event, "data"), _type(event)
    if kind in _OF_ALERTS:
        return alert_message(kind, data)
    if kind == "digest.created":
        return digest_message(data)
    return _notice(kind, data)


class Heading(NamedTuple):
    """What a list shows of an event."""

    type: str
    """Such as `alert.created`; empty where it has none."""
    headline: str
    """What its message begins with."""


def heading(body: bytes) -> Heading:
    """The heading of the event with this body; of an alert without making its message."""
    event = _event(body)
    kind = _type(event)
    if kind in _OF_ALERTS:
        return Heading(kind, alert_headline(block(event, "data")))
    return Heading(kind, plain(message(body).headline))


def _event(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:  # it may be one that Python's own reader takes, such as half a character
        pass
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _type(event: Any) -> str:
    return words(block(event).get("type"), 60)


_OF_ALERTS = {"alert.created", "alert.updated", "alert.retracted", "story.updated"}
_BACK = {
    "source.quiet": ("info", "Back", "A source sends again"),
    "stream.quiet": ("info", "Back", "Articles come to a stream again"),
    "watchlist.quiet": ("info", "Back", "A watchlist has a new story again"),
}
"""The same events when what they told of is over."""
_NOTICES = {
    "subscriber.test": ("info", "Test", "This is a test: alerts reach you here"),
    "subscriber.disabled": ("high", "Disabled", "A subscriber receives no more alerts"),
    "delivery.exhausted": ("high", "Not delivered", "A delivery has failed for good"),
    "rules.fault": ("high", "Rules", "The rules files have mistakes"),
    "source.quiet": ("high", "Quiet", "A source sends nothing any more"),
    "stream.quiet": ("critical", "Quiet", "No article comes to a stream any more"),
    "watchlist.quiet": ("medium", "Quiet", "A watchlist has had no new story for long"),
    "watchlist.spike": ("medium", "Spike", "A watchlist has many more new stories than usual"),
}


def _notice(kind: str, data: Mapping[str, Any]) -> Message:
    other = ("info", "Tocsin", kind or "an event that cannot be read")
    known = _BACK if data.get("state") == "back" else _NOTICES
    severity, label, headline = known.get(kind, _NOTICES.get(kind, other))
    message, command = words(data.get("message"), 600), words(data.get("command"), 200)
    said = {words(name, 40): words(value, 200) for name, value in list(data.items())[:12]}
    said = said if kind not in LISTS else {}  # their message says it all
    items = rhythm_items(kind, data)
    if items:
        message = f"To see all: {command}"
    return Message(
        severity=severity,
        label=label,
        headline=(Stretch(rhythm_headline(kind, data) or headline),),
        facts=tuple(
            (name.removesuffix("_id").replace("_", " ").capitalize(), value)
            for name, value in said.items()
            if value and name not in ("id", "message") and not _holds(f"{message} {command}", value)
        ),
        notice=message.removesuffix(command).rstrip(),
        command=command,
        items=items,
        footer=words(data.get("id"), 100),
    )


def _holds(text: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None
