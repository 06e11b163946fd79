"""What is told of a match, as the outbox keeps it: stable ids, and the events (DESIGN.md §6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from service.alerts.correction import Data
from service.alerts.routing import Route

if TYPE_CHECKING:  # or every command that looks into the outbox would load what reads rules
    from service.alerts.events.event_types import EventType


MAX_KNOWN_IDS = 8192
"""Ids that are remembered: reading a history, deciding and committing ask for the same ones."""


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


def rfc3339(at: datetime) -> str:
    """A moment (with its time zone) as the events write it: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(MAX_KNOWN_IDS)
def alert_id(*parts: str) -> str:
    """The id of an alert, or of a later event about it, made of what it is about."""
    return "alr_" + _digest(parts)


@lru_cache(MAX_KNOWN_IDS)
def delivery_id(alert: str, subscriber: str) -> str:
    """The id of one alert's delivery to one subscriber, the same on every attempt."""
    return "dlv_" + _digest((alert, subscriber))


def _digest(parts: tuple[str, ...]) -> str:
    # A length before each part, so that ("ab", "c") and ("a", "bc") differ.
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()
