"""Circuits and disabled subscribers: who fails is left alone, and comes back by a success."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from builders.alerts import NOON, a_request
from builders.lanes import confirm, due, end, failing, probe_now, state, take
from builders.leases import PAUSED, RETRY_IN_AN_HOUR
from service.store.client import Store
from service.store.keys import DISABLED, LANE, LANE_OUT, LANES
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater
from service.store.outbox import Outbox


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """An outbox that disables a subscriber after an hour of failures."""
    return Outbox(redis, stream_name, disable_after=timedelta(hours=1))


async def hour_ago(redis: Redis, outbox: Outbox) -> None:
    """As if all failures were more than an hour old."""
    since = (await redis.time())[0] * 1000 - 3_600_001
    for field in ("failing_since", "last_failure"):
        await redis.hset(state(redis, outbox), field, str(since))


async def test_five_failures_open_the_circuit(redis: Redis, outbox: Outbox) -> None:
    """Then nothing goes out until a probe a minute later, whatever is due."""
    await confirm(redis, outbox, "desk")
    assert [one.lane for one in await failing(redis, outbox, 5)] == ["", "", "", "", "opened"]
    await due(redis, outbox, 5, "desk", first=50)
    result = await outbox.lanes.lease(a_request(9), lambda _: LaneLimits())
    assert result.leased == ()
    assert result.next_look is None or 59 < result.next_look.total_seconds() <= 60
    await probe_now(redis, outbox)
    assert len(await take(outbox)) == 1
    assert await take(outbox) == []


async def test_a_success_closes_the_circuit(redis: Redis, outbox: Outbox) -> None:
    """And the lane has four out at a time again."""
    await failing(redis, outbox, 5)
    await due(redis, outbox, 9, "desk", first=50)
    await probe_now(redis, outbox)
    (settled,) = await end(outbox, await take(outbox), Completed())
    assert settled.lane == "closed"
    assert len(await take(outbox)) == 4


async def waits(redis: Redis, outbox: Outbox) -> list[float]:
    """Milliseconds until each delivery of the lane is due, in their order."""
    store = Store(redis, outbox.stream)
    now: tuple[int, int] = await redis.time()
    found: Any = await redis.zrange(store.key(LANE, "desk"), 0, -1, withscores=True)
    return [at - now[0] * 1000 - now[1] / 1000 for _, at in found]


async def in_ten_hours(redis: Redis, outbox: Outbox, number: int) -> None:
    """As if so many had failed several times: each is due in ten hours."""
    await due(redis, outbox, number, "desk", first=100)
    store = Store(redis, outbox.stream)
    later = (await redis.time())[0] * 1000 + 36_000_000
    ids = [one.id for one in await outbox.deliveries.newest(state="pending", limit=number)]
    await redis.zadd(store.key(LANE, "desk"), {one: later + n for n, one in enumerate(ids)})


@pytest.mark.parametrize("how", ["success", "enabled"])
async def test_what_waits_comes_forward_when_the_receiver_is_well(
    redis: Redis, outbox: Outbox, how: str
) -> None:
    """One after the other: a receiver that has just recovered gets no flood."""
    await failing(redis, outbox, 5)
    await in_ten_hours(redis, outbox, 30)
    if how == "success":
        await due(redis, outbox, 1, "desk", first=50)
        await probe_now(redis, outbox)
        leased = await take(outbox)
        (settled,) = await end(outbox, leased[:1], Completed())
        assert settled.lane == "closed"
    else:
        await outbox.lanes.enable("desk")
    found = await waits(redis, outbox)
    assert len(found) >= 30
    assert max(found) < 60_000
    assert len({round(one, 3) for one in found[-30:]}) == 30


async def test_what_waits_for_less_comes_no_later(redis: Redis, outbox: Outbox) -> None:
    """There is more than can come within that time, so the last keep their own."""
    await failing(redis, outbox, 5)
    await in_ten_hours(redis, outbox, 150)
    lane = Store(redis, outbox.stream).key(LANE, "desk")
    members: Any = await redis.zrange(lane, 0, -1, withscores=True)
    await redis.zadd(lane, {one: at - 36_000_000 + 5_000 for one, at in members})
    before: Any = await redis.zrange(lane, 0, -1, withscores=True)
    await outbox.lanes.enable("desk")
    after: Any = await redis.zrange(lane, 0, -1, withscores=True)
    assert after != before
    earlier = dict(after)
    assert [one for one, at in before if earlier[one] > at] == []


async def test_a_long_lane_comes_forward_part_by_part(redis: Redis, outbox: Outbox) -> None:
    """Each look at the lane goes on, until nothing is left that waits for long."""
    await in_ten_hours(redis, outbox, 450)
    await outbox.lanes.enable("desk")
    store, far = Store(redis, outbox.stream), [450]
    await redis.zadd(store.key(LANES), {"desk": 1})
    await outbox.lanes.lease(a_request(0), lambda _: LaneLimits())  # too early for the next part
    while far[-1] and len(far) < 9:
        found = await waits(redis, outbox)
        far.append(sum(one > 3_600_000 for one in found))
        assert found == sorted(found)
        # As if what came forward were due by now.
        members: Any = await redis.zrange(store.key(LANE, "desk"), 0, -1)
        for member in members:
            await redis.zincrby(store.key(LANE, "desk"), -10_000, member)
        if forward := await redis.hget(state(redis, outbox), "forward"):
            await redis.hset(state(redis, outbox), "forward", str(float(forward) - 10_000))
        await redis.zadd(store.key(LANES), {"desk": 1})
        await outbox.lanes.lease(a_request(0), lambda _: LaneLimits())
    assert far == [450, 250, 50, 0]
    assert not await redis.hexists(state(redis, outbox), "forward")


async def test_what_comes_forward_stops_where_the_receiver_fails_again(
    redis: Redis, outbox: Outbox
) -> None:
    """The rest keeps its schedule."""
    await in_ten_hours(redis, outbox, 300)
    await outbox.lanes.enable("desk")
    await redis.hset(state(redis, outbox), mapping={"next_probe": "1"})
    await redis.zadd(Store(redis, outbox.stream).key(LANES), {"desk": 1})
    await outbox.lanes.lease(a_request(0), lambda _: LaneLimits())
    assert sum(one > 3_600_000 for one in await waits(redis, outbox)) == 100
    assert not await redis.hexists(state(redis, outbox), "forward")


async def test_a_failed_probe_leaves_it_open(redis: Redis, outbox: Outbox) -> None:
    """The next one is a minute later."""
    await failing(redis, outbox, 5)
    await due(redis, outbox, 9, "desk", first=50)
    await probe_now(redis, outbox)
    (settled,) = await end(outbox, await take(outbox), RetryLater(timedelta(seconds=5)))
    assert settled.lane == ""
    assert await take(outbox) == []


async def test_a_subscriber_that_fails_for_too_long_is_disabled(
    redis: Redis, outbox: Outbox
) -> None:
    """From the first failure without a success since; what falls due then fails and is kept."""
    await failing(redis, outbox, 4)
    store = Store(redis, outbox.stream)
    await hour_ago(redis, outbox)
    assert [one.lane for one in await failing(redis, outbox, 1, first=40)] == ["disabled"]
    assert await redis.hexists(store.key(DISABLED), "desk")
    await due(redis, outbox, 2, "desk", first=50)
    assert await take(outbox) == []
    failed = await outbox.deliveries.newest(state="failed")
    assert "its subscriber is disabled: nothing was delivered for" in failed[0].note


async def test_two_failures_far_apart_disable_nobody(redis: Redis, outbox: Outbox) -> None:
    """A subscriber to which nothing was sent for days has not failed for days."""
    await failing(redis, outbox, 1)
    await hour_ago(redis, outbox)
    assert [one.lane for one in await failing(redis, outbox, 1, first=10)] == [""]
    assert not await redis.exists(Store(redis, outbox.stream).key(DISABLED))


async def test_a_message_that_is_refused_is_not_its_lanes_failure(
    redis: Redis, outbox: Outbox
) -> None:
    """What the receiver says of single messages neither opens its circuit nor disables it."""
    found = await failing(redis, outbox, 6, Exhausted(refused=True))
    assert [(one.counted, one.lane) for one in found] == [(True, "")] * 6
    assert (
        await redis.hmget(state(redis, outbox), "failures", "failing_since", "confirmed")
        == [None] * 3
    )
    assert len(await outbox.deliveries.newest(state="failed")) == 6
    await failing(redis, outbox, 4, first=10)
    await failing(redis, outbox, 1, Exhausted(refused=True), first=20)
    assert await redis.hget(state(redis, outbox), "failures") == b"4"


async def test_a_success_in_flight_leaves_a_subscriber_disabled(
    redis: Redis, outbox: Outbox
) -> None:
    """What was sent before says nothing against an operator's word, or another attempt's 410."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 3, "desk")
    one, two, three = await take(outbox)
    await end(outbox, [one], Exhausted("answered 410"))
    assert [each.lane for each in await end(outbox, [two], Completed())] == [""]
    assert await redis.hexists(Store(redis, outbox.stream).key(DISABLED), "desk")
    await outbox.lanes.enable("desk")
    await outbox.lanes.disable("desk", "moving house", at=NOON)
    await end(outbox, [three], Completed())
    assert await redis.hexists(Store(redis, outbox.stream).key(DISABLED), "desk")


