"""What is due is told by the Redis server's clock; the workers' own may say what they like."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from builders.alerts import NOON, an_alert, at_once, commit_alerts, eventually
from service.alerts.alert import rfc3339
from service.store.deliveries.delivery import Attempt
from service.store.lanes.lanes import Settlement
from service.store.lanes.verdict import RetryLater
from service.store.outbox import Outbox

REFUSED = Attempt("2026-11-23T12:00:01.000Z", "w", 500, 12, "answered 500", "oops")
JUMPS = [timedelta(hours=hours) for hours in (0, 9, -9, 24 * 400, -24 * 400)]


async def test_a_worker_whose_clock_jumps_changes_nothing_in_what_is_due(
    redis: Redis, stream_name: str
) -> None:
    """By years ahead and back, between each lease and its settlement."""
    outbox = Outbox(redis, stream_name)
    await commit_alerts(redis, outbox, an_alert())
    for jump in JUMPS:
        (leased,), _ = await outbox.lanes.lease(
            1, timedelta(minutes=1), worker="w", at=NOON + jump, limits_of=at_once
        )
        none, again = await outbox.lanes.lease(
            1, timedelta(minutes=1), worker="v", at=NOON - jump, limits_of=at_once
        )
        assert none == []  # it is the first worker's, whatever the second takes the time for
        assert again is None or again <= 60.5
        await outbox.lanes.settle(
            [Settlement(leased, REFUSED, RetryLater(timedelta(seconds=0.05)))],
            at=rfc3339(NOON - 2 * jump),
        )
        _, again = await outbox.lanes.lease(
            0, timedelta(minutes=1), worker="w", at=NOON + jump, limits_of=at_once
        )
        await outbox.lanes.enable("desk")  # five failures in a row would open the circuit

        async def due() -> bool:
            _, wait = await outbox.lanes.lease(
                0, timedelta(minutes=1), worker="w", at=NOON, limits_of=at_once
            )
            return wait == 0.0

        await eventually(due, 1)
