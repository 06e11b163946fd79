"""The primary killed under Sentinel: what its replica had is not lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.conftest import Seeded
from chaos.publisher import KEPT_BY_A_REPLICA
from chaos.scene import Scene, scene
from chaos.witness import Witness
from harness.sentinels import watched

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]


async def test_failover(tmp_path: Path, seeded: Seeded) -> None:
    """Primary after primary is killed; each comes back as the replica of the next."""
    async with watched(tmp_path) as servers, servers.client() as redis:

        async def fail_over(at: Scene) -> None:
            await asyncio.sleep(at.chance.uniform(1, 4))
            port = await servers.primary()
            await servers.servers[port].kill()
            while await servers.primary() == port:
                await asyncio.sleep(0.1)
            await servers.servers[port].start()
            await servers.has_a_replica()

        async with scene(
            tmp_path,
            redis,
            servers.url,
            seeded.chance(),
            [Witness("desk"), Witness("night-desk")],
            services=2,
            safe=KEPT_BY_A_REPLICA,
        ) as at:
            await at.reading()
            await at.storm(800, fail_over, pause=0.8)
            await at.recovered()
            await seeded.judge(at)
