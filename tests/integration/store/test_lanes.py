"""Lanes: one subscriber's troubles are not another's, whoever delivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from builders.alerts import NOON, a_request, eventually
from builders.lanes import confirm, due, end, per_lane, take
from builders.leases import PAUSED, REFUSED, RETRY_IN_AN_HOUR, RETRY_NOW
from service.store.client import Store
from service.store.keys import LANE_OUT, LANES
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed
from service.store.outbox import Outbox


async def test_a_lane_has_so_many_out_at_a_time(redis: Redis, outbox: Outbox) -> None:
    """Four by default, and as soon as one is settled another may go."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 10, "desk")
    leased = await take(outbox)
    assert len(leased) == 4
    assert await take(outbox) == []
    await end(outbox, leased[:1], Completed())
    assert len(await take(outbox)) == 1


async def test_a_failing_lane_has_one_out(redis: Redis, outbox: Outbox) -> None:
    """Before its first success, and again after a failure."""
    await due(redis, outbox, 10, "desk")
    first = await take(outbox)
    assert len(first) == 1
    await end(outbox, first, Completed())
    second = await take(outbox)
    assert len(second) == 4
    await end(outbox, second[:1], RETRY_IN_AN_HOUR)
    await end(outbox, second[1:], RETRY_IN_AN_HOUR)
    assert len(await take(outbox)) == 1


async def test_a_long_lane_leaves_room_for_a_short_one(redis: Redis, outbox: Outbox) -> None:
    """A worker with two slots takes one of each, not two of the one with a hundred waiting."""
    await confirm(redis, outbox, "long", "short")
    await due(redis, outbox, 100, "long")
    await due(redis, outbox, 1, "short", first=500)
    assert per_lane(await take(outbox, 2)) == {"long": 1, "short": 1}


async def test_lanes_take_turns(redis: Redis, outbox: Outbox) -> None:
    """With one slot at a time, every lane has had its turn before any has a second."""
    names = [f"s{n}" for n in range(5)]
    await confirm(redis, outbox, *names)
    await due(redis, outbox, 3, *names)
    served = [(await take(outbox, 1))[0].subscriber for _ in range(15)]
    for turn in range(3):
        assert sorted(served[5 * turn : 5 * turn + 5]) == names


async def failed_once(redis: Redis, outbox: Outbox, count: int) -> None:
    """Have so many lanes that are failing, each with a delivery that is due."""
    await due(redis, outbox, 1, *(f"bad{n}" for n in range(count)))
    leased: list[Leased] = []
    while len(leased) < count:
        leased += await take(outbox)
    await end(outbox, leased, RETRY_NOW)


async def test_failing_lanes_get_a_share_only(redis: Redis, outbox: Outbox) -> None:
    """A hundred receivers that hang leave the rest of a worker to those that answer."""
    await confirm(redis, outbox, "good")
    await failed_once(redis, outbox, 20)
    await due(redis, outbox, 3, "good", first=500)
    leased = await take(outbox, 10, impaired=4)
    assert sum(one.impaired for one in leased) == 4
    assert per_lane(leased)["good"] == 3


async def test_where_slots_are_few_a_lane_has_one_out(redis: Redis, outbox: Outbox) -> None:
    """And comes again as soon as there are more, whatever has become of the one."""
    await confirm(redis, outbox, "desk", "other")
    await due(redis, outbox, 4, "desk", "other")

    async def leased(*, alone: bool) -> list[Leased]:
        request = a_request(100, idle_lanes_only=alone)
        return [*(await outbox.lanes.lease(request, lambda _: LaneLimits())).leased]

    assert per_lane(await leased(alone=True)) == {"desk": 1, "other": 1}
    assert await leased(alone=True) == []
    found: list[Leased] = []

    async def all_are_out() -> bool:
        found.extend(await leased(alone=False))
        return per_lane(found) == {"desk": 3, "other": 3}

    await eventually(all_are_out)


SLOW = replace(REFUSED, status=200, duration_ms=4_000, error="")


async def slow_once(redis: Redis, outbox: Outbox, *subscribers: str) -> None:
    """Have each of them take one delivery, after seconds."""
    await due(redis, outbox, 1, *subscribers, first=2000)
    leased = await take(outbox)
    assert len(leased) == len(subscribers)
    await outbox.lanes.settle([Settlement(one, SLOW, Completed()) for one in leased], at=NOON)


