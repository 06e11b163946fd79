"""What a test does with lanes: fill them, lease from them, and settle what was leased."""

from __future__ import annotations

from collections import Counter

from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, commit_alerts
from builders.leases import MINUTE, REFUSED, RETRY_IN_AN_HOUR
from service.alerts.alert import rfc3339
from service.store.client import Store
from service.store.keys import LANE_STATE, LANES
from service.store.lanes.lanes import LaneLimits, Leased, Settled, Settlement
from service.store.lanes.verdict import Completed, Verdict
from service.store.outbox import Outbox


async def due(redis: Redis, outbox: Outbox, count: int, *subscribers: str, first: int = 0) -> None:
    """Have so many deliveries to each of these subscribers made."""
    alerts = (an_alert(f"a{n}", subscribers=subscribers) for n in range(first, first + count))
    await commit_alerts(redis, outbox, *alerts)


async def take(
    outbox: Outbox, limit: int = 100, limits: LaneLimits | None = None, doubtful: int = 100
) -> list[Leased]:
    """Lease what may be sent now, at most so many, and so many of doubtful lanes."""
    found: list[Leased] = []
    found_limits = limits or LaneLimits()
    while True:
        leased, again = await outbox.lanes.lease(
            limit - len(found),
            MINUTE,
            worker="w",
            at=NOON,
            limits_of=lambda _: found_limits,
            doubtful=doubtful - sum(one.doubtful for one in found),
        )
        found += leased
        if again != 0.0 or len(found) == limit:
            return found


async def end(outbox: Outbox, leased: list[Leased], verdict: Verdict) -> list[Settled]:
    """Settle them all alike."""
    return await outbox.lanes.settle(
        [Settlement(one, REFUSED, verdict) for one in leased], at=rfc3339(NOON)
    )


async def confirm(redis: Redis, outbox: Outbox, *subscribers: str) -> None:
    """Have each of them take one delivery, so that their lanes are doubtful no longer."""
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
