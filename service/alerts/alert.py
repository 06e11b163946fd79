"""What is told of a match, as the outbox keeps it: stable ids, and the events (DESIGN.md §6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from service.alerts.correction import Data
from service.alerts.routing import Route

if TYPE_CHECKING:  # or every command that looks into the outbox would load what reads rules
    from service.alerts.events.event_types import EventType
    from service.rules.schema import ThrottleSpec


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that subscribers are told; its time is that of the commit."""

    kind: EventType
    """Its `type`, such as `alert.created`."""
    id: str
    data: Data
    """Its `data` object, all but the `id`."""
    subscribers: tuple[str, ...]
    """Who hears of it."""
    routes: Mapping[str, Route] = field(default_factory=dict)
    """How those hear of it who do not get it at once."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One watchlist's match of one revision of one article, ready for the outbox.

    Which of its events is told is decided there, where it is known what was told before.
    """

    id: str
    """Digest of watchlist and article: a re-read entry makes the same alert again."""
    watchlist_id: str
    article_id: str
    revision: str
    score: float
    created: Event
    updated: Event
    """Told where an alert of an earlier revision stands."""
    story_id: str = ""
    """Near-copies of this story are told once; empty: `repeat: article`."""
    milestone: int = 0
    """The milestone that the story has reached."""
    story_updated: Event | None = None
    """Told where the story was, and had not reached the milestone."""
    throttle: ThrottleSpec | None = None


@dataclass(frozen=True, slots=True)
class Retraction:
    """An alert whose article was corrected and matches no longer."""

    alert_id: str
    watchlist_id: str
    article_id: str
    revision: str
    event: Event


def rfc3339(at: datetime) -> str:
    """A moment (with its time zone) as the events write it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alert_id(*parts: str) -> str:
    """The id of an alert, or of a later event about it, made of what it is about."""
    return "alr_" + _digest(parts)


def delivery_id(alert: str, subscriber: str) -> str:
    """The id of one alert's delivery to one subscriber, the same on every attempt."""
    return "dlv_" + _digest((alert, subscriber))


def _digest(parts: tuple[str, ...]) -> str:
    # A length before each part, so that ("ab", "c") and ("a", "bc") differ.
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()
