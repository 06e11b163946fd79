"""One delivery leased by a test, and what its attempt may come to."""

from __future__ import annotations

from datetime import timedelta

from builders.alerts import NOON, eventually, lease
from service.store.deliveries.delivery import Attempt
from service.store.lanes.leases import Leased
from service.store.lanes.verdict import RetryLater
from service.store.outbox import Outbox

MINUTE = timedelta(minutes=1)
BRIEF = timedelta(milliseconds=1)
"""A lease that is over before anybody could deliver by it."""
ANSWERED = Attempt("2026-11-23T12:00:01.000Z", "w", 200, 12, "", "thanks")
REFUSED = Attempt("2026-11-23T12:00:01.000Z", "w", 500, 12, "answered 500", "oops")


RETRY_NOW = RetryLater(timedelta(0))
RETRY_IN_AN_HOUR = RetryLater(timedelta(hours=1))
PAUSED = RetryLater(timedelta(minutes=10), lane_pause=timedelta(minutes=10))
"""The receiver wants nothing for ten minutes."""


async def lease_one(outbox: Outbox, span: timedelta = MINUTE, worker: str = "w") -> Leased:
    """Lease a delivery that is due, or is about to be."""
    leased: list[Leased] = []

    async def found() -> bool:
        leased.extend(await lease(outbox, 1, span, worker=worker, at=NOON))
        return bool(leased)

    await eventually(found)
    return leased[0]
