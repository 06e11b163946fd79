"""A worker that delivers, and deliveries as the outbox keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, eventually, lease, settle
from builders.leases import MINUTE
from builders.senders import webhook_sender
from service.alerts.alert import delivery_id, rfc3339
from service.delivery.senders import Claims, Sender
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.rules.subscribers.subscriber import Subscriber
from service.store.deliveries.delivery import Attempt, Delivery
from service.store.lanes.verdict import Verdict
from service.store.outbox import Outbox

ID = delivery_id(an_alert().id, "desk")
SOON = (timedelta(seconds=0.02),) * 3
"""A schedule that a test can wait for; a tenth of the shortest real delay is too long."""
BRIEF = timedelta(seconds=0.5)
"""A lease that a test can wait for."""
HOSTILE = "no\x1b[31m way\x9b2J\r\n" + "x" * 2000
"""An answer that is meant for whoever reads it on a terminal."""
REFUSED = Attempt(rfc3339(NOON), "w", 500, 12, "answered 500", HOSTILE)


@dataclass(frozen=True)
class Work:
    """A worker at work: `stop` asks it to end, to cancel its task is to kill it."""

    stop: asyncio.Event
    task: asyncio.Task[None]


@asynccontextmanager
async def delivering(
    outboxes: Outbox | Sequence[Outbox],
    *subscribers: Subscriber,
    schedule: Sequence[timedelta] = SOON,
    lease: timedelta = timedelta(seconds=30),
    patience: float = 5.0,
    concurrency: int = 8,
    name: str = "w",
    grace: timedelta = timedelta(0),
    sender: Sender | None = None,
    claims: Claims | None = None,
) -> AsyncIterator[Work]:
    """Run a worker for these subscribers; it is stopped, and has finished, at the end.

    It sends webhooks, unless it is given another sender.
    """
    known = {subscriber.id: subscriber for subscriber in subscribers}
    sender = sender or webhook_sender(timeout=patience)
    worker = DeliveryWorker(
        [outboxes] if isinstance(outboxes, Outbox) else outboxes,
        lambda: known,
        sender,
        WorkerSettings(
            name=name,
            retry_delays=tuple(schedule),
            lease=lease,
            slots=concurrency,
            takeover_grace=grace,
        ),
        draw=lambda: 0.5,
        claims=claims,
    )
    stop = asyncio.Event()
    work = Work(stop, asyncio.create_task(worker.run(stop)))
    try:
        yield work
        stop.set()
        await asyncio.wait([work.task])
        if not work.task.cancelled():
            work.task.result()
    finally:
        work.task.cancel()
        await asyncio.gather(work.task, return_exceptions=True)
        await sender.aclose()


async def reached(outbox: Outbox, state: str, count: int = 1) -> Sequence[Delivery]:
    """Wait until so many deliveries are in this state: they are."""
    found: list[Delivery] = []

    async def holds() -> bool:
        found[:] = [one for one in await outbox.deliveries.newest(limit=1000) if one.state == state]
        return len(found) == count

    await eventually(holds)
    return found


async def show(outbox: Outbox, id_: str = ID) -> Delivery:
    """The delivery as it is kept."""
    delivery = await outbox.deliveries.get(id_)
    assert delivery is not None
    return delivery


async def made(redis: Redis, outbox: Outbox, *articles: str, **options: Any) -> None:
    """Have an alert of each of these articles made."""
    await commit_alerts(redis, outbox, *(an_alert(each, **options) for each in articles))


async def ended(outbox: Outbox, verdict: Verdict, limit: int = 100) -> list[str]:
    """Lease what is due and settle it all alike; the ids."""
    leased = await lease(outbox, limit, MINUTE, worker="w", at=NOON)
    for one in leased:
        await settle(outbox, one, REFUSED, verdict)
    return [one.id for one in leased]
