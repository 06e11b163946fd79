"""Leases beside keys that are not ours, events that are gone, and a full memory."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError
from structlog.testing import capture_logs

from builders.alerts import NOON, an_alert, commit_alerts, lease, settle
from builders.deliveries import ID, show
from builders.leases import ANSWERED, MINUTE, lease_one
from service.alerts.alert import delivery_id
from service.errors import StoreError
from service.store.client import Store
from service.store.keys import (
    ALERT,
    BELL,
    DEAD_LETTERS,
    DELIVERIES,
    DELIVERY,
    DISABLED,
    LANE,
    LANES,
)
from service.store.keys.pattern import KeyPattern
from service.store.lanes.verdict import Completed
from service.store.outbox import Outbox


async def test_a_delivery_without_its_event_is_failed_with_the_reason(
    redis: Redis, outbox: Outbox
) -> None:
    """When somebody deleted the text there is nothing to send, and it does not come up forever."""
    await commit_alerts(redis, outbox, an_alert())
    await redis.delete(Store(redis, outbox.stream).key(ALERT, an_alert().id))
    assert await lease(outbox, 1, MINUTE, worker="w", at=NOON) == []
    kept = await show(outbox)
    assert kept.state == "failed"
    assert "gone from Redis" in kept.note


@pytest.mark.parametrize("pattern", [LANES, DISABLED, BELL], ids=lambda each: each.text)
async def test_a_foreign_key_stops_the_lease(
    redis: Redis, outbox: Outbox, pattern: KeyPattern
) -> None:
    """The error names the key, nothing is leased, and the key stays as it was."""
    await commit_alerts(redis, outbox, an_alert())
    key = Store(redis, outbox.stream).key(pattern)
    await redis.delete(key)
    await redis.set(key, "foreign")
    with pytest.raises(StoreError, match=f"'{key}' holds a string".replace("{", r"\{")):
        await lease(outbox, 1, MINUTE, worker="w", at=NOON)
    assert await redis.get(key) == b"foreign"
    await redis.delete(key)
    assert (await show(outbox)).attempts == ()


@pytest.mark.parametrize("pattern", [LANES, DISABLED, BELL], ids=lambda each: each.text)
async def test_a_foreign_key_stops_the_verdict(
    redis: Redis, outbox: Outbox, pattern: KeyPattern
) -> None:
    """Nothing is written of a verdict that cannot be written whole."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    key = Store(redis, outbox.stream).key(pattern)
    await redis.delete(key)
    await redis.set(key, "foreign")
    with pytest.raises(StoreError):
        await settle(outbox, leased, ANSWERED, Completed())
    await redis.delete(key)
    assert await settle(outbox, leased, ANSWERED, Completed()) is True


async def test_a_foreign_delivery_holds_up_no_other(redis: Redis, outbox: Outbox) -> None:
    """It leaves its lane, the log names the key, the key stays as it was, the others are sent."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(3)))
    bad = delivery_id(an_alert("a1").id, "desk")
    store = Store(redis, outbox.stream)
    await redis.set(store.key(DELIVERY, bad), "foreign")
    with capture_logs() as logs:
        leased = await lease(outbox, 10, MINUTE, worker="w", at=NOON)
    assert {one.id for one in leased} == {delivery_id(an_alert(f"a{n}").id, "desk") for n in (0, 2)}
    assert await redis.get(store.key(DELIVERY, bad)) == b"foreign"
    assert [(one["event"], one["delivery_id"], one["key"]) for one in logs] == [
        ("delivery.unreadable", bad, store.key(DELIVERY, bad))
    ]
    for index in (store.key(LANE, "desk"), store.key(DELIVERIES, "pending")):
        assert await redis.zscore(index, bad) is None


async def test_a_foreign_event_fails_its_delivery_only(redis: Redis, outbox: Outbox) -> None:
    """There is nothing to send; the delivery says which key it was."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    key = Store(redis, outbox.stream).key(ALERT, an_alert().id)
    await redis.set(key, "foreign")
    with capture_logs() as logs:
        leased = await lease(outbox, 10, MINUTE, worker="w", at=NOON)
    assert [one.alert_id for one in leased] == [an_alert("a2").id]
    assert [(one["event"], one["key"]) for one in logs] == [("delivery.unreadable", key)]
    assert await redis.get(key) == b"foreign"
    (failed,) = await outbox.deliveries.newest(state="failed")
    assert (failed.id, key in failed.note) == (ID, True)


async def test_foreign_keys_stop_the_lists(redis: Redis, outbox: Outbox) -> None:
    """The operator's commands name the key too."""
    store = Store(redis, outbox.stream)
    for key in (store.key(DELIVERIES, "failed"), store.key(DEAD_LETTERS), store.key(DELIVERY, ID)):
        await redis.set(key, "foreign")
    for call in (
        outbox.deliveries.newest(),
        outbox.deliveries.get(ID),
        outbox.deliveries.retry(ID),
        outbox.dead_letters.newest(),
        outbox.dead_letters.get("1-1"),
        outbox.dead_letters.replay("1-1"),
    ):
        with pytest.raises(StoreError, match="holds a string"):
            await call


async def test_full_memory_does_not_lose_an_answer(redis: Redis, outbox: Outbox) -> None:
    """With memory full nothing is leased, but what was sent is still recorded as delivered."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    leased = await lease_one(outbox)
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(OutOfMemoryError):
            await lease(outbox, 1, MINUTE, worker="w", at=NOON)
        assert await settle(outbox, leased, ANSWERED, Completed()) is True
    finally:
        await redis.config_set("maxmemory", "0")
    assert (await lease_one(outbox)).attempt == 1


async def test_a_delivery_whose_record_vanished_is_an_error(redis: Redis, outbox: Outbox) -> None:
    """Somebody deleted it, or Redis evicted it: it is lost, said once, and counted."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    store = Store(redis, outbox.stream)
    await redis.delete(store.key(DELIVERY, ID))
    with capture_logs() as logs:
        leased = await lease(outbox, 10, MINUTE, worker="w", at=NOON)
        leased += await lease(outbox, 10, MINUTE, worker="w", at=NOON)
    assert [one.id for one in leased] == [delivery_id(an_alert("a2").id, "desk")]
    assert [(one["event"], one["delivery_id"]) for one in logs] == [("delivery.vanished", ID)]
    assert await outbox.input_stream.lost_deliveries() == 1
