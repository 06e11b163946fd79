"""Leases, attempts and states of deliveries, as the outbox keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError
from structlog.testing import capture_logs

from alerts import NOON, an_alert, at_once, commit_alerts, eventually, lease, settle
from service.alert import delivery_id
from service.delivery.outcome import Again, Done, Failed, Next, Postponed
from service.errors import StoreError
from service.lanes import Leased
from service.ledger import NO_ANSWER_YET, WORKER_ENDED, Attempt, Delivery
from service.outbox import Outbox
from service.store import Store

MINUTE = timedelta(minutes=1)
BRIEF = timedelta(milliseconds=1)
ID = delivery_id(an_alert().id, "desk")
ANSWERED = Attempt("2026-11-23T12:00:01.000Z", "w", 200, 12, "", "thanks")
REFUSED = Attempt("2026-11-23T12:00:01.000Z", "w", 500, 12, "answered 500", "oops")


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox whose retention is an hour."""
    return Outbox(redis, stream_name, keep_alerts=timedelta(hours=1))


async def lease_one(outbox: Outbox, span: timedelta = MINUTE, worker: str = "w") -> Leased:
    """Lease a delivery that is due, or is about to be."""
    leased: list[Leased] = []

    async def found() -> bool:
        leased.extend(await lease(outbox, 1, span, worker=worker, at=NOON))
        return bool(leased)

    await eventually(found)
    return leased[0]


async def next_millisecond(redis: Redis) -> None:
    """Return when the server's clock, which orders the lists, has moved on."""
    begun = await redis.time()

    async def moved() -> bool:
        now = await redis.time()
        return (now[0] - begun[0]) * 1_000_000 + now[1] - begun[1] > 1_000

    await eventually(moved)


async def show(outbox: Outbox, id_: str = ID) -> Delivery:
    """The delivery as it is kept."""
    delivery = await outbox.ledger.delivery(id_)
    assert delivery is not None
    return delivery


# Leases ------------------------------------------------------------------------------------


async def test_a_due_delivery_is_leased_to_one_worker(redis: Redis, outbox: Outbox) -> None:
    """Who leases it gets all that it takes to send it; nobody else gets it meanwhile."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    assert (leased.id, leased.alert_id, leased.subscriber) == (ID, an_alert().id, "desk")
    assert (leased.attempt, leased.step, leased.doubtful) == (1, 1, False)
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


@pytest.mark.parametrize("then", [Again(5), Failed(), Postponed(5, "held")])
async def test_a_worker_that_lost_its_lease_decides_nothing(
    redis: Redis, outbox: Outbox, then: Next
) -> None:
    """Only the holder of the lease may postpone, reschedule or fail a delivery."""
    await commit_alerts(redis, outbox, an_alert())
    slow = await lease_one(outbox, BRIEF, "slow")
    holder = await lease_one(outbox, MINUTE, "holder")
    due = (await show(outbox)).due_at
    assert await settle(outbox, slow, REFUSED, then) is False
    kept = await show(outbox)
    assert (kept.state, kept.due_at) == ("pending", due)
    assert await settle(outbox, holder, ANSWERED, Done()) is True


async def test_a_success_counts_after_the_lease_ran_out(redis: Redis, outbox: Outbox) -> None:
    """What arrived has arrived: the next holder's verdict changes nothing any more."""
    await commit_alerts(redis, outbox, an_alert())
    slow = await lease_one(outbox, BRIEF, "slow")
    holder = await lease_one(outbox, MINUTE, "holder")
    assert await settle(outbox, slow, ANSWERED, Done()) is True
    assert await settle(outbox, holder, REFUSED, Again(5)) is False
    kept = await show(outbox)
    assert (kept.state, kept.due_at) == ("delivered", None)
    assert [one.status for one in kept.attempts] == [200, 500]


async def test_a_success_counts_after_the_delivery_was_failed(redis: Redis, outbox: Outbox) -> None:
    """A failed delivery whose earlier attempt turns out to have arrived is delivered."""
    await commit_alerts(redis, outbox, an_alert())
    slow = await lease_one(outbox, BRIEF, "slow")
    holder = await lease_one(outbox, MINUTE, "holder")
    assert await settle(outbox, holder, REFUSED, Failed()) is True
    assert await settle(outbox, slow, ANSWERED, Done()) is True
    assert [one.state for one in await outbox.ledger.deliveries()] == ["delivered"]


