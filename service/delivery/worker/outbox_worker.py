"""Takes the deliveries of one stream's outbox that are due, has them sent, and records them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog.contextvars

from service.concurrency.waits import Retries, finished_before, stopped_within
from service.delivery.worker.attempt import AttemptMaker
from service.delivery.worker.record_writer import RecordWriter
from service.delivery.worker.redis_outage import RETRY_PAUSES, RedisOutage
from service.delivery.worker.settlement_log import log_settlement
from service.delivery.worker.slots import SlotPool
from service.store.client import STORE_ERRORS
from service.store.lanes.allotment import Slots
from service.store.lanes.leases import Leased, LeaseRequest, LeaseResult
from service.store.lanes.verdict import Completed, Postponed, Verdict
from service.store.outbox import Outbox
from service.telemetry.spans import AttemptFacts
from service.telemetry.trace_context import OUTGOING

RECORDING_GRACE = RETRY_PAUSES.longest + timedelta(seconds=5)
"""After an outage, every worker has recorded its attempts within this time.

A try that hangs is given up after redis-py's 5 s.
"""
MAX_IDLE = timedelta(seconds=30)
"""Until a worker without work looks for some; the bell wakes it earlier."""


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How a worker leases deliveries."""

    worker: str
    """Its name in the record of each attempt."""
    lease: timedelta
    max_delay: timedelta
    """No delivery is due later than after this."""
    max_harmless_outage: timedelta
    """In a shorter outage, no lease can end of a delivery that was sent and is not recorded."""
    takeover_grace: timedelta
    """For how long after its start the worker takes over no other worker's deliveries."""


class OutboxWorker:
    """The worker of one outbox. It shares its slots and the making of attempts with others."""

    def __init__(
        self,
        outbox: Outbox,
        terms: LeaseTerms,
        slots: SlotPool,
        attempts: AttemptMaker,
        *,
        now: Callable[[], datetime],
        stop: asyncio.Event,
    ) -> None:
        self._outbox = outbox
        self._terms = terms
        self._slots = slots
        self._attempts = attempts
        self._now = now
        self._stop = stop
        self._outage = RedisOutage(outbox.stream)
        self._writer = RecordWriter(outbox.lanes, self._outage, now, stop)
        self._retries = Retries(
            stop,
            STORE_ERRORS,
            failed=self._outage.begin,
            recovered=lambda: None,  # the outage ends when the records are written, too
            backoff=RETRY_PAUSES,
        )
        self._started_at = 0.0
        self._next_look: timedelta | None = timedelta(0)

    async def run(self) -> None:
        """Deliver until the stop; what is in flight then is finished and recorded."""
        self._started_at = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            while not self._stop.is_set():
                try:
                    await self._retries.until_done(lambda: self._take(tasks))
                except STORE_ERRORS:  # Redis stayed away until the stop
                    return

    async def _take(self, tasks: asyncio.TaskGroup) -> None:
        """Wait for work, lease some and begin with it."""
        wait, self._next_look = self._next_look, timedelta(0)
        if wait != timedelta(0):
            longest = MAX_IDLE if wait is None else min(wait, MAX_IDLE)
            await finished_before(self._stop, self._outbox.lanes.wait(longest))
        await self._wait_for_records()
        slots = await self._slots.reserve(self._stop)
        if slots is None or self._stop.is_set():
            return
        lease_ends = asyncio.get_running_loop().time() + self._terms.lease.total_seconds()
        result = LeaseResult((), None)
        try:
            request = self._request(slots)
            result = await self._outbox.lanes.lease(request, self._attempts.limits_of)
        finally:
            self._slots.fill(slots, result.leased)
        self._next_look = result.next_look
        for leased in result.leased:
            tasks.create_task(self._deliver(leased, lease_ends))
        if not self._writer.behind:
            self._outage.end()

    async def _wait_for_records(self) -> None:
        """After an outage leases may have ended: what was sent is recorded before it is due again.

        Else it would be sent twice.
        """
        if self._outage.lasts or self._writer.behind:
            await finished_before(self._stop, self._writer.written())
        if self._outage.duration > self._terms.max_harmless_outage:
            # Other workers need the same time.
            await self._outbox.lanes.wait(timedelta(0))  # raises while Redis is away
            await stopped_within(self._stop, RECORDING_GRACE)
            self._outage.end()

    def _request(self, slots: Slots) -> LeaseRequest:
        running = timedelta(seconds=asyncio.get_running_loop().time() - self._started_at)
        return LeaseRequest(
            slots=slots,
            lease=self._terms.lease,
            worker=self._terms.worker,
            at=self._now(),
            max_delay=self._terms.max_delay,
            takeover_grace=self._terms.takeover_grace - running,
        )

    async def _deliver(self, leased: Leased, lease_ends: float) -> None:
        try:
            span = self._outbox.spans.attempt(_facts(leased))
            OUTGOING.set(span.context.traceparent)
            structlog.contextvars.bind_contextvars(  # of this task, so until its end
                delivery_id=leased.id,
                alert_id=leased.alert_id,
                subscriber_id=leased.subscriber,
                attempt=leased.attempt,
                trace_id=span.context.trace_id,
            )
            settlement = await self._attempts.attempt(leased, lease_ends, self._outbox.stream)
            if _is_sent(settlement.verdict):
                span.end(settlement.attempt.status, settlement.attempt.error)
            settled = await self._writer.record(settlement)
            if settled is not None:
                log_settlement(settlement, settled)
        finally:
            self._slots.release(leased)


def _facts(leased: Leased) -> AttemptFacts:
    return AttemptFacts(
        leased.context,
        bool(leased.trace),
        leased.subscriber,
        leased.id,
        leased.alert_id,
        leased.attempt,
    )


def _is_sent(verdict: Verdict) -> bool:
    """Whether anything was sent, or tried to be."""
    elsewhere = isinstance(verdict, Completed) and verdict.elsewhere
    return not (elsewhere or isinstance(verdict, Postponed))
