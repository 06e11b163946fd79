"""What a `digest.created` holds: one class for its `data` by reason, and two for its alerts.

Each class is the shape of a JSON object; its docstrings become the descriptions in docs/events/.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from service.alerts.events.blocks import (
    AlertId,
    ArticleFacts,
    Change,
    Count,
    EventId,
    EvidenceFacts,
    RulesDigest,
    ScoreFacts,
    Sent,
    StoryIfKnown,
    Time,
    WatchlistCount,
    WatchlistFacts,
)


class DigestItem(Sent, StoryIfKnown):
    """One alert of a digest: the `data` of its latest event, and the type of that event."""

    type: Literal["alert.created", "alert.updated", "alert.retracted", "story.updated"]
    alert_id: NotRequired[AlertId]
    watchlist: WatchlistFacts
    score: NotRequired[ScoreFacts]
    """Absent from a retraction."""
    article: ArticleFacts
    evidence: NotRequired[list[EvidenceFacts]]
    """Absent from a retraction."""
    rules: RulesDigest
    matched_at: Time
    changes: NotRequired[list[Change]]


class DigestEntry(TypedDict):
    """An alert of a digest without its proof."""

    type: Literal["alert.created", "alert.updated", "alert.retracted", "story.updated"]
    id: EventId
    alert_id: NotRequired[AlertId]
    watchlist: str
    """Its id."""
    title: str
    url: str


class DigestData(Sent):
    """What a subscriber with `digest:` receives together: at most 200 stories and alerts."""

    reason: Literal["digest"]
    count: Count
    """How many stories and alerts it has: those in `alerts`, at most 10, and those in `others`."""
    since: Time
    """The time of its first event."""
    until: Time
    """When it was due."""
    watchlists: list[WatchlistCount]
    alerts: list[DigestItem]
    """By watchlist, the best first."""
    others: list[DigestEntry]
    """The rest of them, in the same order."""


class SummaryData(Sent):
    """Alerts of one watchlist that its `throttle` held: at most 200."""

    reason: Literal["throttle"]
    watchlist: WatchlistFacts
    count: Count
    """How many alerts it has: those in `alerts`, the best 5, and those in `others`."""
    since: Time
    """The time of the first alert that was held."""
    until: Time
    """When the throttle's time ended."""
    alerts: list[DigestItem]
    others: list[DigestEntry]
    """The rest of them, the best first."""
