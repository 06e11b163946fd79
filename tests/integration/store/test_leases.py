"""Leases: each delivery is one worker's at a time, and is settled once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts, lease, settle
from builders.deliveries import ID, show
from builders.lanes import take
from builders.leases import ANSWERED, BRIEF, MINUTE, REFUSED, lease_one
from service.store.client import Store
from service.store.deliveries.deliveries import NO_ANSWER_YET, WORKER_ENDED
from service.store.keys import ALERT, DELIVERIES, LANE, LANES
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater, Verdict
from service.store.outbox import Outbox


async def test_a_due_delivery_is_leased_to_one_worker(redis: Redis, outbox: Outbox) -> None:
    """Who leases it gets all that it takes to send it; nobody else gets it meanwhile."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    assert (leased.id, leased.alert_id, leased.subscriber) == (ID, an_alert().id, "desk")
    assert (leased.attempt, leased.step, leased.impaired) == (1, 1, False)
    assert leased.body == (await show(outbox)).body
    assert await lease(outbox, 10, MINUTE, worker="other", at=NOON) == []


async def test_two_workers_share_what_is_due(redis: Redis, outbox: Outbox) -> None:
    """Each of a hundred deliveries goes to exactly one of two workers."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(100)))
    shares = await asyncio.gather(
        *(lease(outbox, 15, MINUTE, worker=f"w{n % 2}", at=NOON) for n in range(8))
    )
    ids = [leased.id for share in shares for leased in share]
    assert len(ids) == len(set(ids)) == 100


async def test_a_lease_that_ran_out_is_anothers(redis: Redis, outbox: Outbox) -> None:
    """A dead worker's delivery is due again, as the next attempt; the lost one is on record."""
    await commit_alerts(redis, outbox, an_alert())
    await lease_one(outbox, BRIEF, "dead")
    second = await lease_one(outbox, MINUTE, "heir")
    assert (second.id, second.attempt, second.step) == (ID, 2, 2)
    first, now = (await show(outbox)).attempts
    assert (first.number, first.worker, first.error) == (1, "dead", WORKER_ENDED)
    assert (now.number, now.worker, now.error) == (2, "heir", NO_ANSWER_YET)


@pytest.mark.parametrize(
    "verdict",
    [RetryLater(timedelta(seconds=5)), Exhausted(), Postponed(timedelta(seconds=5), "held")],
)
async def test_a_worker_that_lost_its_lease_decides_nothing(
    redis: Redis, outbox: Outbox, verdict: Verdict
) -> None:
    """Only the holder of the lease may postpone, reschedule or fail a delivery."""
    await commit_alerts(redis, outbox, an_alert())
    slow = await lease_one(outbox, BRIEF, "slow")
    holder = await lease_one(outbox, MINUTE, "holder")
    due = (await show(outbox)).due_at
    assert await settle(outbox, slow, REFUSED, verdict) is False
    kept = await show(outbox)
    assert (kept.state, kept.due_at) == ("pending", due)
    assert await settle(outbox, holder, ANSWERED, Completed()) is True


async def test_a_success_counts_after_the_lease_ran_out(redis: Redis, outbox: Outbox) -> None:
    """What arrived has arrived: the next holder's verdict changes nothing any more."""
    await commit_alerts(redis, outbox, an_alert())
    slow = await lease_one(outbox, BRIEF, "slow")
    holder = await lease_one(outbox, MINUTE, "holder")
    assert await settle(outbox, slow, ANSWERED, Completed()) is True
    assert await settle(outbox, holder, REFUSED, RetryLater(timedelta(seconds=5))) is False
    kept = await show(outbox)
    assert (kept.state, kept.due_at) == ("delivered", None)
    assert [one.status for one in kept.attempts] == [200, 500]


