"""Workers and servers killed, paused, restarted and starved: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from chaos.conftest import Seeded
from chaos.publisher import KEPT_ON_DISK
from chaos.scene import Scene, scene
from chaos.witness import Witness
from harness.own_server import Server

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

Gust = Callable[[Scene], Awaitable[None]]


async def kill_a_worker(at: Scene) -> None:
    """After a moment; now and then before it has begun to read."""
    await asyncio.sleep(at.chance.uniform(0.5, 5))
    await at.chance.choice(at.services).kill()


def kill(server: Server) -> Gust:
    """The server, which is away for a moment."""

    async def blow(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(0.2, 3))
        await server.kill()
        await asyncio.sleep(at.chance.uniform(0, 1.5))
        await server.start()

    return blow


def restart(server: Server) -> Gust:
    """The server, in order."""

    async def blow(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(1, 4))
        await server.stop()
        await asyncio.sleep(at.chance.uniform(0, 1))
        await server.start()

    return blow


def pause(server: Server) -> Gust:
    """The server, for longer than a client waits for an answer (5 s)."""

    async def blow(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(0.5, 3))
        server.pause()
        await asyncio.sleep(at.chance.uniform(6, 9))
        server.resume()

    return blow


async def fill_the_memory(at: Scene) -> None:
    """The server takes nothing new for some seconds."""
    await asyncio.sleep(at.chance.uniform(1, 3))
    await at.redis.config_set("maxmemory", "1mb")
    await asyncio.sleep(at.chance.uniform(1, 6))
    await at.redis.config_set("maxmemory", "0")


async def weathered(
    folder: Path,
    server: Server,
    seeded: Seeded,
    gusts: Sequence[Gust],
    *,
    articles: int = 2000,
    services: int = 1,
    killed: bool = False,
) -> None:
    """Blow while articles are published; let all recover, and compare.

    `killed`: the server is, and articles are published once it has flushed them to its disk.
    """
    witnesses = [Witness("desk"), Witness("night-desk")]
    async with (
        server.client() as redis,
        scene(
            folder,
            redis,
            server.url,
            seeded.chance(),
            witnesses,
            services=services,
            safe=KEPT_ON_DISK if killed else None,
        ) as at,
    ):
        await at.reading()
        await at.storm(articles, *gusts, pause=0.5)
        await at.recovered()
        await seeded.judge(at)


async def test_worker_killed(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """SIGKILL for one of two workers every few seconds."""
    await weathered(tmp_path, server, seeded, [kill_a_worker], services=2)


async def test_server_killed(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """SIGKILL for the server every few seconds; its append-only file is read again."""
    await weathered(tmp_path, server, seeded, [kill(server)], killed=True)


async def test_both_killed(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """Workers and server, each in its own time."""
    await weathered(
        tmp_path, server, seeded, [kill(server), kill_a_worker], services=2, killed=True
    )


async def test_server_restarted(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """SIGTERM for the server every few seconds."""
    await weathered(tmp_path, server, seeded, [restart(server)])


async def test_server_paused(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """SIGSTOP for the server, for longer than its clients wait."""
    await weathered(tmp_path, server, seeded, [pause(server)], services=2)


async def test_out_of_memory(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """`noeviction` refuses writes for some seconds, again and again."""
    await weathered(tmp_path, server, seeded, [fill_the_memory])


async def test_everything_at_once(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """Workers killed, the server killed, paused and without memory, one after the other."""

    async def anything(at: Scene) -> None:
        blow = at.chance.choice([kill_a_worker, kill(server), pause(server), fill_the_memory])
        with contextlib.suppress(RedisError, OSError):
            await blow(at)

    await weathered(tmp_path, server, seeded, [anything], services=2, articles=4000, killed=True)