async def test_a_verdict_twice_counts_once(redis: Redis, outbox: Outbox) -> None:
    """A worker that did not hear the answer settles again, and nothing is doubled."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    assert await settle(outbox, leased, ANSWERED, Done()) is True
    assert await settle(outbox, leased, ANSWERED, Done()) is False
    assert len((await show(outbox)).attempts) == 1


async def test_a_verdict_on_what_is_gone_is_none(redis: Redis, outbox: Outbox) -> None:
    """After a flush there is nothing to settle, and nothing is made up."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    await redis.flushall()
    assert await settle(outbox, leased, ANSWERED, Done()) is False
    assert await redis.dbsize() == 0


async def test_what_has_ended_is_not_leased(redis: Redis, outbox: Outbox) -> None:
    """A due time that outlived its delivery, as a half-done script leaves it, is dropped."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Done())
    store = Store(redis, outbox.stream)
    await redis.zadd(store.lane("desk"), {ID: 1, "dlv_none": 2})
    await redis.zadd(store.states["pending"], {"dlv_none": 2})
    await redis.zadd(store.lanes, {"desk": 1})
    assert await lease(outbox, 10, MINUTE, worker="w", at=NOON) == []
    assert await redis.exists(store.lane("desk"), store.lanes, store.states["pending"]) == 0


async def test_a_completed_commit_does_not_send_again(redis: Redis, outbox: Outbox) -> None:
    """When a half-done commit is completed, what was delivered meanwhile is left alone."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Done())
    # Without its revision an alert is what a commit leaves that breaks off just before the end.
    await redis.hdel(Store(redis, outbox.stream).alert(an_alert().id), "revision")
    await commit_alerts(redis, outbox, an_alert())
    assert await lease(outbox, 10, MINUTE, worker="w", at=NOON) == []
    assert [one.state for one in await outbox.ledger.deliveries()] == ["delivered"]


# Attempts and states -----------------------------------------------------------------------


async def test_every_attempt_is_kept(redis: Redis, outbox: Outbox) -> None:
    """Time, status, duration, error, answer and worker of each, in order."""
    await commit_alerts(redis, outbox, an_alert())
    for _ in range(3):
        assert await settle(outbox, await lease_one(outbox), REFUSED, Again(0))
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Done())
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
    assert await settle(outbox, await lease_one(outbox), REFUSED, Again(3600))
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
    assert await settle(outbox, await lease_one(outbox), held, Postponed(0, "not in the rules"))
    kept = await show(outbox)
    assert (kept.state, kept.attempts, kept.note) == ("pending", (), "not in the rules")
    assert (await lease_one(outbox)).attempt == 1


async def test_deliveries_are_listed_by_state_newest_first(redis: Redis, outbox: Outbox) -> None:
    """Newest by the time they came into their state; a limit leaves out the oldest."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(4)))
    for then in (Done(), Failed(), Failed()):
        assert await settle(outbox, await lease_one(outbox), REFUSED, then)
        await next_millisecond(redis)
    ledger = outbox.ledger
    everything = await ledger.deliveries()
    assert [one.state for one in everything] == ["failed", "failed", "delivered", "pending"]
    assert await ledger.deliveries(state="failed") == everything[:2]
    assert await ledger.deliveries(state="failed", limit=1) == everything[:1]
    assert await ledger.deliveries(limit=3) == everything[:3]
    assert all(one.body == b"" for one in everything)


async def test_an_unknown_delivery_is_none(outbox: Outbox) -> None:
    """What is not there is neither shown nor sent."""
    assert await outbox.ledger.delivery("dlv_none") is None
    assert await outbox.ledger.retry("dlv_none") is False


# Sent again by hand ------------------------------------------------------------------------


@pytest.mark.parametrize("then", [Done(), Failed()])
async def test_an_ended_delivery_is_sent_again(redis: Redis, outbox: Outbox, then: Next) -> None:
    """Its attempts count on, its schedule starts anew, and it never expires while it waits."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), REFUSED, Again(0))
    assert await settle(outbox, await lease_one(outbox), REFUSED, then)
    assert await outbox.ledger.retry(ID) is True
    store = Store(redis, outbox.stream)
    assert await redis.ttl(store.delivery(ID)) == -1
    assert await redis.ttl(store.alert(an_alert().id)) == -1
    assert [one.state for one in await outbox.ledger.deliveries()] == ["pending"]
    leased = await lease_one(outbox)
    assert (leased.attempt, leased.step) == (3, 1)
    assert await settle(outbox, leased, ANSWERED, Done())
    assert [one.status for one in (await show(outbox)).attempts] == [500, 500, 200]
    assert await redis.ttl(store.alert(an_alert().id)) > 0


