"""The events that subscribers receive (DESIGN.md §6): one class each, and one for its `data`.

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
    EvidenceFacts,
    RulesDigest,
    ScoreFacts,
    Sent,
    StoryFacts,
    StoryIfKnown,
    Time,
    WatchlistFacts,
)
from service.alerts.events.digest_types import DigestData, SummaryData

EventType = Literal[
    "alert.created",
    "alert.updated",
    "alert.retracted",
    "story.updated",
    "digest.created",
    "subscriber.test",
    "subscriber.disabled",
    "delivery.exhausted",
    "rules.fault",
    "source.quiet",
    "stream.quiet",
    "watchlist.quiet",
    "watchlist.spike",
]


class MatchFactsWithoutStory(TypedDict):
    """The facts of a match."""

    watchlist: WatchlistFacts
    score: ScoreFacts
    article: ArticleFacts
    evidence: list[EvidenceFacts]
    """The mentions that prove the match, the best first."""
    rules: RulesDigest
    matched_at: Time


class MatchFacts(MatchFactsWithoutStory, StoryIfKnown):
    """The facts of a match, with its story."""


class RetractionFacts(StoryIfKnown):
    """The facts of an alert whose article no longer matches."""

    alert_id: AlertId
    watchlist: WatchlistFacts
    article: ArticleFacts
    """The article as it is now."""
    rules: RulesDigest
    matched_at: Time
    """When the article was judged."""
    changes: list[Change]
    reason: NotRequired[str]
    """What a publisher says who took the article back; absent where a new text does not match."""


class CreatedData(Sent, MatchFacts):
    """A watchlist matched an article that is news to it."""


class UpdatedData(Sent, MatchFacts):
    """An article that was alerted has a new text, and still matches."""

    alert_id: AlertId
    changes: list[Change]


class RetractedData(Sent, RetractionFacts):
    """An article that was alerted has a text that does not match, or was taken back."""


class StoryUpdatedData(Sent, MatchFactsWithoutStory):
    """A story that was alerted has reached 3, 10, 30 or 100 sources.

    Score, article and evidence are those of the article that made it so many.
    """

    alert_id: AlertId
    story: StoryFacts


class TestMessage(Sent):
    """An operator ran `tocsin subscribers test`."""

    subscriber: str
    message: str


class ReportData(Sent):
    """A delivery has failed for good, or a subscriber was disabled."""

    subscriber: str
    """The subscriber that did not receive the delivery."""
    message: str
    """What happened and what to do, for people. It ends with the command."""
    command: str
    """What to type once the receiver works again."""
    delivery_id: str
    event_id: str
    """Id of the event that was not delivered."""
    alert_id: NotRequired[AlertId]
    attempts: Count
    status: int | None
    """HTTP status of the last attempt; null where there was no answer."""
    reason: str


class AlertCreated(TypedDict):
    """A watchlist matched an article that is news to it."""

    type: Literal["alert.created"]
    timestamp: Time
    data: CreatedData


class AlertUpdated(TypedDict):
    """An article that was alerted has a new text, and still matches."""

    type: Literal["alert.updated"]
    timestamp: Time
    data: UpdatedData


class AlertRetracted(TypedDict):
    """An article that was alerted has a text that does not match, or was taken back."""

    type: Literal["alert.retracted"]
    timestamp: Time
    data: RetractedData


class StoryUpdated(TypedDict):
    """A story that was alerted has reached 3, 10, 30 or 100 sources."""

    type: Literal["story.updated"]
    timestamp: Time
    data: StoryUpdatedData


class DigestCreated(TypedDict):
    """Several alerts in one event: a subscriber's digest, or what a throttle held."""

    type: Literal["digest.created"]
    timestamp: Time
    data: DigestData | SummaryData


class SubscriberTest(TypedDict):
    """An operator ran `tocsin subscribers test`."""

    type: Literal["subscriber.test"]
    timestamp: Time
    data: TestMessage


class SubscriberDisabled(TypedDict):
    """A subscriber was disabled; sent to subscribers with `reports: true`."""

    type: Literal["subscriber.disabled"]
    timestamp: Time
    data: ReportData


class DeliveryExhausted(TypedDict):
    """A delivery has failed for good; sent to subscribers with `reports: true`."""

    type: Literal["delivery.exhausted"]
    timestamp: Time
    data: ReportData
