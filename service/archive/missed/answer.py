"""Trail → answer: the cause for the article, for each watchlist, and for each subscriber (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from service.archive.missed.cause import (
    Cause,
    article_cause,
    subscriber_cause,
    watchlist_cause,
)
from service.archive.missed.trail import (
    AlertTrail,
    ArticleTrail,
    EntryTrail,
    LetterTrail,
    WatchlistTrail,
)


@dataclass(frozen=True, slots=True)
class SubscriberAnswer:
    """Why a subscriber has not got an alert, or that it has."""

    id: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class WatchlistAnswer:
    """Why a watchlist made no alert, or who has got it."""

    id: str
    cause: Cause | None
    """None: it made an alert."""
    alert: AlertTrail | None
    subscribers: tuple[SubscriberAnswer, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Why an article was missed."""

    id: str
    title: str
    url: str
    entry: EntryTrail | None
    letter: LetterTrail | None
    cause: Cause | None
    """Why it came to no watchlist; None: it did."""
    watchlists: tuple[WatchlistAnswer, ...]
    """What they would say of it, where it came to none."""
    others: int
    """Watchlists that do not match, and are not shown."""


def answer(trail: ArticleTrail) -> Answer:
    """Where the article stopped, everywhere on its way."""
    return Answer(
        trail.id,
        trail.title,
        trail.url,
        trail.entry,
        trail.letter,
        article_cause(trail),
        tuple(map(_watchlist, trail.watchlists)),
        trail.others,
    )


def _watchlist(trail: WatchlistTrail) -> WatchlistAnswer:
    alert = trail.alert
    subscribers = (
        [SubscriberAnswer(one.id, subscriber_cause(one, alert)) for one in trail.subscribers]
        if alert
        else []
    )
    return WatchlistAnswer(trail.id, watchlist_cause(trail), alert, tuple(subscribers))
