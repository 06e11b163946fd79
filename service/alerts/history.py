"""What was sent before that bears on the alerts of an article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.alerts.correction import Data
from service.alerts.stories.story import Story

MAX_LATER = 20
"""Later events of an alert that are remembered: a page that changes all day has more."""


@dataclass(frozen=True, slots=True)
class SentAlert:
    """The record of an alert: what its watchlist has sent of an article."""

    alert_id: str
    revision: str
    """Of the article, as the latest event has it."""
    entry_id: str = ""
    """The stream entry that changed the alert last; empty where it is not known."""
    latest_id: str = ""
    """The id of the latest event about it."""
    data: Data = field(default_factory=dict)
    """Of that event; empty where it is gone, or where the revision has not changed."""
    subscribers: tuple[str, ...] = ()
    """Those who have heard of it; once it is retracted, those who were told so."""
    held: bool = False
    """Whether a throttle holds it: no subscriber has received it."""
    retracted: bool = False
    later_ids: tuple[str, ...] = ()
    """The ids of the events after the first, at most MAX_LATER of the latest ones."""
    story_id: str = ""
    """The story that the latest event tells; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class StoryReach:
    """Whom a watchlist has reached with a story, by the ids of the alerts that did it."""

    first: str = ""
    """The first alert, whomever it reached; empty where there is none."""
    by_subscriber: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    """Those of these alerts that a throttle holds, or held until they were withdrawn."""
    milestone: int = 0
    """The last one that was announced; 0 for none."""


@dataclass(frozen=True, slots=True)
class ThrottleCount:
    """How many alerts a watchlist has sent in the span of its throttle."""

    until: datetime | None = None
    """When the span ends; None where none has begun."""
    sent: int = 0


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """What was sent before that bears on one alert."""

    sent: SentAlert | None = None
    """None where its watchlist has sent nothing of the article."""
    reach: StoryReach = field(default_factory=StoryReach)
    """Of the article's story."""
    throttle: ThrottleCount = field(default_factory=ThrottleCount)


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """What was sent before that bears on an article."""

    now: datetime
    """When this was read, by the clock of Redis."""
    story: Story | None = None
    """The story that it has joined; None where no watchlist matched."""
    story_id: str = ""
    """Its story, be it that of an earlier revision; empty: it has none."""
    alerts: Mapping[str, AlertHistory] = field(default_factory=dict)
    """By watchlist: those that matched, and those that have sent an alert of the article."""
    superseded: bool = False
    """Whether a newer entry of the article was decided before."""


class BatchHistory:
    """The histories of a batch's articles, with what was decided in the batch so far.

    Articles of a batch share stories and throttles: what one of them changes, the next one sees.
    """

    def __init__(self) -> None:
        self._sent: dict[str, SentAlert | None] = {}
        self._reach: dict[tuple[str, str], StoryReach] = {}
        self._throttles: dict[str, ThrottleCount] = {}

    def of(self, alert_id: str, watchlist: str, article: ArticleHistory) -> AlertHistory:
        """The history of one alert, as the batch has left it."""
        read = article.alerts.get(watchlist, AlertHistory())
        return AlertHistory(
            self._sent.get(alert_id, read.sent),
            self._reach_of(article.story_id, watchlist, read),
            self._throttles.get(watchlist, read.throttle),
        )

    def record(
        self,
        alert_id: str,
        watchlist: str,
        story_id: str,
        after: AlertHistory,
    ) -> None:
        """Keep what a decision has made of an alert's history."""
        self._sent[alert_id] = after.sent
        if after.throttle.until is not None:  # of a retraction the throttle was not read
            self._throttles[watchlist] = after.throttle
        if story_id:
            self._reach[story_id, watchlist] = after.reach

    def _reach_of(self, story_id: str, watchlist: str, read: AlertHistory) -> StoryReach:
        changed = self._reach.get((story_id, watchlist))
        if changed is None:
            return read.reach
        # Two articles may ask about different subscribers of one watchlist.
        by_subscriber = {**read.reach.by_subscriber, **changed.by_subscriber}
        held = read.reach.held | changed.held
        return StoryReach(changed.first, by_subscriber, held, changed.milestone)
