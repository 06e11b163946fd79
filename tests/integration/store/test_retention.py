"""How long alerts and deliveries are kept: until the last of them has ended, and an hour more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, eventually, lease, settle
from builders.leases import ANSWERED, BRIEF, MINUTE, REFUSED, lease_one
from service.store.client import Store
from service.store.keys import ALERT, DELIVERIES, DELIVERY
from service.store.lanes.verdict import Completed, Exhausted
from service.store.outbox import Outbox


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox whose retention is an hour."""
    return Outbox(redis, stream_name, keep_alerts=timedelta(hours=1))


async def test_what_has_ended_expires_and_what_has_not_does_not(
    redis: Redis, outbox: Outbox
) -> None:
    """An alert stays as long as one of its deliveries is pending; then both have their time."""
    await commit_alerts(redis, outbox, an_alert(subscribers=("desk", "energy")))
    store = Store(redis, outbox.stream)
    alert = store.key(ALERT, an_alert().id)
    first, second = await lease(outbox, 2, MINUTE, worker="w", at=NOON)
    assert await settle(outbox, first, ANSWERED, Completed())
    assert await redis.ttl(store.key(DELIVERY, first.id)) == pytest.approx(3600, abs=10)
    assert await redis.ttl(store.key(DELIVERY, second.id)) == -1
    assert await redis.ttl(alert) == -1
    assert await settle(outbox, second, REFUSED, Exhausted())
    assert await redis.ttl(store.key(DELIVERY, second.id)) == pytest.approx(3600, abs=10)
    assert await redis.ttl(alert) == pytest.approx(3600, abs=10)


async def test_an_update_keeps_the_alert_it_updates(redis: Redis, outbox: Outbox) -> None:
    """Whoever remembers that an article alerted remembers it from its latest revision on."""
    await commit_alerts(redis, outbox, an_alert(subscribers=()))
    alert = Store(redis, outbox.stream).key(ALERT, an_alert().id)
    await redis.expire(alert, 5)
    await commit_alerts(redis, outbox, an_alert(subscribers=(), revision="r2"))
    assert await redis.ttl(alert) == pytest.approx(3600, abs=10)


async def test_the_ended_leave_the_lists_when_they_expire(redis: Redis, stream_name: str) -> None:
    """After its retention nothing of a delivery is left, and what is pending is untouched."""
    outbox = Outbox(redis, stream_name, keep_alerts=BRIEF)
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Completed())
    store = Store(redis, stream_name)

    async def gone() -> bool:
        await outbox.input_stream.trim()
        return not await redis.zcard(store.key(DELIVERIES, "delivered"))

    await eventually(gone)
    (left,) = await outbox.deliveries.newest()
    assert left.state == "pending"
    kept = [key async for key in redis.scan_iter(f"{store.prefix}*:dlv_*")]
    assert kept == [store.key(DELIVERY, left.id).encode()]
