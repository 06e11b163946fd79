"""What a killed or failed-over Redis loses of what it has acknowledged, for each setting."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from builders.alerts import NOON, an_alert, commit_alerts, eventually, lease
from harness.own_server import Server
from service.store.client import Store
from service.store.keys import DELIVERY
from service.store.outbox import Outbox

STREAM = "articles"


async def written(redis: Redis, number: int, *, wait: int = 0) -> list[Any]:
    """Write so many articles; the ids of those that the server has acknowledged.

    `wait`: those that so many replicas have acknowledged too.
    """
    found = []
    for each in range(number):
        id_ = await redis.xadd(STREAM, {"title": f"Article {each}"})
        if wait and await redis.wait(wait, 100) < wait:
            continue
        found.append(id_)
    return found


async def kept(server: Server) -> list[Any]:
    """The ids of the articles that it has."""
    async with server.client() as redis:
        rows: Any = await redis.xrange(STREAM)
    return [id_ for id_, _ in rows]


async def killed_while_writing(server: Server, articles: int) -> list[Any]:
    """What it acknowledged until it was killed, and started again."""
    acknowledged: list[Any] = []
    async with server.client() as redis:

        async def write() -> None:
            while True:
                acknowledged.append(await redis.xadd(STREAM, {"title": "a"}))

        writer = asyncio.create_task(write())
        await eventually(lambda: len(acknowledged) >= articles)
        await server.kill()
        with pytest.raises((RedisError, OSError)):
            await writer
    await server.start()
    return acknowledged


@pytest.mark.parametrize("policy", ["always", "everysec", "no"])
async def test_a_killed_server_has_what_it_wrote_to_its_file(tmp_path: Path, policy: str) -> None:
    """Whenever it flushes: the file is the system's, which has not ended. (Power was not lost.)"""
    async with Server(tmp_path / "server", "--appendfsync", policy) as server:
        acknowledged = await killed_while_writing(server, 300)
        assert set(acknowledged) <= set(await kept(server))


async def test_without_a_file_all_since_the_snapshot_is_lost(tmp_path: Path) -> None:
    """What came before is there again, and is alerted again if it was finished since."""
    async with Server(tmp_path / "server", "--appendonly", "no") as server:
        async with server.client() as redis:
            before = await written(redis, 10)
            await redis.save()
            assert await written(redis, 10)
        await server.kill()
        await server.start()
        assert await kept(server) == before


class _Pair:
    """A primary with one replica, which is made the primary when the first has ended."""

    def __init__(self, primary: Server, replica: Server) -> None:
        self.primary, self.replica = primary, replica

    async def in_step(self) -> None:
        """Return once the replica follows."""

        async def linked() -> bool:
            async with self.replica.client() as redis:
                told = await redis.info("replication")
            return bool(told["master_link_status"] == "up")

        await eventually(linked, 30)

    async def fail_over(self) -> None:
        """To the replica, with what it had read: as Sentinels and clusters do."""
        await self.primary.kill()
        await self.replica.kill()
        await self.replica.start()
        async with self.replica.client() as redis:
            await redis.replicaof("NO", "ONE")


def _pair(folder: Path, *options: str) -> _Pair:
    primary = Server(folder / "primary", *options)
    return _Pair(
        primary, Server(folder / "replica", "--replicaof", f"127.0.0.1 {primary.port}", *options)
    )


async def test_a_failover_loses_what_the_replica_did_not_have(tmp_path: Path) -> None:
    """Flushed or not. Whoever waits for the replica is told, and writes it again."""
    pair = _pair(tmp_path, "--appendfsync", "always")
    async with pair.primary, pair.replica:
        await pair.in_step()
        async with pair.primary.client() as redis:
            sure = await written(redis, 10, wait=1)
            assert len(sure) == 10
            pair.replica.pause()
            unsure = await written(redis, 5)
            assert await written(redis, 1, wait=1) == []  # WAIT says 0
        await pair.fail_over()
        found = await kept(pair.replica)
        assert set(sure) <= set(found)
        assert not set(unsure) & set(found)


async def test_a_primary_that_is_cut_off_takes_no_more_writes(tmp_path: Path) -> None:
    """With `min-replicas-to-write 1`; what came within `min-replicas-max-lag` is lost."""
    options = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", "1")
    pair = _pair(tmp_path, *options)
    async with pair.primary, pair.replica:
        await pair.in_step()
        async with pair.primary.client() as redis:
            pair.replica.pause()
            taken: list[Any] = []

            async def refused() -> bool:
                try:
                    taken.extend(await written(redis, 1))
                except ResponseError as error:
                    return "NOREPLICAS" in str(error)
                return False

            await eventually(refused, 30)
        await pair.fail_over()
        async with pair.replica.client() as redis:
            await redis.config_set("min-replicas-to-write", 0)
        assert not set(taken) & set(await kept(pair.replica))


@pytest.mark.parametrize(
    ("policy", "goes"), [("allkeys-lru", True), ("volatile-lru", False), ("noeviction", False)]
)
async def test_what_is_evicted(tmp_path: Path, policy: str, *, goes: bool) -> None:
    """`allkeys-…` deletes deliveries that wait; the others refuse articles before they do."""
    async with (
        Server(tmp_path / "server", "--maxmemory-policy", policy) as server,
        server.client() as redis,
    ):
        outbox = Outbox(redis, STREAM)
        alerts = [an_alert(f"a{number}") for number in range(20)]
        await commit_alerts(redis, outbox, *alerts)
        store = Store(redis, STREAM)
        waiting = [store.key(DELIVERY, each.id) for each in await outbox.deliveries.newest()]
        others = [key async for key in redis.scan_iter() if key.decode() not in waiting]
        kept_aside = {key: await redis.dump(key) for key in others}
        await redis.config_set("maxmemory", (await redis.info("memory"))["used_memory"] + 200_000)
        refused = await _filled(redis, waiting)
        await redis.config_set("maxmemory", 0)
        gone = len(waiting) - await redis.exists(*waiting)
        assert (gone > 0) == goes
        assert refused != goes
        if goes:
            for key, content in kept_aside.items():  # a lane that went as well leases nothing
                await redis.restore(key, 0, content or b"", replace=True)
            await lease(outbox, 30, timedelta(seconds=60), worker="w", at=NOON)
            assert await outbox.input_stream.lost_deliveries() > 0


async def _filled(redis: Redis, until: Sequence[str]) -> bool:
    """Write to other keys until it refuses, or some of these are gone; whether it refused."""
    for number in range(10_000):
        try:
            await redis.set(f"other:{number}", "x" * 1000)
        except OutOfMemoryError:
            return True
        if await redis.exists(*until) < len(until):
            return False
    raise AssertionError("neither refused nor evicted")