async def test_a_waiting_delivery_is_due_now(redis: Redis, outbox: Outbox) -> None:
    """What waits for its next attempt need not wait any longer."""
    await commit_alerts(redis, outbox, an_alert())
    assert await settle(outbox, await lease_one(outbox), REFUSED, Again(3600))
    assert await outbox.ledger.retry(ID) is True
    assert (await lease_one(outbox)).step == 1


async def test_a_delivery_under_way_is_left_to_its_worker(redis: Redis, outbox: Outbox) -> None:
    """To ask for what is being sent at this moment does not send it twice."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    assert await outbox.ledger.retry(ID) is True
    assert await lease(outbox, 1, MINUTE, worker="other", at=NOON) == []
    assert await settle(outbox, leased, ANSWERED, Done()) is True


async def test_a_disabled_subscriber_gets_nothing(redis: Redis, outbox: Outbox) -> None:
    """What falls due fails and is kept; one that an operator asked for is sent, and may enable."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"), an_alert("a3"))
    first = await lease_one(outbox)
    assert await settle(outbox, first, REFUSED, Failed(disable="answered 410"))
    assert await lease(outbox, 10, MINUTE, worker="w", at=NOON) == []
    failed = await outbox.ledger.deliveries(state="failed")
    assert len(failed) == 3
    second = next(one for one in failed if one.id != first.id)
    assert second.note == "its subscriber is disabled: answered 410"
    assert await outbox.ledger.retry(second.id)
    again = await lease_one(outbox)
    assert again.id == second.id
    assert await settle(outbox, again, ANSWERED, Done())
    await commit_alerts(redis, outbox, an_alert("a4"))
    assert (await lease_one(outbox)).id == delivery_id(an_alert("a4").id, "desk")


# Waiting -----------------------------------------------------------------------------------


