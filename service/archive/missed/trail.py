"""What is known of an article on its way through the house: the facts, without a judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class EntryTrail:
    """The newest stream entry with the article."""

    stream: str
    id: str
    at: str
    """When it was added (RFC 3339)."""
    state: Literal["unread", "pending", "done"]


@dataclass(frozen=True, slots=True)
class LetterTrail:
    """The newest dead letter with the article."""

    stream: str
    id: str
    entry: str
    at: str
    reason: str
    is_wall: bool


@dataclass(frozen=True, slots=True)
class CutTrail:
    """A text that was cut from the article and with which the watchlist would match."""

    reason: str
    """The name of the rule that cut it."""
    text: str


@dataclass(frozen=True, slots=True)
class AlertTrail:
    """An alert."""

    id: str
    at: str
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryTrail:
    """A delivery of the alert, and its lane."""

    id: str
    state: Literal["pending", "delivered", "failed"]
    at: str
    """When it came into its state."""
    due: str
    attempts: int
    error: str
    """Of the last attempt, or the note of the delivery."""
    in_quiet_hours: bool
    """Whether it waits for their end."""
    lane: Literal["", "open", "disabled", "paused"]
    """What holds its lane back; empty: nothing."""
    words: str
    """What it waits for."""


@dataclass(frozen=True, slots=True)
class SubscriberTrail:
    """What became of an alert for one subscriber."""

    id: str
    is_notified: bool
    """Whether the watchlist notifies it, by the rules of today."""
    filtered: str
    """Which of its filters keeps the alert from it, in words; empty: none does."""
    held: Literal["", "muted", "digest", "throttle", "bundled", "waits"] = ""
    """What holds the alert, or held it."""
    held_words: str = ""
    until: str = ""
    delivery: DeliveryTrail | None = None
    reached_by: AlertTrail | None = None
    """The alert of another copy of the story that has reached it."""


@dataclass(frozen=True, slots=True)
class WatchlistTrail:
    """A watchlist and the article, by the rules of today."""

    id: str
    verdict: Literal["matched", "missed", "excepted", "below"]
    why: tuple[str, ...]
    """What is missing for a match, a line each; the exception that holds; score and threshold."""
    notified: Sequence[str] = ()
    """The subscribers that it notifies."""
    cut: CutTrail | None = None
    alert: AlertTrail | None = None
    story: str = ""
    """The article's story, while it is known."""
    told_by: AlertTrail | None = None
    """The alert of another copy that told it."""
    subscribers: tuple[SubscriberTrail, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleTrail:
    """An article, wherever it was found."""

    id: str
    title: str
    url: str
    refused: str
    """Why its text cannot be read; empty: it can, or there is none."""
    refused_as_wall: bool
    oldest: str
    """When the oldest entry was added that the streams keep; empty: they have none."""
    entry: EntryTrail | None
    letter: LetterTrail | None
    watchlists: tuple[WatchlistTrail, ...] = ()
    others: int = 0
    """Watchlists that do not match, and are not among these."""
