"""Event → message for people.

Every event becomes a message, also one of an unknown type or with missing parts: it is better to
show an alert badly than not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from service.delivery.message.alert_wording import alert_message
from service.delivery.message.digest_wording import digest_message
from service.delivery.message.fields import block, words
from service.delivery.message.message import Message, Stretch


def message(body: bytes) -> Message:
    """The message for people that the body of an event makes."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    data = block(event, "data")
    kind = words(block(event).get("type"), 60)
    if kind in ("alert.created", "alert.updated", "alert.retracted", "story.updated"):
        return alert_message(kind, data)
    if kind == "digest.created":
        return digest_message(data)
    return _notice(kind, data)


_NOTICES = {
    "subscriber.test": ("info", "Test", "This is a test: alerts reach you here"),
    "subscriber.disabled": ("high", "Disabled", "A subscriber receives no more alerts"),
    "delivery.exhausted": ("high", "Not delivered", "A delivery has failed for good"),
    "rules.fault": ("high", "Rules", "The rules files have mistakes"),
}


def _notice(kind: str, data: Mapping[str, Any]) -> Message:
    other = ("info", "Tocsin", kind or "an event that cannot be read")
    severity, label, headline = _NOTICES.get(kind, other)
    message, command = words(data.get("message"), 600), words(data.get("command"), 200)
    said = {words(name, 40): words(value, 200) for name, value in list(data.items())[:12]}
    return Message(
        severity=severity,
        label=label,
        headline=(Stretch(headline),),
        facts=tuple(
            (name.removesuffix("_id").replace("_", " ").capitalize(), value)
            for name, value in said.items()
            if value and name not in ("id", "message") and not _holds(f"{message} {command}", value)
        ),
        notice=message.removesuffix(command).rstrip(),
        command=command,
        footer=words(data.get("id"), 100),
    )


def _holds(text: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None
