"""The worker of a process: it delivers what the outboxes of all streams hold.

Any number of workers in any number of processes may run. A lease makes a delivery one worker's;
when that worker dies, the lease ends, and another worker takes the delivery over.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.delivery.schedule import JITTER, RETRY_DELAYS, max_delay
from service.delivery.senders import Claims, Sender
from service.delivery.worker.attempt import AttemptMaker
from service.delivery.worker.outbox_worker import RECORDING_GRACE, LeaseTerms, OutboxWorker
from service.delivery.worker.slots import MAX_IN_FLIGHT, SlotPool
from service.rules.subscribers.subscriber import Subscriber
from service.store.outbox import Outbox

LEASE = timedelta(seconds=60)
"""Longer than any attempt takes. When a worker dies, its deliveries are due again after it."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of one worker."""

    name: str
    """In the record of each attempt."""
    retry_delays: tuple[timedelta, ...] = RETRY_DELAYS
    jitter: float = JITTER
    """By what share a retry delay may be shorter or longer."""
    slots: int = MAX_IN_FLIGHT
    """Deliveries that are in flight at once."""
    lease: timedelta = LEASE
    takeover_grace: timedelta = RECORDING_GRACE
    """For how long after its start the worker takes over no other worker's deliveries: it does not
    know whether these could be recorded."""


class DeliveryWorker:
    """Delivers what the outboxes hold until it is stopped; when Redis is away it pauses.

    `subscribers` gives those of the rules in force; `draw` gives a random number in [0, 1) for the
    jitter; `claims` says which of several streams sends what more than one has. Raises ValueError
    for a lease that an attempt could outlast.
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
        claims: Claims | None = None,
    ) -> None:
        lease, timeout = settings.lease, sender.timeout
        if lease <= timeout:
            raise ValueError(f"a lease of {lease} ends before an attempt ({timeout})")
        self._outboxes = tuple(outboxes)
        self._now = now
        self._slots = SlotPool(settings.slots)
        self._attempts = AttemptMaker(
            subscribers,
            sender,
            worker=settings.name,
            delays=settings.retry_delays,
            jitter=settings.jitter,
            now=now,
            draw=draw,
            claims=claims,
        )
        self._terms = LeaseTerms(
            worker=settings.name,
            lease=lease,
            max_delay=max_delay(settings.retry_delays, settings.jitter),
            max_harmless_outage=lease - timeout,
            takeover_grace=settings.takeover_grace,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is in flight then is finished and recorded."""
        async with asyncio.TaskGroup() as tasks:
            for outbox in self._outboxes:
                worker = OutboxWorker(
                    outbox, self._terms, self._slots, self._attempts, now=self._now, stop=stop
                )
                tasks.create_task(worker.run())
