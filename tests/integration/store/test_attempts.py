"""Attempts and states of deliveries as the ledger keeps them, and those sent again by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, eventually, lease, settle
from builders.deliveries import ID, show
from builders.leases import ANSWERED, BRIEF, MINUTE, REFUSED, RETRY_IN_AN_HOUR, RETRY_NOW, lease_one
from service.alerts.alert import delivery_id
from service.store.client import Store
from service.store.deliveries.delivery import Attempt
from service.store.keys import ALERT, DELIVERY
from service.store.lanes.verdict import Completed, Exhausted, Postponed, Verdict
from service.store.outbox import Outbox


async def next_millisecond(redis: Redis) -> None:
    """Return when the server's clock, which orders the lists, has moved on."""
    begun = await redis.time()

    async def moved() -> bool:
        now = await redis.time()
        return (now[0] - begun[0]) * 1_000_000 + now[1] - begun[1] > 1_000

    await eventually(moved)


async def test_every_attempt_is_kept(redis: Redis, outbox: Outbox) -> None:
    """Time, status, duration, error, answer and worker of each, in order."""
    await commit_alerts(redis, outbox, an_alert())
    for _ in range(3):
        assert await settle(outbox, await lease_one(outbox), REFUSED, RETRY_NOW)
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Completed())
    kept = await show(outbox)
    assert [one.number for one in kept.attempts] == [1, 2, 3, 4]
    first, last = kept.attempts[0], kept.attempts[-1]
    assert (first.at, first.worker, first.status) == (REFUSED.at, "w", 500)
    assert (first.duration_ms, first.error, first.response) == (12, "answered 500", "oops")
    assert (last.status, last.error, last.response) == (200, "", "thanks")
    assert (kept.state, kept.note) == ("delivered", "")


async def test_a_retry_is_due_when_it_was_said(redis: Redis, outbox: Outbox) -> None:
    """The delay counts from the settling, by the server's clock, and says why."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), REFUSED, RETRY_IN_AN_HOUR)
    kept = await show(outbox)
    seconds, microseconds = await redis.time()
    assert kept.due_at is not None
    assert kept.due_at.timestamp() - (seconds + microseconds / 1e6) == pytest.approx(3600, abs=10)
    assert kept.note == "answered 500"
    assert await lease(outbox, 1, MINUTE, worker="w", at=NOON) == []


async def test_a_postponed_delivery_used_no_attempt(redis: Redis, outbox: Outbox) -> None:
    """What was not sent is not counted; the reason is kept."""
    await commit_alerts(redis, outbox, an_alert())
    held = Attempt("2026-11-23T12:00:01.000Z", "w")
    assert await settle(
        outbox, await lease_one(outbox), held, Postponed(timedelta(seconds=0), "not in the rules")
    )
    kept = await show(outbox)
    assert (kept.state, kept.attempts, kept.note) == ("pending", (), "not in the rules")
    assert (await lease_one(outbox)).attempt == 1


async def test_deliveries_are_listed_by_state_newest_first(redis: Redis, outbox: Outbox) -> None:
    """Newest by the time they came into their state; a limit leaves out the oldest."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(4)))
    for verdict in (Completed(), Exhausted(), Exhausted()):
        assert await settle(outbox, await lease_one(outbox), REFUSED, verdict)
        await next_millisecond(redis)
    everything = await outbox.deliveries.newest()
    assert [one.state for one in everything] == ["failed", "failed", "delivered", "pending"]
    assert await outbox.deliveries.newest(state="failed") == everything[:2]
    assert await outbox.deliveries.newest(state="failed", limit=1) == everything[:1]
    assert await outbox.deliveries.newest(limit=3) == everything[:3]
    assert all(one.body == b"" for one in everything)