async def test_a_retry_lifts_the_mark_that_it_passed_and_no_later_one(
    redis: Redis, outbox: Outbox
) -> None:
    """It was asked for before the subscriber was disabled, and is under way then."""
    await due(redis, outbox, 1, "desk")
    await end(outbox, first := await take(outbox), Exhausted(refused=True))
    store = Store(redis, outbox.stream)
    assert await outbox.deliveries.retry(first[0].id)
    again = await take(outbox)
    await outbox.lanes.disable("desk", "moving house", at=NOON)
    await end(outbox, again, Completed())
    assert await redis.hexists(store.key(DISABLED), "desk")
    assert await outbox.deliveries.retry(first[0].id)
    assert [one.lane for one in await end(outbox, await take(outbox), Completed())] == ["closed"]
    assert not await redis.hexists(store.key(DISABLED), "desk")


async def test_a_retry_that_is_postponed_is_still_asked_for(redis: Redis, outbox: Outbox) -> None:
    """Its channel had no room at that moment, and its subscriber is disabled."""
    await due(redis, outbox, 1, "desk")
    await end(outbox, first := await take(outbox), Exhausted("answered 410"))
    assert await outbox.deliveries.retry(first[0].id)
    await end(
        outbox,
        await take(outbox),
        Postponed(timedelta(seconds=0.0), "the mail server is given 3 at a time"),
    )
    (again,) = await take(outbox)
    assert again.forced
    assert [one.lane for one in await end(outbox, [again], Completed())] == ["closed"]


