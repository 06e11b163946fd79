"""Receivers that hang, reset, refuse, drip and flood beside one that is well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from builders.alerts import eventually
from chaos.conftest import Seeded
from chaos.scene import Scene, scene
from chaos.witness import Witness
from harness.own_server import Server
from harness.receiver import answer, drip_body, drip_headers, flood, hang, reset
from harness.service_process import tocsin

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

GIGABYTE = 2**30
ARTICLES = 800


def bad() -> list[Witness]:
    """One of each kind."""
    return [
        Witness("hangs", hang()),
        Witness("resets", reset()),
        Witness("fails", answer(500)),
        Witness("is-busy", answer(429, retry_after="2")),
        Witness("is-gone", answer(410)),
        Witness("drips-headers", drip_headers()),
        # Well enough to be trusted, and slow: they take as many at a time as any.
        *(Witness(f"drips-{number}", drip_body()) for number in range(5)),
        Witness("floods", flood(GIGABYTE)),
    ]


def p95(at: Scene) -> float:
    """Seconds from an article's writing until the desk has its alert, for 19 of 20."""
    desk = at.witnesses["desk"]
    took = sorted(one.when - at.publisher.expected[one.article] for one in desk.accepted)
    return took[len(took) * 95 // 100]


async def published(at: Scene) -> int:
    """Publish at an even pace; by how much the service's memory grew, at most."""
    (service,) = at.services
    await at.reading()
    # What a first alert needs, such as its dictionaries, is no growth.
    await at.publisher.publish(100, batch=2, pause=0.1)
    before = most = service.resident()

    async def watch(_: Scene) -> None:
        nonlocal most
        most = max(most, service.resident())
        await asyncio.sleep(0.1)

    await at.storm(ARTICLES, watch, batch=2, pause=0.1)
    desk = at.witnesses["desk"]
    await eventually(lambda: desk.articles == set(at.publisher.expected), 60)
    return most - before


async def healed(at: Scene, sick: Sequence[Witness]) -> None:
    """All take what comes now; the operator tells the service so of those that it gave up."""
    for one in sick:
        one.usual = answer(204)
        one.closing.set()  # ends what hangs and drips
        one.closing = asyncio.Event()
    for one in sick:
        if one.name != "fails":  # this one it finds out by itself
            assert (await tocsin(at.place, "subscribers", "enable", one.name))[0] == 0
    code, out, error = await tocsin(at.place, "deliveries", "recover", "is-gone", "--since", "1h")
    assert code == 0, out + error


async def test_bad_receivers(tmp_path: Path, server: Server, seeded: Seeded) -> None:
    """They delay nobody, cost no memory, and lose nothing once they are well."""
    async with server.client() as redis:
        (tmp_path / "alone").mkdir()
        async with scene(
            tmp_path / "alone", redis, server.url, seeded.chance(), [Witness("desk")]
        ) as at:
            usual = await published(at)
            alone = p95(at)
            await at.recovered()
            await seeded.judge(at, "one good receiver")
        await redis.flushall()
        sick = bad()
        witnesses = [Witness("desk"), *sick]
        async with scene(tmp_path, redis, server.url, seeded.chance(), witnesses) as at:
            grown = await published(at)
            beside = p95(at)
            sent = at.witnesses["floods"].sent
            print(  # noqa: T201 - the figures are what this run is for
                f"\nthe desk's alerts, 95 %: {alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms "
                f"beside {len(sick)} bad receivers; memory grew by {usual / 2**20:.0f} MB and "
                f"{grown / 2**20:.0f} MB, while one of them sent {sent / 2**20:.0f} MB"
            )
            await healed(at, sick)
            await at.recovered()
            await seeded.judge(at)
        assert beside < 3 * alone + 0.25
        assert grown < 64 * 2**20