async def test_a_late_success_leaves_the_alert_to_its_other_deliveries(
    redis: Redis, outbox: Outbox
) -> None:
    """The first worker was too slow and the second gave up: the delivery has ended once."""
    alert = an_alert(subscribers=("desk", "energy"))
    await commit_alerts(redis, outbox, alert)
    slow = [await lease_one(outbox, BRIEF) for _ in range(2)]
    await next_millisecond(redis)
    again = [await lease_one(outbox, worker="other") for _ in range(2)]
    (gave_up,) = [one for one in again if one.subscriber == "desk"]
    assert await settle(outbox, gave_up, REFUSED, Exhausted())
    (late,) = [one for one in slow if one.subscriber == "desk"]
    assert await settle(outbox, late, ANSWERED, Completed())
    assert (await show(outbox)).state == "delivered"
    record = Store(redis, outbox.stream).key(ALERT, alert.id)
    assert await redis.hget(record, "open") == b"1"
    assert await redis.pttl(record) == -1


async def test_an_unknown_delivery_is_none(outbox: Outbox) -> None:
    """What is not there is neither shown nor sent."""
    assert await outbox.deliveries.get("dlv_none") is None
    assert await outbox.deliveries.retry("dlv_none") is False


@pytest.mark.parametrize("verdict", [Completed(), Exhausted()])
async def test_an_ended_delivery_is_sent_again(
    redis: Redis, outbox: Outbox, verdict: Verdict
) -> None:
    """Its attempts count on, its schedule starts anew, and it never expires while it waits."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), REFUSED, RETRY_NOW)
    assert await settle(outbox, await lease_one(outbox), REFUSED, verdict)
    assert await outbox.deliveries.retry(ID) is True
    store = Store(redis, outbox.stream)
    assert await redis.ttl(store.key(DELIVERY, ID)) == -1
    assert await redis.ttl(store.key(ALERT, an_alert().id)) == -1
    assert [one.state for one in await outbox.deliveries.newest()] == ["pending"]
    leased = await lease_one(outbox)
    assert (leased.attempt, leased.step) == (3, 1)
    assert await settle(outbox, leased, ANSWERED, Completed())
    assert [one.status for one in (await show(outbox)).attempts] == [500, 500, 200]
    assert await redis.ttl(store.key(ALERT, an_alert().id)) > 0


async def test_a_waiting_delivery_is_due_now(redis: Redis, outbox: Outbox) -> None:
    """What waits for its next attempt need not wait any longer."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), REFUSED, RETRY_IN_AN_HOUR)
    assert await outbox.deliveries.retry(ID) is True
    assert (await lease_one(outbox)).step == 1


async def test_a_delivery_under_way_is_left_to_its_worker(redis: Redis, outbox: Outbox) -> None:
    """To ask for what is being sent at this moment does not send it twice."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    assert await outbox.deliveries.retry(ID) is True
    assert await lease(outbox, 1, MINUTE, worker="other", at=NOON) == []
    assert await settle(outbox, leased, ANSWERED, Completed()) is True


async def test_a_disabled_subscriber_gets_nothing(redis: Redis, outbox: Outbox) -> None:
    """What falls due fails and is kept; one that an operator asked for is sent, and may enable."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"), an_alert("a3"))
    slow, first = await lease_one(outbox, BRIEF), await lease_one(outbox)
    assert await settle(outbox, first, REFUSED, Exhausted(disable="answered 410"))
    assert slow.id != first.id
    await next_millisecond(redis)
    assert await lease(outbox, 10, MINUTE, worker="w", at=NOON) == []
    failed = await outbox.deliveries.newest(state="failed")
    assert len(failed) == 3
    second = next(one for one in failed if one.id != first.id)
    assert second.note == "its subscriber is disabled: answered 410"
    for one in failed:  # nobody's lease holds it
        key = Store(redis, outbox.stream).key(DELIVERY, one.id)
        assert await redis.hmget(key, "token", "forced") == [None, None]
    assert await outbox.deliveries.retry(second.id)
    again = await lease_one(outbox)
    assert again.id == second.id
    assert await settle(outbox, again, ANSWERED, Completed())
    await commit_alerts(redis, outbox, an_alert("a4"))
    assert (await lease_one(outbox)).id == delivery_id(an_alert("a4").id, "desk")