async def test_a_commit_of_another_process_wakes_a_waiting_worker(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """The wait ends with the commit, long before its time is up."""
    await outbox.ensure_group()
    async with Redis.from_url(redis_url) as other:
        waiting = asyncio.create_task(Outbox(other, outbox.stream).lanes.wait(60))
        await eventually(blocked_clients(redis, 1))
        await commit_alerts(redis, outbox, an_alert())
        async with asyncio.timeout(1):
            await waiting


async def test_one_commit_wakes_as_many_workers_as_there_is_work_for(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Whoever leases and leaves more behind wakes the next."""
    async with Redis.from_url(redis_url) as one, Redis.from_url(redis_url) as two:
        outboxes = [Outbox(client, outbox.stream) for client in (one, two)]

        async def work(mine: Outbox) -> list[Leased]:
            await mine.lanes.wait(60)
            return await lease(mine, 2, MINUTE, worker="w", at=NOON)

        await outbox.ensure_group()
        working = [asyncio.create_task(work(mine)) for mine in outboxes]
        await eventually(blocked_clients(redis, 2))
        await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(4)))
        async with asyncio.timeout(1):
            shares = await asyncio.gather(*working)
    assert sorted(len(share) for share in shares) == [2, 2]


async def test_a_wait_ends_when_a_delivery_falls_due(redis: Redis, outbox: Outbox) -> None:
    """Nobody rings for the end of a lease: who finds nothing is told when to come again."""
    await commit_alerts(redis, outbox, an_alert())
    await lease_one(outbox, timedelta(seconds=0.2))
    await redis.delete(Store(redis, outbox.stream).bell)
    pause: float | None = 0.0
    while pause == 0.0:  # the lane is looked at once more, and found to be full
        _, pause = await outbox.lanes.lease(1, MINUTE, worker="w", at=NOON, plan=at_once)
    assert pause is not None
    assert 0 < pause <= 0.2
    async with asyncio.timeout(1.5):
        await outbox.lanes.wait(pause)
    assert (await lease_one(outbox)).attempt == 2


async def test_a_retry_is_not_late_for_whoever_waits(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """A verdict that brings a delivery forward has the waiting reckon anew."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    async with Redis.from_url(redis_url) as other:
        await redis.delete(Store(redis, outbox.stream).bell)
        waiting = asyncio.create_task(Outbox(other, outbox.stream).lanes.wait(60))
        await eventually(blocked_clients(redis, 1))
        assert await settle(outbox, leased, REFUSED, Again(0))
        async with asyncio.timeout(1):
            await waiting


async def test_a_wait_is_shorter_than_a_sockets_patience(redis: Redis, outbox: Outbox) -> None:
    """No command blocks at the server for longer than redis-py waits for an answer."""
    async with asyncio.timeout(4):
        await outbox.lanes.wait(3600)
        await outbox.lanes.wait(0)
    assert await redis.ping()


def blocked_clients(redis: Redis, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many clients wait at the server."""

    async def holds() -> bool:
        info: Any = await redis.info("clients")
        return bool(info["blocked_clients"] == count)

    return holds


# Retention and foreign keys ----------------------------------------------------------------


async def test_what_has_ended_expires_and_what_has_not_does_not(
    redis: Redis, outbox: Outbox
) -> None:
    """An alert stays as long as one of its deliveries is pending; then both have their time."""
    await commit_alerts(redis, outbox, an_alert(subscribers=("desk", "energy")))
    store = Store(redis, outbox.stream)
    alert = store.alert(an_alert().id)
    first, second = await lease(outbox, 2, MINUTE, worker="w", at=NOON)
    assert await settle(outbox, first, ANSWERED, Done())
    assert await redis.ttl(store.delivery(first.id)) == pytest.approx(3600, abs=10)
    assert await redis.ttl(store.delivery(second.id)) == -1
    assert await redis.ttl(alert) == -1
    assert await settle(outbox, second, REFUSED, Failed())
    assert await redis.ttl(store.delivery(second.id)) == pytest.approx(3600, abs=10)
    assert await redis.ttl(alert) == pytest.approx(3600, abs=10)


async def test_an_update_keeps_the_alert_it_updates(redis: Redis, outbox: Outbox) -> None:
    """Whoever remembers that an article alerted remembers it from its latest revision on."""
    await commit_alerts(redis, outbox, an_alert(subscribers=()))
    alert = Store(redis, outbox.stream).alert(an_alert().id)
    await redis.expire(alert, 5)
    await commit_alerts(redis, outbox, an_alert(subscribers=(), revision="r2"))
    assert await redis.ttl(alert) == pytest.approx(3600, abs=10)


async def test_the_ended_leave_the_lists_when_they_expire(redis: Redis, stream_name: str) -> None:
    """After its retention nothing of a delivery is left, and what is pending is untouched."""
    outbox = Outbox(redis, stream_name, keep_alerts=BRIEF)
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    assert await settle(outbox, await lease_one(outbox), ANSWERED, Done())
    store = Store(redis, stream_name)

    async def gone() -> bool:
        await outbox.trim()
        return not await redis.zcard(store.states["delivered"])

    await eventually(gone)
    (left,) = await outbox.ledger.deliveries()
    assert left.state == "pending"
    kept = [key async for key in redis.scan_iter(f"{store.prefix}*:dlv_*")]
    assert kept == [store.delivery(left.id).encode()]


async def test_a_delivery_without_its_event_is_failed_with_the_reason(
    redis: Redis, outbox: Outbox
) -> None:
    """When somebody deleted the text there is nothing to send, and it does not come up forever."""
    await commit_alerts(redis, outbox, an_alert())
    await redis.delete(Store(redis, outbox.stream).alert(an_alert().id))
    assert await lease(outbox, 1, MINUTE, worker="w", at=NOON) == []
    kept = await show(outbox)
    assert kept.state == "failed"
    assert "gone from Redis" in kept.note


@pytest.mark.parametrize("name", ["lanes", "disabled", "bell"])
async def test_a_foreign_key_stops_the_lease(redis: Redis, outbox: Outbox, name: str) -> None:
    """The error names the key, nothing is leased, and the key stays as it was."""
    await commit_alerts(redis, outbox, an_alert())
    key: str = getattr(Store(redis, outbox.stream), name)
    await redis.delete(key)
    await redis.set(key, "foreign")
    with pytest.raises(StoreError, match=f"'{key}' holds a string".replace("{", r"\{")):
        await lease(outbox, 1, MINUTE, worker="w", at=NOON)
    assert await redis.get(key) == b"foreign"
    await redis.delete(key)
    assert (await show(outbox)).attempts == ()


@pytest.mark.parametrize("name", ["lanes", "disabled", "bell"])
async def test_a_foreign_key_stops_the_verdict(redis: Redis, outbox: Outbox, name: str) -> None:
    """Nothing is written of a verdict that cannot be written whole."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    key: str = getattr(Store(redis, outbox.stream), name)
    await redis.delete(key)
    await redis.set(key, "foreign")
    with pytest.raises(StoreError):
        await settle(outbox, leased, ANSWERED, Done())
    await redis.delete(key)
    assert await settle(outbox, leased, ANSWERED, Done()) is True


async def test_a_foreign_delivery_holds_up_no_other(redis: Redis, outbox: Outbox) -> None:
    """It leaves its lane, the log names the key, the key stays as it was, the others are sent."""
    await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(3)))
    bad = delivery_id(an_alert("a1").id, "desk")
    store = Store(redis, outbox.stream)
    await redis.set(store.delivery(bad), "foreign")
    with capture_logs() as logs:
        leased = await lease(outbox, 10, MINUTE, worker="w", at=NOON)
    assert {one.id for one in leased} == {delivery_id(an_alert(f"a{n}").id, "desk") for n in (0, 2)}
    assert await redis.get(store.delivery(bad)) == b"foreign"
    assert [(one["event"], one["delivery_id"], one["key"]) for one in logs] == [
        ("delivery.unreadable", bad, store.delivery(bad))
    ]
    for index in (store.lane("desk"), store.states["pending"]):
        assert await redis.zscore(index, bad) is None


async def test_a_foreign_event_fails_its_delivery_only(redis: Redis, outbox: Outbox) -> None:
    """There is nothing to send; the delivery says which key it was."""
    await commit_alerts(redis, outbox, an_alert(), an_alert("a2"))
    key = Store(redis, outbox.stream).alert(an_alert().id)
    await redis.set(key, "foreign")
    with capture_logs() as logs:
        leased = await lease(outbox, 10, MINUTE, worker="w", at=NOON)
    assert [one.alert_id for one in leased] == [an_alert("a2").id]
    assert [(one["event"], one["key"]) for one in logs] == [("delivery.unreadable", key)]
    assert await redis.get(key) == b"foreign"
    (failed,) = await outbox.ledger.deliveries(state="failed")
    assert (failed.id, key in failed.note) == (ID, True)


async def test_foreign_keys_stop_the_lists(redis: Redis, outbox: Outbox) -> None:
    """The operator's commands name the key too."""
    store = Store(redis, outbox.stream)
    for key in (store.states["failed"], store.dead, store.delivery(ID)):
        await redis.set(key, "foreign")
    for call in (
        outbox.ledger.deliveries(),
        outbox.ledger.delivery(ID),
        outbox.ledger.retry(ID),
        outbox.ledger.dead(),
        outbox.ledger.dead_letter("1-1"),
        outbox.ledger.replay("1-1"),
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
        assert await settle(outbox, leased, ANSWERED, Done()) is True
    finally:
        await redis.config_set("maxmemory", "0")
    assert (await lease_one(outbox)).attempt == 1