async def test_slow_lanes_get_a_share_only(redis: Redis, outbox: Outbox) -> None:
    """Receivers that answer after seconds leave the rest of a worker to those that do at once."""
    await confirm(redis, outbox, "good")
    slow = [f"slow{n}" for n in range(20)]
    await slow_once(redis, outbox, *slow)
    await due(redis, outbox, 4, *slow)
    await due(redis, outbox, 3, "good", first=500)
    leased = await take(outbox, 40, impaired=10)
    assert Counter(one.impaired for one in leased) == {True: 10, False: 3}
    assert per_lane(leased)["good"] == 3


async def test_a_slow_lane_keeps_its_concurrency_and_recovers(redis: Redis, outbox: Outbox) -> None:
    """While there is room it is served like any other; an answer in time, and it is one."""
    await slow_once(redis, outbox, "desk")
    assert (await outbox.lane_states.of("desk")).status() == "slow"
    await due(redis, outbox, 9, "desk")
    leased = await take(outbox)
    assert [one.impaired for one in leased] == [True] * 4
    await end(outbox, leased, Completed())
    assert (await outbox.lane_states.of("desk")).status() == "ok"
    assert [one.impaired for one in await take(outbox)] == [False] * 4


async def test_a_lane_that_lets_a_delivery_wait_is_slow(redis: Redis, outbox: Outbox) -> None:
    """Its first answer need not have come for it to be held to the share."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 2, "desk")
    (first,) = await take(outbox, 1)
    out = Store(redis, outbox.stream).key(LANE_OUT, "desk")
    await redis.zincrby(out, -2_000, first.id)  # it was leased two seconds earlier
    (second,) = await take(outbox)
    assert (first.impaired, second.impaired) == (False, True)


async def test_a_rate_is_kept(redis: Redis, outbox: Outbox) -> None:
    """One delivery, then none until the gap is over."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 3, "desk")
    slow = LaneLimits(min_gap=timedelta(seconds=0.2))
    assert len(await take(outbox, limits=slow)) == 1
    next_look = (await outbox.lanes.lease(a_request(9), lambda _: slow)).next_look
    assert next_look is not None
    assert timedelta(0) < next_look <= timedelta(seconds=0.2)
    await eventually(_takes(outbox, slow))


def _takes(outbox: Outbox, limits: LaneLimits) -> Callable[[], Any]:
    async def found() -> bool:
        return len(await take(outbox, limits=limits)) == 1

    return found


async def test_a_receiver_that_asks_for_rest_gets_it(redis: Redis, outbox: Outbox) -> None:
    """Retry-After holds for all of its deliveries, and for nobody else's."""
    await confirm(redis, outbox, "desk", "other")
    await due(redis, outbox, 3, "desk", "other")
    leased = await take(outbox, 2)
    await end(
        outbox,
        [one for one in leased if one.subscriber == "desk"],
        PAUSED,
    )
    assert per_lane(await take(outbox)) == {"other": 2}


async def test_a_rest_outlasts_anothers_success(redis: Redis, outbox: Outbox) -> None:
    """Of two attempts at a time one was told to wait, the other was taken."""
    await confirm(redis, outbox, "desk")
    await due(redis, outbox, 5, "desk")
    busy, taken, *_ = await take(outbox)
    await end(outbox, [busy], PAUSED)
    await end(outbox, [taken], Completed())
    assert await take(outbox) == []


async def test_failing_lanes_without_room_are_not_looked_at_all_the_time(
    redis: Redis, outbox: Outbox
) -> None:
    """The more there are, the later each is looked at again; and nobody is told to hurry."""
    await failed_once(redis, outbox, 400)
    seconds, microseconds = await redis.time()
    pauses: list[timedelta | None] = []
    while len(pauses) < 4:
        result = await outbox.lanes.lease(a_request(9, impaired=0), lambda _: LaneLimits())
        pauses.append(result.next_look)
    assert pauses[0] == timedelta(0)
    assert all(pauses[1:])
    looked_at = await redis.zscore(Store(redis, outbox.stream).key(LANES), "bad0")
    assert looked_at is not None
    assert looked_at / 1000 - seconds - microseconds / 1e6 >= 0.65  # 250 ms, and 1 ms a lane


async def test_lanes_that_are_left_alone_take_no_place_of_others(
    redis: Redis, outbox: Outbox
) -> None:
    """Three strangers have waited longest; ten lanes behind them are served at once, in order."""
    known = [f"s{n}" for n in range(10)]

    async def leased() -> list[str]:
        def limits_of(name: str) -> LaneLimits:
            return LaneLimits(unknown=name not in known)

        result = await outbox.lanes.lease(a_request(10), limits_of)
        return [one.subscriber for one in result.leased]

    await due(redis, outbox, 1, "x", "y", "z")
    assert await leased() == []  # it learns who they are
    await due(redis, outbox, 1, *known, first=1)
    assert await leased() == known
