"""What a back-test says: one shape for text, JSON, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.delivery.message.message import Quote


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """What was read."""

    names: tuple[str, ...]
    """Streams or files."""
    articles: int
    letters: Mapping[str, int]
    """Entries that are no articles, by kind."""
    first: str
    """When the first article was added, RFC 3339; empty where there is none."""
    last: str
    languages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Example:
    """One article that alerts."""

    title: str
    url: str
    source: str
    at: str
    """When it was added, RFC 3339."""
    score: float
    held: bool
    """Whether a throttle holds it for a summary."""
    quotes: tuple[Quote, ...]
    otherwise: str
    """Of a new or a gone alert: why it is none by the other rules."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for a watchlist against the other rules."""

    before: int
    """Alerts by the other rules."""
    new: int
    gone: int
    kept: int
    new_examples: tuple[Example, ...] = ()
    gone_examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchlistView:
    """One watchlist."""

    id: str
    alerts: int
    """Those that a throttle holds count, too."""
    busiest_day: str
    most_in_a_day: int
    fates: Mapping[str, int]
    """What became of its matches, by KINDS; `alerts` are those that no throttle holds."""
    deliveries: Mapping[str, int]
    """By DELIVERIES."""
    by_day: tuple[int, ...]
    """The alerts of each day of the report."""
    examples: tuple[Example, ...] = ()
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class SetView:
    """The sums of one set of rules."""

    name: str
    watchlists: int
    alerts: int
    by_day: tuple[int, ...]
    fates: Mapping[str, int]
    deliveries: Mapping[str, int]
    subscribers: Mapping[str, int]
    """Events that each receives."""
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ExcessView:
    """A watchlist that passes the budget."""

    watchlist: str
    alerts: int
    first_day: str
    """Of the day or the week with the most alerts."""


@dataclass(frozen=True, slots=True)
class BudgetView:
    """The budget, and which watchlists pass it."""

    most: int
    span: str
    excesses: tuple[ExcessView, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All of it."""

    archive: ArchiveView
    days: tuple[str, ...]
    """Every day (UTC) of the archive."""
    rules: SetView
    against: SetView | None
    watchlists: tuple[WatchlistView, ...]
    """Those with the most alerts first; where rules are compared, those with the most changes."""
    budget: BudgetView | None = None
    notes: tuple[str, ...] = field(default=())
    """What a reader should know of how it was made."""
