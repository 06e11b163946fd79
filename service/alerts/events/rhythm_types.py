"""The events about what is unusual in what comes: subscribers with `reports: true` receive them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from service.alerts.events.blocks import Count, Sent, Time

State = Literal["quiet", "back"]


class SilenceFacts(TypedDict):
    """A source or a stream."""

    name: str
    stream: str
    """Where it came from last."""
    last_seen: Time
    """To five minutes."""
    usual_gap_seconds: int
    """At this hour of the week; 0 where it sends again."""
    gaps: float
    """For so many usual gaps it is quiet; 0 where it sends again."""


class WatchlistSilenceFacts(TypedDict):
    """A watchlist without a new story."""

    id: str
    name: str
    last_seen: Time
    """When it had a new story last, to five minutes."""
    articles: Annotated[int, Field(ge=0)]
    """That were read since; 0 where it has one again."""
    usual_gap_articles: float
    """One new story in so many is usual; 0 where it has one again."""
    gaps: float


class SpikeFacts(TypedDict):
    """A watchlist with many more new stories than usual."""

    id: str
    name: str
    stories: Count
    """New ones of this day (UTC), so far."""
    usual_stories: float
    """Of so many articles as are read in a day."""
    by_chance_a_year: float
    """On how many days of a year so many are expected although nothing has happened."""


class _RhythmData(Sent):
    message: str
    """What happened, for people. It ends with the command."""
    command: str
    """What to type to see more."""
    count: Annotated[int, Field(ge=1)]
    """How many there are; at most 100 of them are listed."""


class SourceQuietData(_RhythmData):
    """Sources, or streams, that have sent nothing for far longer than usual, or send again."""

    state: State
    """`back`: they were told to be quiet, and send again."""
    sources: list[SilenceFacts]


class StreamQuietData(_RhythmData):
    """The same of streams."""

    state: State
    streams: list[SilenceFacts]


class WatchlistQuietData(_RhythmData):
    """Watchlists without a new story in far more articles than usual, or that have one again."""

    state: State
    watchlists: list[WatchlistSilenceFacts]


class WatchlistSpikeData(_RhythmData):
    """Watchlists with many more new stories today than usual."""

    watchlists: list[SpikeFacts]


class SourceQuiet(TypedDict):
    """Sources have stopped sending, or send again; sent to subscribers with `reports: true`."""

    type: Literal["source.quiet"]
    timestamp: Time
    data: SourceQuietData


class StreamQuiet(TypedDict):
    """No article came to a stream, or one came again; sent to subscribers with `reports: true`."""

    type: Literal["stream.quiet"]
    timestamp: Time
    data: StreamQuietData


class WatchlistQuiet(TypedDict):
    """Watchlists match nothing, or match again; sent to subscribers with `reports: true`."""

    type: Literal["watchlist.quiet"]
    timestamp: Time
    data: WatchlistQuietData


class WatchlistSpike(TypedDict):
    """Watchlists match far more than usual; sent to subscribers with `reports: true`."""

    type: Literal["watchlist.spike"]
    timestamp: Time
    data: WatchlistSpikeData
