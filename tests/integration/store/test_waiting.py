"""Workers that wait: each is woken when there is work for it, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from builders.alerts import (
    NOON,
    a_request,
    an_alert,
    at_once,
    commit_alerts,
    eventually,
    lease,
    settle,
)
from builders.leases import MINUTE, REFUSED, RETRY_NOW, lease_one
from service.store.client import Store
from service.store.keys import BELL
from service.store.lanes.leases import Leased
from service.store.outbox import Outbox


async def test_a_commit_of_another_process_wakes_a_waiting_worker(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """The wait ends with the commit, long before its time is up."""
    await outbox.input_stream.ensure_group()
    async with Redis.from_url(server_url) as other:
        waiting = asyncio.create_task(Outbox(other, outbox.stream).lanes.wait(MINUTE))
        await eventually(blocked_clients(redis, 1))
        await commit_alerts(redis, outbox, an_alert())
        async with asyncio.timeout(1):
            await waiting


async def test_one_commit_wakes_as_many_workers_as_there_is_work_for(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """Whoever leases and leaves more behind wakes the next."""
    async with Redis.from_url(server_url) as one, Redis.from_url(server_url) as two:
        outboxes = [Outbox(client, outbox.stream) for client in (one, two)]

        async def work(mine: Outbox) -> list[Leased]:
            await mine.lanes.wait(MINUTE)
            return await lease(mine, 2, MINUTE, worker="w", at=NOON)

        await outbox.input_stream.ensure_group()
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
    await redis.delete(Store(redis, outbox.stream).key(BELL))
    pause: timedelta | None = timedelta(0)
    while pause == timedelta(0):  # the lane is looked at once more, and found to be full
        pause = (await outbox.lanes.lease(a_request(1), at_once)).next_look
    assert pause is not None
    assert timedelta(0) < pause <= timedelta(seconds=0.2)
    async with asyncio.timeout(1.5):
        await outbox.lanes.wait(pause)
    assert (await lease_one(outbox)).attempt == 2


async def test_a_retry_is_not_late_for_whoever_waits(
    server_url: str, redis: Redis, outbox: Outbox
) -> None:
    """A verdict that brings a delivery forward has the waiting reckon anew."""
    await commit_alerts(redis, outbox, an_alert())
    leased = await lease_one(outbox)
    async with Redis.from_url(server_url) as other:
        await redis.delete(Store(redis, outbox.stream).key(BELL))
        waiting = asyncio.create_task(Outbox(other, outbox.stream).lanes.wait(MINUTE))
        await eventually(blocked_clients(redis, 1))
        assert await settle(outbox, leased, REFUSED, RETRY_NOW)
        async with asyncio.timeout(1):
            await waiting


async def test_a_wait_is_shorter_than_a_sockets_patience(redis: Redis, outbox: Outbox) -> None:
    """No command blocks at the server for longer than redis-py waits for an answer."""
    async with asyncio.timeout(4):
        await outbox.lanes.wait(timedelta(hours=1))
        await outbox.lanes.wait(timedelta(0))
    assert await redis.ping()


def blocked_clients(redis: Redis, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many clients wait at the server."""

    async def holds() -> bool:
        info: Any = await redis.info("clients")
        return bool(info["blocked_clients"] == count)

    return holds
