"""The worker with a real Valkey and real receivers: everything arrives, once and at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import structlog
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import an_alert, commit_alerts, eventually
from builders.deliveries import ID, delivering, reached
from harness.receiver import Receiver, answer, hang
from service.alerts.alert import delivery_id
from service.store.outbox import Outbox


async def test_an_alert_arrives_once_and_signed(redis: Redis, outbox: Outbox) -> None:
    """One request, which the reference library verifies, under the delivery's id."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        (delivered,) = await reached(outbox, "delivered")
    (request,) = desk.requests
    assert request.verifies()
    assert request.id == delivered.id == ID
    assert json.loads(request.body)["data"]["id"] == an_alert().id
    (attempt,) = delivered.attempts
    assert (attempt.status, attempt.error, attempt.worker) == (204, "", "w")
    assert attempt.duration_ms is not None


async def test_an_alert_arrives_at_once(redis: Redis, outbox: Outbox) -> None:
    """The commit wakes an idle worker: nothing waits for a poll."""
    async with Receiver() as desk, delivering(outbox, desk.subscriber()):
        await eventually(lambda: _blocked(redis))
        begun = asyncio.get_running_loop().time()
        await commit_alerts(redis, outbox, an_alert())
        await eventually(lambda: bool(desk.requests))
        assert asyncio.get_running_loop().time() - begun < 1.0


async def _blocked(redis: Redis) -> bool:
    info: Mapping[str, int] = await redis.info("clients")
    return info["blocked_clients"] == 1


async def test_every_subscriber_gets_its_own(redis: Redis, outbox: Outbox) -> None:
    """One delivery per alert and subscriber, each under its own id."""
    alerts = [an_alert(f"a{n}", subscribers=("desk", "energy")) for n in range(4)]
    await commit_alerts(redis, outbox, *alerts)
    async with Receiver() as desk, Receiver() as energy:
        energy.usual = answer(500)
        async with delivering(outbox, desk.subscriber(), energy.subscriber("energy"), schedule=()):
            await reached(outbox, "delivered", 4)
            await reached(outbox, "failed", 4)
    assert sorted(desk.ids) == sorted(delivery_id(alert.id, "desk") for alert in alerts)
    assert sorted(energy.ids) == sorted(delivery_id(alert.id, "energy") for alert in alerts)


async def test_one_worker_serves_several_streams(redis: Redis) -> None:
    """Each input stream has an outbox of its own; one worker empties them all."""
    outboxes = [Outbox(redis, name) for name in ("news", "wires")]
    for outbox in outboxes:
        await commit_alerts(redis, outbox, an_alert(outbox.stream))
    async with Receiver() as desk, delivering(outboxes, desk.subscriber(), concurrency=1):
        for outbox in outboxes:
            await reached(outbox, "delivered")
    assert len(set(desk.ids)) == 2


async def test_concurrency_is_bounded(redis: Redis, outbox: Outbox) -> None:
    """No more are leased than can be sent at once; the rest stay for other workers."""
    async with Receiver() as desk, delivering(outbox, desk.subscriber(), concurrency=2):
        await commit_alerts(redis, outbox, an_alert("first"))
        await reached(outbox, "delivered")  # who has not answered yet is sent one at a time
        desk.usual = hang()
        await commit_alerts(redis, outbox, *(an_alert(f"a{n}") for n in range(6)))
        await eventually(lambda: len(desk.requests) == 1 + 2)
        begun = [one for one in await outbox.deliveries.newest() if one.attempts]
        assert len(begun) == 1 + 2
        desk.closing.set()
        await reached(outbox, "delivered", 1 + 6)


async def test_receivers_that_hang_at_once_leave_room_for_others(
    redis: Redis, outbox: Outbox
) -> None:
    """Those behind one load balancer, all known to answer well, have more waiting than fits."""
    async with Receiver() as balancer, Receiver() as desk:
        behind = [replace(balancer.subscriber(name), concurrency=8) for name in ("a", "b", "c")]
        names = tuple(one.id for one in behind)
        async with delivering(outbox, desk.subscriber(), *behind, concurrency=16, patience=25):
            await commit_alerts(redis, outbox, an_alert("first", subscribers=names))
            await reached(outbox, "delivered", 3)
            balancer.usual = hang()
            many = [an_alert(f"many{n}", subscribers=names) for n in range(8)]
            await commit_alerts(redis, outbox, *many)
            # Three quarters of the slots by their concurrency, the last of them one to a lane.
            await eventually(lambda: len(balancer.requests) == 3 + 12)
            await commit_alerts(redis, outbox, an_alert())
            await eventually(lambda: desk.ids == [ID])
            assert len(balancer.requests) == 3 + 12
            balancer.closing.set()
            await reached(outbox, "delivered", 3 + 24 + 1)
    assert len(balancer.ids) == len(set(balancer.ids)) == 27


async def test_two_workers_send_each_delivery_once(
    redis_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Work is shared, not doubled."""
    alerts = [an_alert(f"a{n}") for n in range(60)]
    async with (
        Receiver() as desk,
        Redis.from_url(redis_url) as other,
        delivering(outbox, desk.subscriber(), name="one"),
        delivering(Outbox(other, outbox.stream), desk.subscriber(), name="two"),
    ):
        await commit_alerts(redis, outbox, *alerts)
        delivered = await reached(outbox, "delivered", 60)
    assert len(desk.ids) == len(set(desk.ids)) == 60
    assert {len(one.attempts) for one in delivered} == {1}


async def test_log_lines_name_the_delivery(redis: Redis, outbox: Outbox) -> None:
    """Each fact carries the ids of delivery, alert and subscriber, the attempt, and its figures."""
    await commit_alerts(redis, outbox, an_alert())
    merge = structlog.contextvars.merge_contextvars
    async with Receiver() as desk:
        with capture_logs(processors=[merge]) as logs:
            async with delivering(outbox, desk.subscriber()):
                await reached(outbox, "delivered")
    (line,) = [one for one in logs if one["event"] == "delivery.delivered"]
    assert line["delivery_id"] == ID
    assert line["alert_id"] == an_alert().id
    assert (line["subscriber_id"], line["attempt"], line["status"]) == ("desk", 1, 204)
    assert line["duration_ms"] >= 0


async def test_a_moved_subscriber_is_reached_at_its_new_address(
    redis: Redis, outbox: Outbox
) -> None:
    """The rules in force at the attempt count, not those at the match."""
    await commit_alerts(redis, outbox, an_alert())
    async with Receiver() as old, Receiver() as new:
        known = {"desk": old.subscriber()}
        known["desk"] = replace(known["desk"], channel=new.subscriber().channel)
        async with delivering(outbox, *known.values()):
            await reached(outbox, "delivered")
    assert (old.ids, new.ids) == ([], [ID])
