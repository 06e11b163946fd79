"""What a test does with lanes: fill them, lease from them, and settle what was leased."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from redis.asyncio import Redis

from builders.alerts import NOON, a_request, an_alert, commit_alerts
from builders.leases import REFUSED, RETRY_IN_AN_HOUR
from service.store.client import Store
from service.store.keys import LANE_STATE, LANES
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settled, Settlement
from service.store.lanes.verdict import Completed, Verdict
from service.store.outbox import Outbox


async def due(redis: Redis, outbox: Outbox, count: int, *subscribers: str, first: int = 0) -> None:
    """Have so many deliveries to each of these subscribers made."""
    alerts = (an_alert(f"a{n}", subscribers=subscribers) for n in range(first, first + count))
    await commit_alerts(redis, outbox, *alerts)


async def take(
    outbox: Outbox, limit: int = 100, limits: LaneLimits | None = None, impaired: int = 100
) -> list[Leased]:
    """Lease what may be sent now, at most so many, and so many of failing or slow lanes."""
    found: list[Leased] = []
    found_limits = limits or LaneLimits()
    while True:
        request = a_request(
            limit - len(found), impaired=impaired - sum(one.impaired for one in found)
        )
        result = await outbox.lanes.lease(request, lambda _: found_limits)
        found += result.leased
        if result.next_look != timedelta(0) or len(found) == limit:
            return found


async def end(outbox: Outbox, leased: list[Leased], verdict: Verdict) -> list[Settled]:
    """Settle them all alike."""
    return await outbox.lanes.settle([Settlement(one, REFUSED, verdict) for one in leased], at=NOON)


async def confirm(redis: Redis, outbox: Outbox, *subscribers: str) -> None:
    """Have each of them take one delivery, so that their lanes are confirmed."""
    await due(redis, outbox, 1, *subscribers, first=1000)
    await end(outbox, await take(outbox), Completed())


def per_lane(leased: list[Leased]) -> Counter[str]:
    """How many deliveries each subscriber has among them."""
    return Counter(one.subscriber for one in leased)


async def failing(
    redis: Redis, outbox: Outbox, times: int, verdict: Verdict = RETRY_IN_AN_HOUR, *, first: int = 0
) -> list[Settled]:
    """Have so many attempts in a row fail; returns what came of them."""
    found = []
    for n in range(first, first + times):
        await due(redis, outbox, 1, "desk", first=n)
        found += await end(outbox, await take(outbox, 1), verdict)
    return found


def state(redis: Redis, outbox: Outbox, subscriber: str = "desk") -> str:
    """The key of what a lane remembers."""
    return Store(redis, outbox.stream).key(LANE_STATE, subscriber)


async def probe_now(redis: Redis, outbox: Outbox) -> None:
    """As if a minute had gone by."""
    store = Store(redis, outbox.stream)
    await redis.hset(store.key(LANE_STATE, "desk"), "next_probe", "1")
    await redis.zadd(store.key(LANES), {"desk": 1})
