"""Workers that end, killed or asked to: what they had in hand is delivered all the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from builders.alerts import an_alert, commit_alerts, eventually, lease
from builders.deliveries import ID, delivering, reached, show
from harness.receiver import Receiver, hang
from service.alerts.alert import delivery_id
from service.store.deliveries.deliveries import WORKER_ENDED
from service.store.outbox import Outbox


async def test_a_killed_workers_delivery_is_taken_up_by_another(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Its lease runs out, and the same id is sent again; the record tells of both."""
    await commit_alerts(redis, outbox, an_alert())
    lease_span, patience = timedelta(seconds=3), 2.9  # long enough to be killed before, at load too
    async with Receiver(hang()) as desk, Redis.from_url(redis_url) as other:
        async with delivering(
            outbox, desk.subscriber(), lease=lease_span, patience=patience, name="dead"
        ) as work:
            await eventually(lambda: bool(desk.requests))
            work.task.cancel()
        heir = Outbox(other, outbox.stream)
        async with delivering(heir, desk.subscriber(), name="heir"):
            (delivered,) = await reached(outbox, "delivered")
    assert desk.ids == [ID, ID]
    first, second = delivered.attempts
    assert (first.worker, first.error, first.status) == ("dead", WORKER_ENDED, None)
    assert (second.worker, second.status) == ("heir", 204)


async def test_a_delivery_that_ends_every_worker_is_not_sent_for_ever(
    redis: Redis, outbox: Outbox
) -> None:
    """When each attempt of the schedule was begun and none answered, it is failed unsent."""
    await commit_alerts(redis, outbox, an_alert())
    for _ in range(4):
        async with asyncio.timeout(5):
            while not await lease(
                outbox, 1, timedelta(milliseconds=1), worker="dead", at=datetime.now(UTC)
            ):
                await asyncio.sleep(0)
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        (failed,) = await reached(outbox, "failed")
    assert [one.error for one in failed.attempts][:4] == [WORKER_ENDED] * 4
    assert failed.attempts[4].error.startswith("not sent: every attempt was used")
    assert desk.requests == []


async def test_a_stopping_worker_finishes_what_is_in_flight(redis: Redis, outbox: Outbox) -> None:
    """It takes nothing new, and what was begun is recorded before it ends."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver(hang()) as desk, delivering(outbox, desk.subscriber()) as work:
        await eventually(lambda: bool(desk.requests))
        work.stop.set()
        await commit_alerts(redis, outbox, an_alert("a2"))
        desk.closing.set()
    assert (await show(outbox)).state == "delivered"
    assert (await show(outbox, delivery_id(an_alert("a2").id, "desk"))).attempts == ()


async def test_an_idle_worker_stops_at_once(outbox: Outbox) -> None:
    """Waiting for work does not hold up the end."""
    async with asyncio.timeout(1.5):
        async with delivering(outbox) as work:
            await asyncio.sleep(0)
            work.stop.set()