async def test_a_success_counts_after_the_delivery_was_failed(redis: Redis, outbox: Outbox) -> None:
    """A failed delivery whose earlier attempt turns out to have arrived is delivered."""
    await commit_alerts(redis, outbox, an_alert())
    slow = await lease_one(outbox, BRIEF, "slow")
    holder = await lease_one(outbox, MINUTE, "holder")
    assert await settle(outbox, holder, REFUSED, Exhausted()) is True
    assert await settle(outbox, slow, ANSWERED, Completed()) is True
    assert [one.state for one in await outbox.deliveries.newest()] == ["delivered"]


async def test_a_verdict_twice_counts_once(redis: Redis, outbox: Outbox) -> None:
    """A worker that did not hear the answer settles again, and nothing is doubled."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    assert await settle(outbox, leased, ANSWERED, Completed()) is True
    assert await settle(outbox, leased, ANSWERED, Completed()) is False
    assert len((await show(outbox)).attempts) == 1


async def test_a_verdict_on_what_is_gone_is_none(redis: Redis, outbox: Outbox) -> None:
    """After a flush there is nothing to settle, and nothing is made up."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    await redis.flushall()
    assert await settle(outbox, leased, ANSWERED, Completed()) is False
    assert await redis.dbsize() == 0


async def test_what_has_ended_is_not_leased(redis: Redis, outbox: Outbox) -> None:
    """A due time that outlived its delivery, as a half-done script leaves it, is dropped."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Completed())
    store = Store(redis, outbox.stream)
    await redis.zadd(store.key(LANE, "desk"), {ID: 1, "dlv_none": 2})
    await redis.zadd(store.key(DELIVERIES, "pending"), {"dlv_none": 2})
    await redis.zadd(store.key(LANES), {"desk": 1})
    assert await lease(outbox, 10, MINUTE, worker="w", at=NOON) == []
    assert (
        await redis.exists(
            store.key(LANE, "desk"), store.key(LANES), store.key(DELIVERIES, "pending")
        )
        == 0
    )


async def test_what_is_sent_to_a_disabled_subscriber_keeps_the_limit(
    redis: Redis, outbox: Outbox
) -> None:
    """Somebody sends two of its deliveries again: it has one in flight before its first success."""
    await commit_alerts(redis, outbox, an_alert("a1"), an_alert("a2"))
    await outbox.lanes.disable("desk", "gone", at=NOON)
    assert await take(outbox) == []
    failed = {one.id for one in await outbox.deliveries.newest(state="failed")}
    assert len(failed) == 2
    for id_ in failed:
        await outbox.deliveries.retry(id_)
    (first,) = await take(outbox)
    assert first.forced
    assert await take(outbox) == []
    assert await settle(outbox, first, REFUSED, Exhausted())
    (second,) = await take(outbox)
    assert {first.id, second.id} == failed


async def test_a_completed_commit_does_not_send_again(redis: Redis, outbox: Outbox) -> None:
    """When a half-done commit is completed, what was delivered meanwhile is left alone."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Completed())
    # Without its revision an alert is what a commit leaves that breaks off just before the end.
    await redis.hdel(Store(redis, outbox.stream).key(ALERT, an_alert().id), "revision")
    await commit_alerts(redis, outbox, an_alert())
    assert await lease(outbox, 10, MINUTE, worker="w", at=NOON) == []
    assert [one.state for one in await outbox.deliveries.newest()] == ["delivered"]


async def test_a_lease_ends_before_its_bodies_are_too_long(redis: Redis, outbox: Outbox) -> None:
    """The server would do nothing else while it writes hundreds of long digests."""
    names = [f"desk{n}" for n in range(4)]
    await commit_alerts(redis, outbox, *(an_alert(name, subscribers=(name,)) for name in names))
    store = Store(redis, outbox.stream)
    for name in names:
        await redis.hset(store.key(ALERT, an_alert(name).id), "body", b"x" * 5 * 2**20)
    shares = [await lease(outbox, 100, MINUTE, worker="w", at=NOON) for _ in range(3)]
    assert [len(share) for share in shares] == [2, 2, 0]
    assert {one.subscriber for share in shares for one in share} == {*names}
