"""A delivery and its attempts, as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["pending", "delivered", "failed"]

QUIET_HOURS = "its subscriber's quiet hours"
"""The note of a delivery that waits for their end; `send.lua` writes it too."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver. Only `at` and `worker` are known until there is an answer."""

    at: str
    """RFC 3339."""
    worker: str
    status: int | None = None
    duration_ms: int | None = None
    error: str = ""
    response: str = ""
    """The first kilobyte of the answer."""
    number: int = 0
    """Counts every attempt of the delivery, from 1."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one subscriber."""

    id: str
    alert_id: str
    subscriber: str
    watchlist_id: str
    article_id: str
    state: State
    created_at: datetime
    since: datetime
    """When it came into its state."""
    due_at: datetime | None
    """When it is sent next, or its lease ends; None unless pending."""
    sending: bool
    """Whether a worker has it now."""
    note: str
    """Why it waits or failed, if there is more to say than its attempts do."""
    attempts: tuple[Attempt, ...]
    body: bytes = b""
    """The event; empty in lists."""
