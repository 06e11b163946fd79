"""Primaries of a cluster killed, and slots moved, under load: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.conftest import Seeded
from chaos.publisher import KEPT_BY_A_REPLICA
from chaos.scene import Scene, scene
from chaos.witness import Witness
from harness.redis_cluster import SLOTS, cluster, move_slot, streams_by_primary
from service.app.redis.clients import clients

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

STREAMS = streams_by_primary(2)


async def test_cluster_failover(tmp_path: Path, seeded: Seeded) -> None:
    """Six streams on three primaries: one after the other is killed, and comes back as a replica.

    With `appendfsync always`, and a publisher that waits for one replica.
    """
    options = ("--appendfsync", "always")
    async with (
        cluster(tmp_path / "cluster", *options, replicas=True) as servers,
        clients(servers.url) as client_of,
    ):

        async def fail_over(at: Scene) -> None:
            await asyncio.sleep(at.chance.uniform(1, 4))
            stream = at.chance.choice(STREAMS)
            lost = await servers.primary(stream)
            await lost.kill()
            while await servers.primary(stream) is lost:
                await asyncio.sleep(0.1)
            await lost.start()
            await servers.ready()

        async with scene(
            tmp_path,
            {stream: client_of(stream) for stream in STREAMS},
            servers.url,
            seeded.chance(),
            [Witness("desk"), Witness("night-desk")],
            services=2,
            safe=KEPT_BY_A_REPLICA,
        ) as at:
            await at.reading()
            await at.storm(600, fail_over, pause=0.8)
            await at.recovered()
            await seeded.judge(at)


async def test_slots_moved(tmp_path: Path, seeded: Seeded) -> None:
    """The slots of three streams go from primary to primary, key by key, while articles come."""
    streams = streams_by_primary()
    async with (
        cluster(tmp_path / "cluster") as servers,
        clients(servers.url) as client_of,
    ):

        async def move(at: Scene) -> None:
            await asyncio.sleep(at.chance.uniform(0, 2))
            stream = at.chance.choice(streams)
            source = servers.nodes.index(await servers.primary(stream))
            other = (source + at.chance.randint(1, len(SLOTS) - 1)) % len(SLOTS)
            await move_slot(servers, stream, servers.nodes[other], pause=at.chance.uniform(0, 0.02))

        async with scene(
            tmp_path,
            {stream: client_of(stream) for stream in streams},
            servers.url,
            seeded.chance(),
            [Witness("desk"), Witness("night-desk")],
            services=2,
        ) as at:
            await at.reading()
            await at.storm(600, move, pause=0.8)
            await at.recovered()
            await seeded.judge(at)
