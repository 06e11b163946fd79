"""Finding deliveries of one state: newest first, in steps, by whom, by what and by when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.store.client import Argument, Store, from_milliseconds

STEP = 500
"""Deliveries that the server looks at in one go: for a few milliseconds it does nothing else."""


@dataclass(frozen=True, slots=True)
class Wanted:
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
class Found:
    """A delivery that was found."""

    id: str
    at: datetime
    """When it came into its state."""
    subscriber: str
    created_at: datetime


async def find(store: Store, state: str, wanted: Wanted, limit: int | None = None) -> list[Found]:
    """The newest first by `at`, at most so many; looks no further back than it has to."""
    found: dict[str, Found] = {}  # what moves while it is looked through may be met twice
    # None is in a state earlier than it was made.
    times = [each for each in (wanted.since, wanted.created_since) if each is not None]
    least = _text(max(times)) if times else "-inf"
    tail: list[Argument] = [
        STEP,
        wanted.subscriber,
        wanted.watchlist,
        _text(wanted.created_since) if wanted.created_since else "-inf",
        _text(wanted.created_until) if wanted.created_until else "inf",
    ]
    last, score = "", ""
    while limit is None or len(found) < limit:
        args: list[Argument] = [state, last, score, least, *tail]
        end, at, rows = await store.run("deliveries/find", args)
        found |= {row[0].decode(): _found(row) for row in rows}
        last, score = end.decode(), at.decode()
        if not last:
            break
    return [*found.values()][:limit]


def _found(row: list[Any]) -> Found:
    id_, at, subscriber, created = row
    return Found(
        id_.decode(),
        from_milliseconds(float(at)),
        subscriber.decode(),
        from_milliseconds(float(created)),
    )


def _text(at: datetime) -> str:
    # Moments are told in whole milliseconds, and some kept with fractions of one.
    return str(math.floor(at.timestamp() * 1000))