async def test_what_an_operator_enables_is_served_again(redis: Redis, outbox: Outbox) -> None:
    """At once, and with no memory of what went wrong."""
    await failing(redis, outbox, 5)
    assert await outbox.lanes.disable("desk", "moving house", at=NOON)
    assert not await outbox.lanes.disable("desk", "again", at=NOON)
    assert await take(outbox) == []
    assert await outbox.lanes.enable("desk")
    await due(redis, outbox, 2, "desk", first=50)
    assert len(await take(outbox)) == 1


@pytest.mark.parametrize("failures", [1, 4, 5, 6])
async def test_what_is_enabled_begins_with_no_failure(
    redis: Redis, outbox: Outbox, failures: int
) -> None:
    """The next failure is the first one: it neither opens the circuit nor disables anybody."""
    await failing(redis, outbox, failures, PAUSED)
    await hour_ago(redis, outbox)
    assert await outbox.lanes.enable("desk")
    times = ("failures", "failing_since", "next_probe", "paused_until")
    assert await redis.hmget(state(redis, outbox), *times) == [None] * len(times)
    assert not await outbox.lanes.enable("desk")
    found = await failing(redis, outbox, 5, RETRY_IN_AN_HOUR, first=50)
    assert [one.lane for one in found] == ["", "", "", "", "opened"]


async def test_a_retry_that_somebody_asks_for_passes_the_circuit(
    redis: Redis, outbox: Outbox
) -> None:
    """Whoever asks knows that the receiver was mended."""
    await failing(redis, outbox, 5)
    (waiting, *_) = await outbox.deliveries.newest(state="pending")
    assert await outbox.deliveries.retry(waiting.id)
    assert [one.id for one in await take(outbox)] == [waiting.id]


async def test_failures_that_were_leased_together_are_all_counted(
    redis: Redis, outbox: Outbox
) -> None:
    """The lane has changed since: each settlement is decided again over what Redis holds."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 4, "desk")
    leased = await take(outbox)
    assert len({one.lane_health for one in leased}) == 1
    for one in leased:
        assert [each.counted for each in await end(outbox, [one], RETRY_IN_AN_HOUR)] == [True]
    assert await redis.hget(state(redis, outbox), "failures") == b"4"


async def test_a_lane_that_changes_while_it_is_decided_about_gets_nothing(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """It stays due, and the next look, at once, finds it as it is."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 4, "desk")
    key = state(redis, outbox)
    with SyncRedis.from_url(server_url) as other:

        def limits_of(_: str) -> LaneLimits:
            other.hset(key, "failures", "1")
            return LaneLimits()

        result = await outbox.lanes.lease(a_request(9), limits_of)
    assert (result.leased, result.next_look) == ((), timedelta(0))
    (leased,) = (await outbox.lanes.lease(a_request(9), lambda _: LaneLimits())).leased
    assert leased.impaired


async def test_a_delivery_that_ends_while_its_full_lane_is_decided_about_makes_room(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """The lane is not put off until the next lease ends: what waits starts at the next look."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 8, "desk")
    leased = await take(outbox, 4)
    key = Store(redis, outbox.stream).key(LANE_OUT, "desk")
    with SyncRedis.from_url(server_url) as other:

        def limits_of(_: str) -> LaneLimits:
            other.zrem(key, leased[0].id)  # as the settlement of another worker does
            return LaneLimits()

        assert (await outbox.lanes.lease(a_request(9), limits_of)).leased == ()
    (one,) = (await outbox.lanes.lease(a_request(9), lambda _: LaneLimits())).leased
    assert one.id not in {each.id for each in leased}
