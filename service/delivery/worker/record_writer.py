"""Writes settlements to Redis; while Redis is away it retries, so that nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from datetime import datetime

import structlog

from service.concurrency.waits import Retries, any_set_within
from service.delivery.worker.record_queue import Record, RecordQueue
from service.delivery.worker.redis_outage import (
    OUTAGE_ERRORS,
    RETRY_PAUSES,
    RedisOutage,
    is_outage,
)
from service.errors import StoreError
from service.store.lanes.lanes import Lanes
from service.store.lanes.settlement import Settled, Settlement

log = structlog.get_logger(__name__)


class RecordWriter:
    """Settles the deliveries of one outbox, many at a time.

    A task of its own writes as long as anything waits, so that no delivery's end depends on
    another's. When `stop` is set, what Redis does not take at once is given up.
    """

    def __init__(
        self,
        lanes: Lanes,
        outage: RedisOutage,
        now: Callable[[], datetime],
        stop: asyncio.Event,
    ) -> None:
        self._lanes = lanes
        self._now = now
        self._stop = stop
        self._queue = RecordQueue()
        self._task: asyncio.Task[None] | None = None
        self._retries = Retries(
            stop,
            OUTAGE_ERRORS,
            failed=outage.begin,
            recovered=lambda: None,  # the outage ends when deliveries are leased, too
            backoff=RETRY_PAUSES,
        )

    @property
    def behind(self) -> bool:
        """Whether Redis went away, and what waits has not been written since."""
        return self._task is not None and self._retries.failing

    async def record(self, settlement: Settlement) -> Settled | None:
        """Settle one delivery; None where Redis refuses it, or stays away until the stop."""
        record = self._queue.add(settlement)
        if self._task is None:
            # In a context of its own: what it logs is about more than this delivery.
            self._task = asyncio.create_task(self._write_all(), context=Context())
        found = await record.done
        if isinstance(found, Settled):
            return found
        if is_outage(found) or isinstance(found, StoreError):
            log.error("delivery.unrecorded", error=str(found))
        else:
            log.error("delivery.record_failed", exc_info=found)
        return None

    async def written(self) -> None:
        """Wait until all is written, but for what Redis, asked once more, refuses by itself."""
        self._queue.return_all()
        await self._queue.emptied()

    async def _write_all(self) -> None:
        given_up: Exception = StoreError("the process ended before")
        try:
            while True:
                if self._stop.is_set():
                    self._queue.return_all()
                else:
                    self._queue.return_due()
                if await self._retries.until_done(self._write_batch):
                    continue
                pause = self._queue.time_to_return()
                if pause is None:
                    return
                await any_set_within(pause, self._stop, self._queue.arrived)
        except OUTAGE_ERRORS as error:  # Redis stayed away until the stop
            given_up = error
        finally:
            self._task = None
            self._queue.end_all(given_up)

    async def _write_batch(self) -> bool:
        """Write what is next; whether there was anything. Raises an OSError or RedisError."""
        batch = self._queue.next_batch()
        if not batch:
            return False
        try:
            settlements = [one.settlement for one in batch]
            found = await self._lanes.settle(settlements, at=self._now())
        except asyncio.CancelledError:
            self._queue.put_back(batch)
            raise
        except Exception as error:
            if is_outage(error):
                self._queue.put_back(batch)
                raise
            self._sort_out(batch, error)
        else:
            for record, settled in zip(batch, found, strict=True):
                record.end(settled)
        return True

    def _sort_out(self, batch: Sequence[Record], error: Exception) -> None:
        """Redis, or a script, does not take this batch."""
        first = batch[0]
        if len(batch) > 1:  # one record may be the cause
            for record in batch:
                record.alone = True
            self._queue.put_back(batch)
        elif isinstance(error, StoreError) and not self._stop.is_set():
            if not first.refusals:
                _log_refusal(first, error)
            first.alone = True
            first.refusals += 1
            self._queue.set_aside(first, RETRY_PAUSES.pause(first.refusals))
        else:
            first.end(error)


def _log_refusal(record: Record, error: StoreError) -> None:
    leased = record.settlement.leased
    log.error(
        "delivery.record_refused",
        delivery_id=leased.id,
        alert_id=leased.alert_id,
        subscriber_id=leased.subscriber,
        error=str(error),
        trace_id=leased.context.trace_id,
    )
