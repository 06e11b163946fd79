"""The lanes of deliveries in Redis, one for each subscriber: lease, settle, wait.

A delivery is leased, sent, and settled; a lease that runs out makes it due again, so that no
worker's death loses one. All times are the Redis server's. What becomes of a lane is decided in
`lua/lanes.lua`, where every worker's answers meet.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import structlog

from service.alerts.alert import Event, rfc3339
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.commit import event_arguments
from service.store.deliveries.delivery import Attempt
from service.store.keys import ALERT, BELL, DELIVERY
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict

LONGEST_BLOCK = 2.0
"""Seconds that one command may wait at the server: well below redis-py's socket timeout (5 s)."""
MOST_LANES = 100
"""Lanes that one lease looks at: those that have waited longest."""
LONGEST_DELAY = timedelta(hours=49)
"""A Retry-After of a day that ends in quiet hours, and the hour of a change of the clocks."""
PATIENCE = timedelta(days=5)
"""Without a success for so long, a subscriber is disabled."""
UNREADABLE_PAUSE = 60.0
"""Seconds until a lane is looked at again, a key of which holds something else (`PROBE`)."""
IDLE_LOOK = 0.02
LONGEST_IDLE_LOOK = 0.25
"""Seconds until the next lease where lanes are due and none can be served."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How fast a lane may be served."""

    max_in_flight: int = 4
    """Deliveries that are being sent at once."""
    max_in_flight_unconfirmed: int = 1
    """The same before the lane's first success, and after a failure until the next success."""
    min_gap: timedelta = timedelta(0)
    """Between the starts of two deliveries; zero: none."""
    suspended_for: timedelta = timedelta(0)
    """How long the lane is not served at all: the rules do not have its subscriber."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is this worker's to send until its lease ends."""

    id: str
    alert_id: str
    subscriber: str
    attempt: int
    """Counts every attempt of the delivery, from 1."""
    step: int
    """Counts the attempts since its schedule began, from 1."""
    body: bytes
    token: str
    doubtful: bool
    """Whether its lane is: such deliveries get a share of a worker only."""
    forced: bool = False
    """Whether somebody asked for it to be sent now."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """An attempt that was made, and what becomes of its delivery."""

    leased: Leased
    attempt: Attempt
    verdict: Verdict
    exhausted: Event | None = None
    """What to tell, and whom, where the delivery has failed for good."""
    disabling: Event | None = None
    """The same where its subscriber is disabled."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a settlement."""

    counted: bool
    """Not where the lease ran out and another worker holds the delivery, or has ended it; but a
    success always counts."""
    lane: str
    """`opened` or `closed` where its circuit was, `disabled` where its subscriber was; else ""."""


