"""What is due is told by the Redis server's clock; the workers' own may say what they like."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from builders.alerts import NOON, a_request, an_alert, at_once, commit_alerts, eventually
from service.store.deliveries.delivery import Attempt
from service.store.lanes.settlement import Settlement
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
        (leased,) = (await outbox.lanes.lease(a_request(1, at=NOON + jump), at_once)).leased
        other = a_request(1, worker="v", at=NOON - jump)
        result = await outbox.lanes.lease(other, at_once)
        assert result.leased == ()  # it is the first worker's, whatever the second's clock says
        assert result.next_look is None or result.next_look <= timedelta(seconds=60.5)
        await outbox.lanes.settle(
            [Settlement(leased, REFUSED, RetryLater(timedelta(seconds=0.05)))],
            at=NOON - 2 * jump,
        )
        await outbox.lanes.lease(a_request(0, at=NOON + jump), at_once)
        await outbox.lanes.enable("desk")  # five failures in a row would open the circuit

        async def due() -> bool:
            found = await outbox.lanes.lease(a_request(0), at_once)
            return found.next_look == timedelta(0)

        await eventually(due, 1)
