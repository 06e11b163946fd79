"""Takes deliveries that are due, has them sent, and records what came of it.

Any number of workers in any number of processes may run: a lease makes a delivery one worker's,
and when that worker dies, its lease ends and another takes the delivery up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from redis.exceptions import RedisError

from service.delivery.schedule import JITTER, RETRY_DELAYS, max_delay
from service.delivery.senders import Sender
from service.delivery.worker.attempt import AttemptMaker
from service.delivery.worker.outage import LONGEST_PAUSE, Outage
from service.delivery.worker.recorder import Recorder
from service.delivery.worker.slots import SLOTS, portion
from service.errors import StoreError
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.lanes import Leased, Settled, Settlement
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater
from service.store.outbox import Outbox

LEASE = timedelta(seconds=60)
"""Longer than any attempt takes. When a worker dies, its deliveries are due again after it."""
RECORDING_GRACE = timedelta(seconds=LONGEST_PAUSE + 1)
"""After an outage, every worker has recorded its attempts within this time. A worker that has just
started does not know of outages, and takes over no other worker's deliveries for so long."""
MAX_IDLE = 30.0
"""Seconds until a worker without work looks for some; the bell wakes it earlier."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of one worker."""

    name: str
    """In the record of each attempt."""
    retry_delays: tuple[timedelta, ...] = RETRY_DELAYS
    jitter: float = JITTER
    """By what share a retry delay may be shorter or longer."""
    slots: int = SLOTS
    """Deliveries that are in flight at once."""
    lease: timedelta = LEASE
    takeover_grace: timedelta = RECORDING_GRACE
    """For how long after its start the worker takes over no other worker's deliveries."""


class DeliveryWorker:
    """Delivers what the outboxes hold until it is stopped; Redis going away only pauses it.

    `subscribers` gives those of the rules in force; `draw` gives a random number in [0, 1) for the
    jitter. Raises ValueError for a lease that an attempt could outlast.
    """

    def __init__(
        self,
        outboxes: Sequence[Outbox],
        subscribers: Callable[[], Mapping[str, Subscriber]],
        sender: Sender,
        settings: WorkerSettings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], float] = random.random,
    ) -> None:
        lease = settings.lease
        if lease.total_seconds() <= sender.timeout:
            raise ValueError(f"a lease of {lease} ends before an attempt ({sender.timeout:g} s)")
        self._outages = {outbox: Outage(outbox.stream) for outbox in outboxes}
        self._recorders = {
            outbox: Recorder(outbox.lanes, outage, now) for outbox, outage in self._outages.items()
        }
        self._attempts = AttemptMaker(
            subscribers,
            sender,
            worker=settings.name,
            delays=settings.retry_delays,
            jitter=settings.jitter,
            now=now,
            draw=draw,
        )
        self._settings = settings
        self._begun = 0.0
        self._harmless = lease.total_seconds() - sender.timeout
        """Seconds of an outage in which no lease of something sent and unwritten can end."""
        self._max_delay = max_delay(settings.retry_delays, settings.jitter)
        self._now = now
        self._slots = self._free = settings.slots
        self._doubtful = 0
        self._freed = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is in flight then is finished and recorded."""
        self._begun = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            for outbox in self._outages:
                tasks.create_task(self._serve(outbox, stop, tasks))

    async def _serve(self, outbox: Outbox, stop: asyncio.Event, tasks: asyncio.TaskGroup) -> None:
        outage, recorder = self._outages[outbox], self._recorders[outbox]
        while not stop.is_set():
            try:
                if outage.lasts or recorder.behind:
                    # Leases may have run out meanwhile: what was sent must be written down before
                    # it is due again, or it is sent twice.
                    await _unless(stop, recorder.drained())
                    if stop.is_set():
                        return
                if outage.seconds > self._harmless:
                    # Nor may other workers' be due again before they have written it down.
                    await outbox.lanes.wait(0.0)  # raises while Redis is away
                    await _unless(stop, asyncio.sleep(RECORDING_GRACE.total_seconds()))
                    outage.over()
                leased, again, until = await self._lease_free(outbox, stop)
                for one in leased:
                    tasks.create_task(self._deliver(outbox, one, until, stop))
                if again != 0.0:
                    pause = MAX_IDLE if again is None else min(again, MAX_IDLE)
                    await _unless(stop, outbox.lanes.wait(pause))
            except (RedisError, StoreError, OSError) as error:
                await _unless(stop, asyncio.sleep(outage.failed(error)))
            else:
                if not recorder.behind:
                    outage.over()

    async def _lease_free(
        self, outbox: Outbox, stop: asyncio.Event
    ) -> tuple[Sequence[Leased], float | None, float]:
        """As many deliveries as can start at once, in how many seconds to come again, and when
        their lease ends, by the event loop's clock.
        """
        while not self._free:
            self._freed.clear()
            await _unless(stop, self._freed.wait())
            if stop.is_set():
                return (), 0.0, 0.0
        now = portion(self._slots, self._free, self._doubtful)
        self._free -= now.slots
        leased: Sequence[Leased] = ()
        at = asyncio.get_running_loop().time()
        until = at + self._settings.lease.total_seconds()
        try:
            leased, again = await outbox.lanes.lease(
                now.slots,
                self._settings.lease,
                worker=self._settings.name,
                at=self._now(),
                limits_of=self._attempts.limits_of,
                doubtful=now.doubtful,
                alone=now.alone,
                max_delay=self._max_delay,
                grace=timedelta(seconds=self._begun - at) + self._settings.takeover_grace,
            )
        finally:
            self._doubtful += sum(one.doubtful for one in leased)
            self._release(now.slots - len(leased))
        return leased, again, until

    def _release(self, slots: int) -> None:
        self._free += slots
        if self._free:
            self._freed.set()

    async def _deliver(
        self, outbox: Outbox, leased: Leased, until: float, stop: asyncio.Event
    ) -> None:
        try:
            structlog.contextvars.bind_contextvars(  # of this task, and so till its end
                delivery_id=leased.id,
                alert_id=leased.alert_id,
                subscriber_id=leased.subscriber,
                attempt=leased.attempt,
            )
            settlement = await self._attempts.attempt(leased, until)
            settled = await self._recorders[outbox].record(settlement, stop)
            if settled is not None:
                _tell(settlement, settled)
        finally:
            self._doubtful -= leased.doubtful
            self._release(1)


def _tell(settlement: Settlement, settled: Settled) -> None:
    attempt = settlement.attempt
    facts = {"status": attempt.status, "duration_ms": attempt.duration_ms}
    match settlement.verdict:
        case _ if not settled.counted:
            log.warning("delivery.superseded", **facts)
        case Completed():
            log.info("delivery.delivered", **facts)
        case RetryLater(after):
            log.warning(
                "delivery.failed",
                reason=attempt.error,
                next_in=_tenths(after),
                **facts,
            )
        case Exhausted():
            log.error("delivery.exhausted", reason=attempt.error, **facts)
        case Postponed(after, reason):
            log.debug("delivery.postponed", reason=reason, next_in=_tenths(after))
    match settled.lane:
        case "opened":
            log.warning("lane.opened", reason=attempt.error)
        case "closed":
            log.info("lane.closed")
        case "disabled":
            log.error("subscriber.disabled", reason=attempt.error)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> None:
    """Do the work, but leave it as soon as `stop` is set."""
    doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        doing.cancel()
        await asyncio.wait((doing, stopping))
    if not doing.cancelled():
        doing.result()


def _tenths(span: timedelta) -> float:
    """Seconds, for the log."""
    return round(span.total_seconds(), 1)
