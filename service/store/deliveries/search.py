"""The search for deliveries of one state, newest first, by subscriber, watchlist and time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.store.client import Argument, Store, from_milliseconds

SEARCH_STEP = 500
"""Deliveries that the server looks at in one go: for a few milliseconds it does nothing else."""


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are looked for; empty: any."""

    subscriber: str = ""
    watchlist: str = ""
    since: datetime | None = None
    """Only those that came into their state then or later."""
    created_since: datetime | None = None
    """Only those that were made then or later."""
    created_until: datetime | None = None
    """Only those that were made then or earlier."""


@dataclass(frozen=True, slots=True)
class DeliveryHit:
    """A delivery that was found."""

    id: str
    at: datetime
    """When it came into its state."""
    subscriber: str
    created_at: datetime


EVERY_DELIVERY = DeliveryFilter()


async def search(
    store: Store, state: str, only: DeliveryFilter, limit: int | None = None
) -> list[DeliveryHit]:
    """The newest first by `at`, at most so many; looks no further back than it has to."""
    found: dict[str, DeliveryHit] = {}  # what moves while it is looked through may be met twice
    # None is in a state earlier than it was made.
    times = [each for each in (only.since, only.created_since) if each is not None]
    least = _milliseconds_text(max(times)) if times else "-inf"
    tail: list[Argument] = [
        SEARCH_STEP,
        only.subscriber,
        only.watchlist,
        _milliseconds_text(only.created_since) if only.created_since else "-inf",
        _milliseconds_text(only.created_until) if only.created_until else "inf",
    ]
    last, score = "", ""
    while limit is None or len(found) < limit:
        args: list[Argument] = [state, last, score, least, *tail]
        end, at, rows = await store.run("deliveries/search", args)
        found |= {row[0].decode(): _hit(row) for row in rows}
        last, score = end.decode(), at.decode()
        if not last:
            break
    return [*found.values()][:limit]


def _hit(row: list[Any]) -> DeliveryHit:
    id_, at, subscriber, created = row
    return DeliveryHit(
        id_.decode(),
        from_milliseconds(float(at)),
        subscriber.decode(),
        from_milliseconds(float(created)),
    )


def _milliseconds_text(at: datetime) -> str:
    # Moments are told in whole milliseconds, and some kept with fractions of one.
    return str(math.floor(at.timestamp() * 1000))