class Lanes:
    """One stream's lanes. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store, keep: timedelta, patience: timedelta = PATIENCE) -> None:
        self._store = store
        self._keep = span_milliseconds(keep)
        self._patience = span_milliseconds(patience)
        self._in_vain = 0  # leases in a row that looked at lanes and brought nothing

    async def lease(
        self,
        limit: int,
        lease: timedelta,
        *,
        worker: str,
        at: datetime,
        limits_of: Callable[[str], LaneLimits],
        doubtful: int | None = None,
        alone: bool = False,
        max_delay: timedelta = LONGEST_DELAY,
        grace: timedelta = timedelta(0),
    ) -> tuple[list[Leased], float | None]:
        """Take up to `limit` deliveries that are due, at most `doubtful` of doubtful lanes; where
        they are to be `alone`, one for each lane that has nothing out.

        Each counts as an attempt begun at `at`. `limits_of` gives the limits of a subscriber's
        lane.
        Returns them, and in how many seconds to come again (0: at once; None: when the bell rings).
        What cannot be read is taken out of its lane, logged, and holds up nothing else; a lane
        that cannot be waits until it can. What is due later than in `max_delay` is due now: the
        server's clock was set back. What another worker held, and has not written down, is left to
        it for `grace` more.
        """
        store = self._store
        delay = span_milliseconds(max_delay)
        names, next_due = await store.run("lanes/due", [MOST_LANES, delay])
        if not names:
            self._in_vain = 0
            return [], None if next_due is None else next_due / 1000
        token = secrets.token_hex(8)
        most_doubtful = limit if doubtful is None else doubtful
        args: list[Argument] = [limit, most_doubtful, int(alone)]
        args += [span_milliseconds(lease), delay, round(max(0.0, grace.total_seconds()) * 1000)]
        args += [token, rfc3339(at), worker, self._keep, len(names)]
        for name in names:
            limits = limits_of(name.decode())
            args += [name, limits.max_in_flight, limits.max_in_flight_unconfirmed]
            args += [round(1000 * limits.min_gap.total_seconds())]
            args += [round(1000 * limits.suspended_for.total_seconds())]
        rows, foreign = await store.run("lanes/lease", args)
        for id_, subscriber, key in foreign:
            facts = {"subscriber_id": subscriber.decode(), "key": key.decode()}
            if id_:
                log.error("delivery.unreadable", delivery_id=id_.decode(), **facts)
            else:
                log.error("lane.unreadable", next_in=UNREADABLE_PAUSE, **facts)
        self._in_vain = 0 if rows else self._in_vain + 1
        again = min(IDLE_LOOK * max(0, self._in_vain - 1), LONGEST_IDLE_LOOK)
        return [_leased(row, token) for row in rows], again

    async def settle(self, settlements: Sequence[Settlement], *, at: str) -> list[Settled]:
        """Record attempts and what becomes of their deliveries, in one step; `at` is RFC 3339."""
        store = self._store
        args: list[Argument] = [at, self._keep, self._patience, len(settlements)]
        for one in settlements:
            args += _arguments(one, at)
        records = [store.key(ALERT, one.leased.alert_id) for one in settlements]
        records += [store.key(DELIVERY, one.leased.id) for one in settlements]
        rows = await store.run("lanes/settle", args, records)
        return [Settled(bool(counted), lane.decode()) for counted, lane in rows]

    async def wait(self, patience: float) -> None:
        """Until a commit of any process rings the bell, at most so many seconds.

        Returns after LONGEST_BLOCK in any case.
        """
        # Below a millisecond the server would take it as 0, which is for ever.
        seconds = max(0.001, min(patience, LONGEST_BLOCK))
        async with self._store.guarded():
            await self._store.redis.blpop([self._store.key(BELL)], timeout=seconds)

    async def enable(self, subscriber: str) -> bool:
        """Let a subscriber have deliveries, as if nothing had gone wrong; whether anything had."""
        return await self._switch(subscriber, "")

    async def disable(self, subscriber: str, reason: str, *, at: datetime) -> bool:
        """Send a subscriber nothing; what falls due fails and is kept. Whether that is new."""
        return await self._switch(subscriber, json.dumps({"reason": reason, "at": rfc3339(at)}))

    async def _switch(self, subscriber: str, why: str) -> bool:
        store = self._store
        return bool(await store.run("lanes/enable", [subscriber, why]))


def _leased(row: Sequence[Any], token: str) -> Leased:
    id_, alert_id, subscriber, attempt, base, body, doubtful, forced = row
    return Leased(
        id=id_.decode(),
        alert_id=alert_id.decode(),
        subscriber=subscriber.decode(),
        attempt=attempt,
        step=attempt - base,
        body=body,
        token=token,
        doubtful=bool(doubtful),
        forced=bool(forced),
    )


DELIVERED = "delivered"
_RECORDED = tuple(each.name for each in fields(Attempt) if each.name != "number")


def _arguments(one: Settlement, at: str) -> list[Argument]:
    leased = one.leased
    record = {name: getattr(one.attempt, name) for name in _RECORDED}
    verdict, delay, rest, note, disable = _verdict(one.verdict, one.attempt)
    flat: list[Argument] = [leased.id, leased.alert_id, leased.subscriber, leased.token]
    flat += [leased.attempt, json.dumps(record), one.attempt.duration_ms or 0, verdict]
    if verdict == DELIVERED:  # nearly all are, and each argument costs time
        return flat
    flat += [round(delay * 1000), round(rest * 1000), note, disable]
    return [*flat, *event_arguments(one.exhausted, at), *event_arguments(one.disabling, at)]


def _verdict(verdict: Verdict, attempt: Attempt) -> tuple[str, float, float, str, str]:
    """The script's verdict, delay and rest in seconds, note, and why to disable the subscriber."""
    match verdict:
        case Completed():
            return DELIVERED, 0, 0, "", ""
        case RetryLater(after, pause):
            return "retry", after.total_seconds(), pause.total_seconds(), attempt.error, ""
        case Exhausted(disable, refused):
            return "refused" if refused else "failed", 0, 0, attempt.error, disable
        case Postponed(after, reason):
            return "postponed", after.total_seconds(), 0, reason, ""
