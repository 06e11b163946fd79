"""Records what came of attempts: those that end while one record is written go into the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime

import structlog
from redis.exceptions import DataError, RedisError

from service.alerts.alert import rfc3339
from service.delivery.worker.outage import FIRST_PAUSE, LONGEST_PAUSE, Outage
from service.errors import StoreError
from service.store.lanes.lanes import Lanes, Settled, Settlement

MOST = 100
"""Attempts in one record, so that it never holds up the server for long."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Record:
    """A settlement, and whoever waits for what comes of it."""

    settlement: Settlement
    done: asyncio.Future[Settled | Exception]
    alone: bool = False
    """Whether it goes into no record with others: they could not be written together."""
    refusals: int = 0
    due: float = 0.0
    """When it is tried again, by the event loop's clock."""

    def end(self, found: Settled | Exception) -> None:
        """Tell whoever still waits."""
        if not self.done.done():
            self.done.set_result(found)


class Recorder:
    """Settles deliveries; while Redis is away it tries again: what was sent is not sent twice.

    A task of its own writes as long as anything waits, so that no delivery's end depends on
    another's.
    """

    def __init__(self, lanes: Lanes, outage: Outage, now: Callable[[], datetime]) -> None:
        self._lanes = lanes
        self._outage = outage
        self._now = now
        self._waiting: deque[_Record] = deque()
        self._aside: list[_Record] = []
        """What Redis refuses by itself; it is tried again, while nothing else waits for it."""
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._writing: asyncio.Task[None] | None = None
        self._behind = False

    @property
    def behind(self) -> bool:
        """Whether Redis went away, and what waits has not been written since."""
        return self._behind

    async def record(self, settlement: Settlement, stop: asyncio.Event) -> Settled | None:
        """Settle one delivery; None when it could not be, or Redis stayed away until `stop`."""
        one = _Record(settlement, asyncio.get_running_loop().create_future())
        self._add([one])
        if self._writing is None:
            # In a context of its own: what it logs is about more than this delivery.
            self._writing = asyncio.create_task(self._write_all(stop), context=Context())
        found = await one.done
        if isinstance(found, Settled):
            return found
        if _is_outage(found) or isinstance(found, StoreError):
            log.error("delivery.unrecorded", error=str(found))
        else:
            log.error("delivery.record_failed", exc_info=found)
        return None

    async def drained(self) -> None:
        """Until nothing waits to be written but what Redis, asked once more, refuses by itself."""
        self._try_again(everything=True)
        await self._idle.wait()

    def _add(self, records: Iterable[_Record]) -> None:
        self._waiting.extend(records)
        if self._waiting:
            self._idle.clear()
            self._arrived.set()

    def _try_again(self, *, everything: bool) -> None:
        """What was put aside waits again when it is due; what nobody waits for is let go."""
        now = asyncio.get_running_loop().time()
        aside = [one for one in self._aside if not one.done.done()]
        self._aside = [one for one in aside if not everything and one.due > now]
        self._add(one for one in aside if everything or one.due <= now)

    async def _write_all(self, stop: asyncio.Event) -> None:
        batch: list[_Record] = []
        try:
            while True:
                self._try_again(everything=stop.is_set())
                self._arrived.clear()
                batch = self._next()
                if batch:
                    await self._write(batch, stop)
                    continue
                self._behind = False
                self._idle.set()
                if not self._aside:
                    return
                first = min(one.due for one in self._aside)
                await _first(first - asyncio.get_running_loop().time(), stop, self._arrived)
        finally:
            self._writing = None
            self._behind = False
            self._idle.set()
            left = [*batch, *self._waiting, *self._aside]
            self._waiting.clear()
            self._aside = []
            for one in left:
                one.end(StoreError("the process ended before"))

    def _next(self) -> list[_Record]:
        """What is written next, together or alone; in the order in which it came."""
        batch: list[_Record] = []
        while self._waiting and len(batch) < MOST:
            if self._waiting[0].alone and batch:
                break
            batch.append(self._waiting.popleft())
            if batch[0].alone:
                break
        return batch

    async def _write(self, batch: list[_Record], stop: asyncio.Event) -> None:
        settlements = [one.settlement for one in batch]
        try:
            found = await self._lanes.settle(settlements, at=rfc3339(self._now()))
        except Exception as error:  # noqa: BLE001  whatever it is, the others are not to wait for ever
            await self._not_written(batch, error, stop)
        else:
            for one, settled in zip(batch, found, strict=True):
                one.end(settled)

    async def _not_written(
        self, batch: list[_Record], error: Exception, stop: asyncio.Event
    ) -> None:
        if _is_outage(error):
            pause = self._outage.failed(error)
            self._behind = True
            if stop.is_set():
                for one in batch:
                    one.end(error)
                return
            self._waiting.extendleft(one for one in reversed(batch) if not one.done.done())
            await _first(pause, stop)
        elif len(batch) > 1:  # one may spoil all
            for one in batch:
                one.alone = True
            self._waiting.extendleft(reversed(batch))
        elif isinstance(error, StoreError) and not stop.is_set():
            self._put_aside(batch[0], error)
        else:
            batch[0].end(error)

    def _put_aside(self, one: _Record, error: StoreError) -> None:
        leased = one.settlement.leased
        if not one.refusals:
            log.error(
                "delivery.record_refused",
                delivery_id=leased.id,
                alert_id=leased.alert_id,
                subscriber_id=leased.subscriber,
                error=str(error),
            )
        one.alone = True
        one.refusals += 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(one.refusals, 10))
        one.due = asyncio.get_running_loop().time() + pause
        self._aside.append(one)


def _is_outage(error: Exception) -> bool:
    """Whether Redis failed, and not what it was to write."""
    return isinstance(error, RedisError | OSError) and not isinstance(error, DataError)


async def _first(seconds: float, *events: asyncio.Event) -> None:
    """Until one of the events is set, at most so many seconds."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
