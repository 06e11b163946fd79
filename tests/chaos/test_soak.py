"""Full load for ten minutes: what the service occupies does not grow."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from chaos.conftest import Seeded
from chaos.kept import Kept
from chaos.sink import Sink
from harness.own_server import Server
from harness.service_process import JETS, Place, settled
from service.store.client import Store
from service.store.keys import DELIVERIES

SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
AHEAD = 4000
"""Articles and deliveries that may wait: enough to keep the service busy."""
TOLERANCE = 1.1
STRANGE = 3_000
"""So many articles, the first, are of words never seen: they fill what the service remembers of
200,000 words, which would else grow for a quarter of an hour."""
RULES = JETS + "    concurrency: 64\n"
"""One receiver that takes as much as there is."""

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS * 2 + 300)]


class Press:
    """Writes as many articles as are taken; every other one matches."""

    def __init__(self, redis: Redis, stream: str, chance: Random) -> None:
        self._redis = redis
        self._store = Store(redis, stream)
        self._chance = chance
        # As large as what one language's news use; names that were never seen come besides.
        self._words = [f"word{number}" for number in range(30_000)]
        self.count = 0

    async def run(self, until: float) -> None:
        """Write until then."""
        while monotonic() < until:
            if await self._waiting() > AHEAD:
                await asyncio.sleep(0.02)
                continue
            async with self._redis.pipeline(transaction=False) as pipe:
                for _ in range(200):
                    pipe.xadd(self._store.stream, {"article": self._article()})
                await pipe.execute()

    async def _waiting(self) -> int:
        (group,) = await self._redis.xinfo_groups(self._store.stream)
        pending = await self._redis.zcard(self._store.key(DELIVERIES, "pending"))
        return int(group["lag"] or 0) + pending

    def _article(self) -> str:
        number, self.count = self.count, self.count + 1
        matching = number % 2 == 0
        strange = 100 if number < STRANGE else 1
        words = self._chance.choices(self._words, k=101 - strange)
        words += [f"name{self._chance.randrange(10**9)}" for _ in range(strange)]
        return json.dumps(
            {
                "id": f"article-{number}",
                "title": "Pakistan and Turkey agree" if matching else "Nothing happened",
                "body": "They will build a fighter jet. " * matching + " ".join(words),
            }
        )


async def test_soak(tmp_path: Path, seeded: Seeded) -> None:
    """The median of its last quarter is that of its second one, or hardly more."""
    samples: list[tuple[float, int, int]] = []
    # What the server remembers is not what is measured here: it keeps no file.
    async with (
        Server(tmp_path / "server", "--appendonly", "no") as server,
        server.client() as redis,
        Sink() as sink,
    ):
        place = Place(
            tmp_path,
            server.url,
            "articles",
            sink,
            rules=RULES,
            more={"TOCSIN_LOG_LEVEL": "warning", "TOCSIN_DELIVERY_CONCURRENCY": "64"},
        )
        async with Kept(place) as service:
            await eventually(lambda: _begun(redis), 60)
            press = Press(redis, "articles", seeded.chance())
            begun = monotonic()
            pressing = asyncio.create_task(press.run(begun + SECONDS))
            while not pressing.done():
                await asyncio.wait((pressing,), timeout=1)
                samples.append((monotonic() - begun, service.resident(), len(sink.taken)))
            await pressing
            await settled(redis, "articles", 300)
            assert await service.stop() == 0
            assert service.ends == []
    second, last = _quarter(samples, 1), _quarter(samples, 3)
    print(_table(samples, press.count))  # noqa: T201 - the figures are what this run is for
    assert sorted(sink.taken) == [*range(0, press.count, 2)]
    assert not sink.doubles
    assert last <= TOLERANCE * second, f"{second / 2**20:.0f} MB became {last / 2**20:.0f} MB"


async def _begun(redis: Redis) -> bool:
    return bool(await redis.exists("articles"))


def _quarter(samples: list[tuple[float, int, int]], number: int) -> float:
    size = len(samples) // 4
    return median(resident for _, resident, _ in samples[number * size : (number + 1) * size])


def _table(samples: list[tuple[float, int, int]], articles: int) -> str:
    rows = [f"\n{articles} articles, half of them alerts\n seconds  memory MB  delivered"]
    for at in range(0, len(samples), max(1, len(samples) // 20)):
        seconds, resident, taken = samples[at]
        rows.append(f"{seconds:8.0f} {resident / 2**20:10.0f} {taken:10}")
    return "\n".join(rows)
