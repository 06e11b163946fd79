"""A match as it is given to the decision, and each decision that can come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.alerts.alert import Event
from service.alerts.history import AlertHistory
from service.alerts.people.silence import Silence
from service.articles.identity import Identity


@dataclass(frozen=True, slots=True)
class Limit:
    """The throttle of a watchlist: so many alerts in so long a span."""

    max_alerts: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """One watchlist's match of one revision of one article."""

    alert_id: str
    """A hash of watchlist and article: an entry that is read again makes the same alert."""
    watchlist_id: str
    article: Identity
    revision: str
    entry_id: str
    """Of the stream."""
    score: float
    subscribers: tuple[str, ...]
    """Those whose filters let the match through, and whom no silence mutes."""
    story_id: str = ""
    """Copies of this story alert once; empty: `repeat: article`."""
    milestone: int = 0
    """The milestone that the story has reached."""
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class RetractionDraft:
    """A watchlist that alerted an earlier revision of an article, and does not match this one."""

    alert_id: str
    watchlist_id: str
    article: Identity
    revision: str
    entry_id: str
    story_id: str = ""


Draft = AlertDraft | RetractionDraft


@dataclass(frozen=True, slots=True)
class Created:
    """A new alert; an alert without subscribers is only recorded."""

    subscribers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """An alert that waits for the summary of its throttle; it may have waited before."""

    subscribers: tuple[str, ...]
    until: datetime | None = None
    """When the summary is due; None where the alert was held before."""


@dataclass(frozen=True, slots=True)
class Updated:
    """The article was corrected."""

    subscribers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """Nothing: this revision has been sent, or a newer one."""


@dataclass(frozen=True, slots=True)
class Counted:
    """No alert: another article of the story has alerted. The story may have a new milestone."""

    milestone: int = 0
    """The one to announce; 0 for none."""
    subscribers: tuple[str, ...] = ()
    """Those who have received the story."""


@dataclass(frozen=True, slots=True)
class Retracted:
    """The corrected article no longer matches."""

    subscribers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The same, before the throttle let the alert go: no subscriber ever hears of it."""


AlertDecision = Created | Held | Updated | Repeated | Counted
RetractionDecision = Retracted | Withdrawn | Repeated
Decision = AlertDecision | RetractionDecision
IsMuted = Callable[[str], bool]
"""Whether a silence mutes what a watchlist sends to this subscriber."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A delivery about an alert that waits for the end of quiet hours, and was never tried."""

    subscriber: str
    event_id: str
    delivery_id: str


@dataclass(frozen=True, slots=True)
class LeftStory:
    """A story that an alert has told, and that its article tells no more: it tells another one."""

    story_id: str
    names: tuple[str, ...]
    """Whom a copy of it may reach again; "" is the first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided about a draft, on what it rests, and what it makes of that."""

    draft: Draft
    decision: Decision
    event: Event | None
    """What is sent or held; None: nothing is."""
    before: AlertHistory
    after: AlertHistory
    unsent: tuple[Unsent, ...] = ()
    """What it cancels."""
    muted: Mapping[str, Silence] = field(default_factory=dict)
    """The silences that keep the event from subscribers, by their ids."""
    left: LeftStory | None = None
